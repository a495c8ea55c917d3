/** `gouji queue` and `gouji reparse`: what workers have still to read, put there, looked at and taken off. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isServerUrl } from '../config.ts'
import { holdsPassword } from '../crawl/address.ts'
import { UserError } from '../errors.ts'
import { renderError, renderReason } from '../messages/render.ts'
import { openArchives } from '../pipeline/archives.ts'
import { type Input, listInputs } from '../pipeline/inputs.ts'
import { readerVersion } from '../pipeline/read.ts'
import { type SubmitContext, type Submitted, submit, toQueued } from '../pipeline/submit.ts'
import { openQueues, type Queues, stages } from '../queue.ts'
import { openStore, type Store } from '../store/open.ts'
import { queryStore } from '../store/query.ts'
import { countDue, finishRuns, type QueuedInput, takeOff } from '../store/queued.ts'
import { askAgain, listRefused } from '../store/rechecks.ts'
import { findRun, inputsToRetry, isFinished } from '../store/runs.ts'
import { drawTable } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'

type Place = {
  readonly store: Store
  readonly queues: Queues
  readonly reader: string
  readonly arguments: readonly string[]
}

type AddOptions = {
  readonly exclude: readonly string[]
  readonly urgent?: boolean
  readonly upload?: boolean
  readonly wait?: boolean
}

/** Queues files and URLs. Exit code 3 where `--wait` saw some fail. */
export async function queueAdd(shell: Shell, paths: readonly string[], options: AddOptions): Promise<number> {
  if (paths.includes('-')) throw new UserError('usage', { detail: shell.words.notInQueue })
  if (paths.some(holdsPassword)) throw new UserError('url_with_password')
  return withQueues(shell, async (place) => {
    const context = contextOf(place, options.urgent === true, false)
    const submitted = await submit(inputsOf(shell, paths, options, place.store), context)
    const { run } = submitted
    if (run === null) throw new UserError('no_inputs', { paths: [...paths] })
    await tellQueued(shell, submitted)
    return options.wait === true ? waitFor(shell, place.store, run) : exit.fine
  })
}

async function* inputsOf(
  shell: Shell,
  paths: readonly string[],
  { exclude, upload = false }: AddOptions,
  store: Store,
): AsyncGenerator<QueuedInput> {
  const isUrl = (given: string): boolean => /^https?:\/\//i.test(given)
  yield* paths.filter(isUrl).map((url) => ({ path: url }))
  const files = listInputs(
    paths.filter((given) => !isUrl(given)),
    exclude,
    shell.skipStore,
  )
  // What is kept now is opened now: whoever reads it later has only its bytes.
  const inputs: AsyncIterable<Input> = upload ? openArchives(files, { onLeftOut: shell.leaveOut }) : files
  for await (const input of inputs) yield toQueued(input, upload, store)
}

/** Queues again what failed; the filters are those of `ingest --retry`. */
export async function queueRetry(
  shell: Shell,
  options: { readonly reason?: string; readonly kind?: string; readonly reader?: string; readonly urgent?: boolean },
): Promise<number> {
  const { urgent = false, ...filter } = options
  return withQueues(shell, async (place) => {
    const failed = inputsToRetry(place.store, { ...filter, wanting: true })
    const submitted = await submit(failed, contextOf(place, urgent, true))
    // Asked for without a filter, what could not be compared with others is as well.
    const readings = Object.keys(filter).length === 0 ? await askAgain(place.store) : []
    // Whatever cannot be announced now is, by the sweep.
    if (submitted.untold === null) await place.queues.addRechecks(readings.map((reading) => ({ reading, urgent })))
    await tellQueued(shell, submitted)
    return exit.fine
  })
}

/** Queues stored reports that another version read. @throws UserError `query_failed` for a condition that is none */
export async function reparse(
  shell: Shell,
  { where, urgent = false }: { readonly where?: string; readonly urgent?: boolean },
): Promise<number> {
  return withQueues(shell, async (place) => {
    const text = place.reader.replaceAll("'", "''")
    const sql = `SELECT origin, archive, sha256 FROM reports WHERE reader <> '${text}' AND (${where ?? 'true'}) ORDER BY report_id`
    const { rows } = await queryStore({ target: shell.config.store, sql, limit: reparsedMax })
    const inputs = rows.map(([origin, archive, sha256]) => ({
      path: String(origin),
      archive: archive as string | null,
      sha256: String(sha256),
    }))
    await tellQueued(shell, await submit(inputs, contextOf(place, urgent, false)))
    return exit.fine
  })
}

const reparsedMax = 10_000_000

