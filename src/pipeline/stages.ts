/**
 * The stages of the service, each a queued document or a reading in, and what is due next out: `fetch` keeps its bytes,
 * `ingest` reads and stores them, `recheck` holds the reading against what stands around it. They are what `ingest.ts` does
 * in one go, cut where another machine may go on. Any of them may be ended at any moment and be done again: the store
 * decides whose work counts.
 */
import { createHash } from 'node:crypto'
import { detectKind } from '../../parsers/detect.ts'
import { detailOf, UserError } from '../errors.ts'
import type { Registry } from '../forms/registry.ts'
import type { Reading, Reason } from '../model.ts'
import { getBlob, keepBlob } from '../store/blobs.ts'
import { type Answer, lastDownload, recordDownload } from '../store/downloads.ts'
import { afterConflicts, mayPass, refusalOf } from '../store/faults.ts'
import { refuseNewer, type Store } from '../store/open.ts'
import {
  type Due,
  dueOf,
  finish,
  finishWithReading,
  giveBack,
  giveBackAfter,
  type QueuedInput,
  replaceByDocuments,
  setKept,
  type Taken,
  take,
} from '../store/queued.ts'
import { countRecheckError } from '../store/rechecks.ts'
import type { KnownOutcome, SaveResult } from '../store/reports.ts'
import type { RunItem } from '../store/runs.ts'
import { isReport, lookUp, outcomeOf, readerFor, saysNoMore, stands } from './again.ts'
import { openArchives } from './archives.ts'
import { failedReading } from './failed-reading.ts'
import { type Fetched, fileNameOf, type Input, type InputBytes, PutOff, readInput } from './inputs.ts'
import { recheckReading } from './recheck.ts'
import { isBreakDown, type Readers } from './threads.ts'

export type StageContext = {
  readonly store: Store
  readonly registry: Registry
  readonly readers: Readers
  /** Reads one document in a process of its own: for those that may have ended the process they were read in. */
  readonly readAlone: Readers['read']
  /** What stands at a URL; with an earlier answer, only whether it has changed. */
  readonly download: (url: string, before: Answer | null) => Promise<Fetched>
  /** Version of the reader. */
  readonly reader: string
  /** Who takes documents: said in the store, another name at each start. */
  readonly worker: string
  /** Once it is aborted, documents are given back instead of being finished. */
  readonly ended: AbortSignal
  readonly now: () => Date
}

/** What a stage came to: what is due next, the outcome where it is known, or that it is to be done again later. */
export type StageResult = {
  readonly due: readonly Due[]
  /** A reading that is to be held against others. */
  readonly recheck: { readonly reading: number; readonly urgent: boolean } | null
  /** The outcomes that were given. */
  readonly items: readonly RunItem[]
  /** What broke down that should not: a bug, told of the document and in the log. */
  readonly failed: Reason | null
  /** Why it is to be done again, and for which time. */
  readonly again: {
    readonly reason: Reason
    readonly times: number
    /** How long to wait before; null where nothing says. */
    readonly seconds: number | null
  } | null
  /** Another took the document meanwhile: what was done here counts for nothing. */
  readonly late: boolean
  /** The document, for logs. */
  readonly document: Pick<Taken, 'id' | 'run' | 'path' | 'sha256'> | null
}

const nothing: StageResult = {
  due: [],
  recheck: null,
  items: [],
  failed: null,
  again: null,
  late: false,
  document: null,
}

/** What was begun is not finished here: another does it. */
class Ended extends Error {
  readonly retry = true
}

/** A reader that breaks down so often on a document is not asked again. */
const crashesMax = 2
/** After so many attempts of which nothing was heard, a document is read in a process of its own. */
const lostBeforeAlone = 2
/** A document that so many workers took and never gave back is not tried again, whatever the cause. */
const lostMax = 50
/** An error that nobody foresaw is met so often, each time after a longer while; then it is final. */
const errorsMax = 10
/** A source that cannot be had is asked so often. */
const sourceTriesMax = 5

/** A host is not asked at once again: it is down, or overburdened. */
const hostWaits = [5, 20, 80, 320] as const
/** Answers that say that the host, not the document, is the matter. */
const passingStatus = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500

/** Whether a source that cannot be had may be had later: as the system or the server says. */
function sourceMayPass({ code, data }: Reason): boolean {
  if (code === 'timeout' || ofHost.has(code)) return true
  if (code === 'http_status') return passingStatus(Number(data.status))
  return code === 'unreadable_file' && ['EIO', 'EMFILE', 'ETIMEDOUT', 'ECONNREFUSED'].includes(String(data.detail))
}

const ofHost: ReadonlySet<Reason['code']> = new Set(['unreachable', 'too_slow', 'cut_off'])

/** How long to wait before a source is asked again, as the host says, or longer each time. */
function secondsBefore({ code, data }: Reason, times: number): number | null {
  if (code !== 'http_status' && !ofHost.has(code)) return null
  const own = hostWaits[Math.min(times, hostWaits.length) - 1]!
  return Math.max(own, Number(data.seconds ?? 0))
}

