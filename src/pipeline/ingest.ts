/**
 * From inputs to a store that holds them: each is read, hashed, looked up, and if its bytes are new to this version of
 * the reader, kept and read in a thread. Every input ends in exactly one outcome, which the run's manifest lists; the
 * sum of outcomes is the number of inputs, whatever happens to one of them: a document that the store refuses has failed,
 * and only a store that cannot be reached any more ends the run. Bounded: at most `2 x threads` documents are
 * in memory, and results go to the store as they come, so that a batch which is cut off keeps what it has.
 */
import { createHash } from 'node:crypto'
import { detectKind } from '../../parsers/detect.ts'
import type { Registry } from '../forms/registry.ts'
import type { Reading, Severity } from '../model.ts'
import { getBlob, putBlob } from '../store/blobs.ts'
import { persistently, refusalOf } from '../store/faults.ts'
import type { Store } from '../store/open.ts'
import { type HandedIn, type KnownOutcome, type SaveInput, type SaveResult, saveReading } from '../store/reports.ts'
import { countItems, finishRun, type RunItem, recordItems, startRun } from '../store/runs.ts'
import { refreshTotals } from '../store/totals.ts'
import { isReport, lookUp, outcomeOf, readerFor, saysNoMore, stands } from './again.ts'
import { failedReading } from './failed-reading.ts'
import { fileNameOf, type Input, type InputBytes, readInput } from './inputs.ts'
import { recheckPending, recheckReading, type Unjudged } from './recheck.ts'
import type { Readers } from './threads.ts'

/** An input that may have been read before: then its bytes are also in the store. */
export type IngestInput = Input & {
  readonly sha256?: string
  /** When these bytes were handed in first, where that is known. */
  readonly handedIn?: string | null
}

export type IngestContext = {
  readonly store: Store
  readonly registry: Registry
  readonly readers: Readers
  /** Version of the reader: what was read by the same one is not read again. */
  readonly reader: string
  /** The command line, kept with the run. */
  readonly arguments: readonly string[]
  /** Read again what is known to have failed, or to want an engine. */
  readonly retry: boolean
  readonly now: () => Date
  /** Once it is aborted no new input is begun; those begun are finished. */
  readonly signal?: AbortSignal
  readonly onItem?: (item: RunItem) => void
}

export type IngestSummary = {
  readonly run: string
  readonly status: 'finished' | 'interrupted'
  readonly inputs: number
  readonly outcomes: Readonly<Record<RunItem['outcome'], number>>
  /** Of what this run stored. */
  readonly facts: number
  readonly findings: Readonly<Record<Severity, number>>
  readonly partial: number
  /** Reports that could not be compared with others, so far; the next run tries again. */
  readonly unjudged: readonly Unjudged[]
  readonly milliseconds: number
}

/** What became of one input, before it has a duration. */
type Result = Omit<RunItem, 'path' | 'archive' | 'reader' | 'milliseconds'> & {
  readonly read: Reading | null
  readonly unjudged: readonly Unjudged[]
}

/** Items are written together once there are this many, or the oldest has waited this long. */
const itemBatchCount = 64
const itemBatchMilliseconds = 500

/**
 * Takes all inputs into the store and gives the sums of the run.
 * @throws UserError of the store, `store_unreachable` where it stays away: what is stored by then stays, and the same inputs
 * given again are taken up from there; anything else thrown is a bug, and the run is left as interrupted
 */
export async function ingest(
  inputs: AsyncIterable<IngestInput> | Iterable<IngestInput>,
  context: IngestContext,
): Promise<IngestSummary> {
  const startedAt = context.now()
  const { store, reader } = context
  // A run that was cut off may have left reports that were not compared with others.
  const { unjudged: left } = await recheckPending(context)
  const run = await startRun(store, { reader, arguments: [...context.arguments], startedAt })
  const tally = makeTally(left)
  const manifest = makeManifest(store, run)
  const take = makeTaker(context)
  const stamp = makeStamps(context.now)
  await forEachBounded(inputs, context.readers.threads * 2, context.signal, async (input) => {
    const begun = performance.now()
    const { read, unjudged, ...result } = await take(input, stamp())
    const { path, archive = null } = input
    const item: RunItem = { path, archive, reader, ...result, milliseconds: Math.round(performance.now() - begun) }
    tally.add(item, read, unjudged)
    await manifest.add(item)
    context.onItem?.(item)
  }).finally(() => manifest.flush())
  await refreshTotals(store, context.now())
  const finishedAt = context.now()
  const status = context.signal?.aborted ? 'interrupted' : 'finished'
  await persistently(store, () => finishRun(store, run, { finishedAt, status }))
  return { run, status, ...tally.sums(), milliseconds: finishedAt.getTime() - startedAt.getTime() }
}