/** How much is due, and what the queues hold of it. */
export async function queueStatus(shell: Shell, { format }: { readonly format: 'table' | 'json' }): Promise<number> {
  return withQueues(shell, async ({ store, queues }) => {
    const due = await countDue(store)
    const paused = await queues.isPaused()
    const counts = await Promise.all(
      stages.map(async (stage) => ({ stage, due: due[stage], ...(await queues.count(stage)) })),
    )
    if (format === 'json') {
      await shell.write(
        `${JSON.stringify({ paused, oldest: due.oldest, urgent: due.urgent, stages: counts }, null, 2)}\n`,
      )
      return exit.fine
    }
    const { words: w } = shell
    const columns = [w.queueStage, w.queueDue, w.queueWaiting, w.queueActive, w.queueDelayed]
    const rows = counts.map(({ stage, due, waiting, active, delayed }) => [
      stage,
      ...[due, waiting, active, delayed].map(String),
    ])
    const heads = columns.map((title, index) => ({
      title,
      align: index === 0 ? ('left' as const) : ('right' as const),
    }))
    await shell.write(drawTable(heads, rows, shell.color))
    if (due.oldest !== null) await shell.write(`${w.queueOldest}: ${due.oldest.toISOString()}\n`)
    if (paused) await shell.write(`${w.queuePaused}\n`)
    return exit.fine
  })
}

/** What failed the last time it was seen. */
export async function queueFailed(
  shell: Shell,
  { format, ...filter }: { readonly format: 'table' | 'json'; readonly reason?: string; readonly kind?: string },
): Promise<number> {
  return withQueues(shell, async ({ store }) => {
    const rows: string[][] = []
    for await (const { handedIn: _, ...item } of inputsToRetry(store, { ...filter, wanting: false })) {
      const reason = item.reason === null ? '' : renderReason(item.reason, shell.config.lang)
      if (format === 'json') await shell.write(`${JSON.stringify(item)}\n`)
      else rows.push([item.path, item.reason?.code ?? '', reason])
    }
    const { words: w } = shell
    const refused = Object.keys(filter).length === 0 ? await listRefused(store) : []
    for (const { agency, year, detail } of refused) {
      if (format === 'json') await shell.write(`${JSON.stringify({ agency, year, outcome: 'not_compared', detail })}\n`)
      else rows.push([`${agency}@${year}`, 'not_compared', `${w.notComparedNow}: ${detail}`])
    }
    const columns = [{ title: w.path, widthMax: 60 }, { title: 'code' }, { title: w.reason, widthMax: 100 }]
    if (format === 'table') await shell.write(drawTable(columns, rows, shell.color))
    return exit.fine
  })
}

/** Takes what nobody has begun off the queue. */
export async function queueDrain(shell: Shell, { run }: { readonly run?: string }): Promise<number> {
  return withQueues(shell, async ({ store, queues, reader }) => {
    const count = await takeOff(store, run ?? null, reader)
    if (run === undefined) await queues.clear()
    await finishRuns(store, new Date())
    await shell.write(`${shell.words.queueTakenOff}: ${count}\n`)
    return exit.fine
  })
}

/** Lets no worker begin anything, or lets them go on. */
export function queueSwitch(what: 'pause' | 'resume'): (shell: Shell) => Promise<number> {
  return (shell) =>
    withQueues(shell, async ({ queues }) => {
      await queues[what]()
      return exit.fine
    })
}

function contextOf(place: Place, urgent: boolean, again: boolean): SubmitContext {
  return { ...place, urgent, again, now: () => new Date() }
}

async function tellQueued(shell: Shell, { run, documents, untold }: Submitted): Promise<void> {
  const { words: w } = shell
  if (untold !== null)
    shell.log('untold', `${renderError(untold, shell.config.lang)} ${w.queuedInStore}`, { code: untold.code })
  const text = `${w.queued} ${documents}${run === null ? '' : ` · ${w.run} ${run}`}`
  if (shell.json) shell.log('queued', text, { run, documents })
  else await shell.write(`${text}\n`)
}

/** Until a run is finished; then its sums. */
async function waitFor(shell: Shell, store: Store, id: string): Promise<number> {
  for (;;) {
    await finishRuns(store, new Date())
    if (await isFinished(store, id)) {
      const run = (await findRun(store, id))!
      const { words: w } = shell
      const sums = (['stored', 'duplicate', 'failed', 'not_a_report'] as const).map(
        (key) => `${run.outcomes[key]} ${w[key]}`,
      )
      await shell.write(`${w.inputs} ${run.inputs} = ${sums.join(' + ')}\n`)
      return run.outcomes.failed > 0 ? exit.failedDocuments : exit.fine
    }
    await sleep(500)
  }
}

async function withQueues(shell: Shell, work: (place: Place) => Promise<number>): Promise<number> {
  const { config } = shell
  const store = await openServerStore(shell)
  try {
    const queues = await openQueues(config.queue)
    try {
      const reader = readerVersion(openRegistry(shell), config.pdfEngine)
      return await work({ store, queues, reader, arguments: process.argv.slice(2).map(shell.hide) })
    } finally {
      await queues.close()
    }
  } finally {
    await store.close()
  }
}

/** A store that several processes can use. @throws UserError `queue_needs_server` */
export async function openServerStore({ config }: Shell, connections?: number): Promise<Store> {
  if (!isServerUrl(config.store)) throw new UserError('queue_needs_server', { store: config.store })
  const { blobs, s3 } = config
  return openStore(config.store, { blobs, s3, ...(connections === undefined ? {} : { connections }) })
}