/**
 * Keeps the bytes of a document; an archive is replaced by its documents. @throws what passes: a store that is away; PutOff
 * where its host is busy
 */
export const fetchQueued = stage('fetch', async (taken, begun, context) => {
  const { store } = context
  const documents: QueuedInput[] = []
  const failed: RunItem[] = []
  for await (const input of openArchives([sourceOf(taken.path, context)])) {
    const content = await readInput(input)
    if (input.path === taken.path) {
      if (!content.ok) return refuse(taken, content, begun, context)
      const sha256 = await keepBlob(store.blobs, content.bytes)
      const kept = await setKept(store, taken, sha256)
      if (!kept) return tooLate(taken)
      return { ...nothing, document: { ...taken, sha256 }, due: [{ ...taken, stage: 'ingest' }] }
    }
    const { path, archive = null } = input
    if (content.ok) documents.push({ path, archive, sha256: await keepBlob(store.blobs, content.bytes) })
    else failed.push(itemOf({ path, archive, sha256: null }, { ...content, outcome: 'failed' }, begun, context))
  }
  const due = await replaceByDocuments(store, taken, { documents, failed })
  return due === null ? tooLate(taken) : { ...nothing, document: taken, due, items: failed }
})

/** Reads a document whose bytes are kept, and stores what was read with its outcome. @throws what passes */
export const ingestQueued = stage('ingest', async (taken, begun, context) => {
  const { store, registry, reader, now } = context
  const sha256 = taken.sha256!
  const keep = ({ outcome, reason, reading }: KnownOutcome): Promise<StageResult> => {
    const told = outcome === 'stored' ? 'duplicate' : outcome
    const item = itemOf(taken, { outcome: told, reason, size: null }, begun, context)
    return finishAs(taken, { ...item, reading }, context)
  }
  const known = await lookUp(store, sha256, reader)
  if (stands(known, taken.again)) return keep(known)
  const bytes = await getBlob(store.blobs, sha256)
  const understood = await readSafely(bytes, taken, context)
  if (understood.status === 'failed' && isBreakDown(understood.reason) && taken.crashes + 1 < crashesMax) {
    await giveBackAfter(store, taken, 'crash', understood.reason)
    return {
      ...nothing,
      document: taken,
      again: { reason: understood.reason, times: taken.crashes + 1, seconds: null },
    }
  }
  if (saysNoMore(understood, known)) return keep(known)
  const reading = quarantined(understood, taken)
  const base = itemOf(taken, { outcome: 'stored', reason: reading.reason, size: bytes.length }, begun, context)
  const itemFor = (saved: SaveResult): RunItem => ({
    ...base,
    kind: detectKind(bytes),
    outcome: outcomeOf(reading, saved),
    reading: isReport(reading) ? saved.reading : null,
    milliseconds: Math.round(performance.now() - begun),
  })
  const { path, archive } = taken
  const input = { sha256, bytes: bytes.length, path, archive, reader: readerFor(known, reader), reading, seenAt: now() }
  const saved = await finishWithReading(store, registry, taken, input, itemFor)
  if (saved === null) return tooLate(taken)
  const { agency, year } = reading.identity
  const isComparable = isReport(reading) && saved.outcome === 'stored' && agency !== null && year !== null
  const recheck = isComparable ? { reading: saved.reading, urgent: taken.urgent } : null
  return { ...nothing, document: taken, items: [itemFor(saved)], recheck }
})

/** Judges anew what a reading bears on; for 0, what the list of agencies asks for. @throws what passes */
export async function recheckStored(reading: number, context: StageContext): Promise<StageResult> {
  await refuseNewer(context.store)
  try {
    const { unjudged } = await afterConflicts(() => recheckReading(reading, context))
    const [first] = unjudged
    return first === undefined ? nothing : { ...nothing, failed: { code: 'not_stored', data: { ...first } } }
  } catch (error) {
    if (mayPass(error)) throw error
    const reason: Reason = { code: 'crashed', data: { detail: detailOf(error) } }
    const times = await countRecheckError(context.store, reading, detailOf(error), errorsMax)
    if (times === 0) return nothing
    return times >= errorsMax ? { ...nothing, failed: reason } : { ...nothing, again: againAfter(reason, times) }
  }
}

/** A stage of queued documents: takes the document and, where the stage itself breaks down on it, says so of it. */
function stage(
  name: Due['stage'],
  work: (taken: Taken, begun: number, context: StageContext) => Promise<StageResult>,
): (id: number, context: StageContext) => Promise<StageResult> {
  return async (id, context) => {
    const taken = await take(context.store, { id, stage: name }, context.worker, context.now())
    if (taken === null) {
      // Where another stage is due, its job may be lost; where it is under way, announcing it changes nothing.
      const due = await dueOf(context.store, id)
      return due === null || due.stage === name ? nothing : { ...nothing, due: [due] }
    }
    const begun = performance.now()
    try {
      return await unlessEnded(work(taken, begun, context), context.ended)
    } catch (error) {
      if (mayPass(error) || error instanceof PutOff) {
        await giveBack(context.store, taken).catch(() => {})
        throw error
      }
      const reason = breakDownOf(error)
      return await failWith(reason, taken, begun, context)
    }
  }
}