/** Times that come after one another: of two inputs on one report the later is the newer, whichever is read first. */
function makeStamps(now: () => Date): () => HandedIn {
  let microseconds = 0
  return () => {
    microseconds = Math.max(now().getTime() * 1000, microseconds + 1)
    const whole = new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, -1)
    return { at: `${whole}${String(microseconds % 1000).padStart(3, '0')}Z`, queued: null }
  }
}

/**
 * One input to its result. Two inputs with the same bytes at the same time: the second waits until the first is in the
 * store, and is then a duplicate like any other.
 */
function makeTaker(context: IngestContext): (input: IngestInput, handedIn: HandedIn) => Promise<Result> {
  const underWay = new Map<string, Promise<Result>>()
  const retried = new Set<string>()
  return async (input, handedIn) => {
    const content = await bytesOf(input, context.store)
    if (!content.ok) return nothingRead(content)
    const sha256 = createHash('sha256').update(content.bytes).digest('hex')
    while (underWay.has(sha256)) await underWay.get(sha256)
    const again = context.retry && !retried.has(sha256)
    if (context.retry) retried.add(sha256)
    const before = sha256 === input.sha256 ? (input.handedIn ?? null) : null
    const came = before === null ? handedIn : { at: before, queued: null }
    const work = takeBytes(input, content.bytes, { sha256, handedIn: came }, again, context)
    underWay.set(sha256, work)
    try {
      return await work
    } finally {
      underWay.delete(sha256)
    }
  }
}

async function takeBytes(
  input: IngestInput,
  bytes: Uint8Array,
  { sha256, handedIn }: { readonly sha256: string; readonly handedIn: HandedIn },
  retry: boolean,
  context: IngestContext,
): Promise<Result> {
  const { store, reader } = context
  const known = await persistently(store, () => lookUp(store, sha256, reader))
  const kind = detectKind(bytes)
  const keep = ({ outcome, reason, reading }: KnownOutcome): Result => {
    const told = outcome === 'stored' ? 'duplicate' : outcome
    return { sha256, bytes: bytes.length, kind, outcome: told, reason, reading, read: null, unjudged: [] }
  }
  if (stands(known, retry)) return keep(known)
  // The blob first: a reading in the store always has its bytes.
  await putBlob(store.blobs, sha256, bytes)
  const understood = await context.readers.read(bytes, { fileName: fileNameOf(input) })
  if (saysNoMore(understood, known)) return keep(known)
  const { read, saved } = await save(context, {
    sha256,
    bytes: bytes.length,
    path: input.path,
    archive: input.archive ?? null,
    reader: readerFor(known, reader),
    reading: understood,
    seenAt: context.now(),
    handedIn,
  })
  const { unjudged } = saved.reading > 0 ? await recheckReading(saved.reading, context) : { unjudged: [] }
  return {
    sha256,
    bytes: bytes.length,
    kind,
    outcome: outcomeOf(read, saved),
    reason: read.reason,
    reading: isReport(read) ? saved.reading : null,
    read,
    unjudged,
  }
}

/**
 * Saves a reading. Where the store refuses it, that is no property of the document, so that the manifest alone says it, as
 * for queued documents.
 */