/** The outcome of a document on which a stage broke down: where not even that can be stored, again later, and then barely. */
async function failWith(reason: Reason, taken: Taken, begun: number, context: StageContext): Promise<StageResult> {
  const finishFor = async (why: Reason): Promise<StageResult> => {
    const item = itemOf(taken, { outcome: 'failed', reason: why, size: null }, begun, context)
    return { ...(await finishAs(taken, item, context)), failed: why }
  }
  try {
    return await finishFor(reason)
  } catch (error) {
    if (mayPass(error)) throw error
    const times = taken.errors + 1
    if (times >= errorsMax) return finishFor({ code: 'crashed', data: {} })
    await giveBackAfter(context.store, taken, 'error', { code: 'crashed', data: { detail: detailOf(error) } })
    return { ...nothing, document: taken, again: againAfter(reason, times) }
  }
}

function againAfter(reason: Reason, times: number): NonNullable<StageResult['again']> {
  return { reason, times, seconds: 2 ** times }
}

/** An original that is gone is no bug of the stage, nor is a document that the database refuses. */
function breakDownOf(error: unknown): Reason {
  const code = error instanceof UserError ? error.code : null
  if (code === 'original_missing' || code === 'original_damaged') return { code, data: {} }
  const refused = refusalOf(error)
  return refused === null
    ? { code: 'crashed', data: { detail: detailOf(error) } }
    : { code: 'not_stored', data: { detail: refused } }
}

async function unlessEnded<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let end = (): void => {}
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(new Ended('ended'))
  })
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  try {
    return await Promise.race([work, ended])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

async function finishAs(taken: Taken, item: RunItem, { store }: StageContext): Promise<StageResult> {
  return (await finish(store, taken, item)) ? { ...nothing, document: taken, items: [item] } : tooLate(taken)
}

function tooLate(document: Taken): StageResult {
  return { ...nothing, document, late: true }
}

function sourceOf(path: string, context: StageContext): Input {
  if (!/^https?:\/\//i.test(path)) return { path }
  // Asked for once, however often it is looked at.
  let content: Promise<InputBytes> | null = null
  return {
    path,
    read: () => {
      content ??= fetchOnce(path, context)
      return content
    },
  }
}

/** Fetches what stands at a URL, unless it is still what is kept; either is remembered. */
async function fetchOnce(url: string, { store, download }: StageContext): Promise<InputBytes> {
  const before = await lastDownload(store, url)
  // Of an archive only the documents in it are kept.
  const kept = before === null ? null : await getBlob(store.blobs, before.sha256).catch(() => null)
  const fetched = await download(url, kept === null ? null : before)
  if (!fetched.ok) return fetched
  const bytes = fetched.bytes ?? kept!
  const sha256 = fetched.bytes === null ? before!.sha256 : createHash('sha256').update(bytes).digest('hex')
  await recordDownload(store, { url, ...fetched.answer, sha256 })
  return { ok: true, bytes }
}

/** A source that cannot be had: again later where that may help, but not for ever. */
async function refuse(
  taken: Taken,
  { reason, size }: InputBytes & { readonly ok: false },
  begun: number,
  context: StageContext,
): Promise<StageResult> {
  const times = taken.faults + 1
  if (sourceMayPass(reason) && times < sourceTriesMax) {
    await giveBackAfter(context.store, taken, 'fault', reason)
    return { ...nothing, document: taken, again: { reason, times, seconds: secondsBefore(reason, times) } }
  }
  const item = itemOf(taken, { outcome: 'failed', reason, size }, begun, context)
  return finishAs(taken, item, context)
}

/** In a thread; or alone, where workers ended while they had it. */
async function readSafely(bytes: Uint8Array, taken: Taken, context: StageContext): Promise<Reading> {
  const origin = { fileName: fileNameOf({ path: taken.path }) }
  if (taken.lost >= lostMax) return failedReading({ code: 'crashed', data: {} })
  return taken.lost < lostBeforeAlone ? context.readers.read(bytes, origin) : context.readAlone(bytes, origin)
}

/** A reading that broke down as often as it may says so. */
function quarantined(reading: Reading, { crashes }: Taken): Reading {
  if (reading.status !== 'failed' || !isBreakDown(reading.reason)) return reading
  const { code, data } = reading.reason
  return failedReading({ code: 'quarantined', data: { ...data, times: crashes + 1, why: code } })
}

function itemOf(
  { path, archive, sha256 }: Pick<Taken, 'path' | 'archive' | 'sha256'>,
  { outcome, reason, size }: Pick<RunItem, 'outcome' | 'reason'> & { readonly size: number | null },
  begun: number,
  { reader }: StageContext,
): RunItem {
  const milliseconds = Math.round(performance.now() - begun)
  return { path, archive, sha256, bytes: size, kind: null, outcome, reason, reader, reading: null, milliseconds }
}