async function save(
  { store, registry }: IngestContext,
  input: SaveInput,
): Promise<{ readonly read: Reading; readonly saved: SaveResult }> {
  try {
    const saved = await persistently(store, async (attempt) => {
      const made = await saveReading(store, registry, input)
      // It was not known before: where it is there by the second attempt, the answer to the first was lost.
      return attempt > 0 && made.outcome === 'duplicate' ? { ...made, outcome: 'stored' as const } : made
    })
    return { read: input.reading, saved }
  } catch (error) {
    const detail = refusalOf(error)
    if (detail === null) throw error
    const read = failedReading({ code: 'not_stored', data: { detail } }, input.reading.mediaType)
    return { read, saved: { outcome: 'stored', reading: 0, revision: 0 } }
  }
}

/** From the path, or for an input read before whose path is gone, from the store. */
async function bytesOf(input: IngestInput, store: Store): Promise<InputBytes> {
  if (input.sha256 === undefined) return readInput(input)
  const found = await readInput(input)
  if (found.ok) return found
  const kept = await getBlob(store.blobs, input.sha256).catch(() => null)
  return kept === null ? found : { ok: true, bytes: kept }
}

function nothingRead(content: InputBytes & { ok: false }): Result {
  const { reason, size: bytes } = content
  return { sha256: null, bytes, kind: null, outcome: 'failed', reason, reading: null, read: null, unjudged: [] }
}

/** Runs `task` for each input, `bound` at a time; the first error stops the taking of inputs and is thrown at the end. */
async function forEachBounded<T>(
  inputs: AsyncIterable<T> | Iterable<T>,
  bound: number,
  signal: AbortSignal | undefined,
  task: (input: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  const errors: unknown[] = []
  for await (const input of inputs) {
    if (signal?.aborted || errors.length > 0) break
    const work = task(input)
      .catch((error: unknown) => void errors.push(error))
      .finally(() => running.delete(work))
    running.add(work)
    if (running.size >= bound) await Promise.race(running)
  }
  await Promise.all(running)
  if (errors.length > 0) throw errors[0]
}

/** Writes items in batches; an item that was added is in the store after the next `flush`. */
function makeManifest(store: Store, run: string): { add(item: RunItem): Promise<void>; flush(): Promise<void> } {
  let pending: RunItem[] = []
  let oldest = 0
  let written = 0
  let writing: Promise<void> = Promise.resolve()
  const write = async (): Promise<void> => {
    const items = pending
    pending = []
    if (items.length === 0) return
    await persistently(store, async (attempt) => {
      // They are there where only the answer was lost.
      if (attempt === 0 || (await countItems(store, run)) === written) await recordItems(store, run, items)
    })
    written += items.length
  }
  // One after the other, so that the number of those written before is known.
  const flush = (): Promise<void> => {
    writing = writing.then(write)
    return writing
  }
  const add = async (item: RunItem): Promise<void> => {
    if (pending.length === 0) oldest = performance.now()
    pending.push(item)
    if (pending.length >= itemBatchCount || performance.now() - oldest > itemBatchMilliseconds) await flush()
  }
  return { add, flush }
}

function makeTally(left: readonly Unjudged[]): {
  add(item: RunItem, read: Reading | null, unjudged: readonly Unjudged[]): void
  sums(): Omit<IngestSummary, 'run' | 'status' | 'milliseconds'>
} {
  const outcomes = { stored: 0, duplicate: 0, failed: 0, not_a_report: 0 }
  const findings = { error: 0, warning: 0, info: 0 }
  let inputs = 0
  let facts = 0
  let partial = 0
  const unjudged = [...left]
  const add = (item: RunItem, read: Reading | null, more: readonly Unjudged[]): void => {
    unjudged.push(...more)
    inputs++
    outcomes[item.outcome]++
    if (item.outcome !== 'stored' || read === null) return
    if (read.status === 'partial') partial++
    facts += read.facts.filter((fact) => fact.state !== 'absent').length
    for (const finding of read.findings) findings[finding.severity]++
  }
  const sums = () => {
    const total = outcomes.stored + outcomes.duplicate + outcomes.failed + outcomes.not_a_report
    if (total !== inputs) throw new Error(`${inputs} inputs, but ${total} outcomes`)
    return { inputs, outcomes, facts, findings, partial, unjudged }
  }
  return { add, sums }
}
