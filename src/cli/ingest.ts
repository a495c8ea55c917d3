/** `gouji ingest`: documents into the store, with a progress bar while it goes and the sums at the end. */
import { SingleBar } from 'cli-progress'
import { UserError } from '../errors.ts'
import { printable } from '../messages/printable.ts'
import { renderReason } from '../messages/render.ts'
import { insideMark } from '../pipeline/archive-file.ts'
import { openArchives } from '../pipeline/archives.ts'
import { type IngestInput, type IngestSummary, ingest } from '../pipeline/ingest.ts'
import { listInputs, makeExclusion } from '../pipeline/inputs.ts'
import { readerVersion } from '../pipeline/read.ts'
import { tesseractFinder } from '../pipeline/tesseract.ts'
import { openStore, type Store } from '../store/open.ts'
import { listReports } from '../store/reports.ts'
import { inputsToRetry, type RunItem } from '../store/runs.ts'
import { writeAudit } from './audit.ts'
import { exit, openRegistry, type Shell, startReaders } from './shell.ts'

type Options = {
  readonly exclude: readonly string[]
  readonly retry?: 'failed'
  readonly reason?: string
  readonly kind?: string
  readonly reader?: string
  readonly audit?: boolean
}

/** Failures named in the summary; all of them are in the manifest. */
const failuresShownMax = 20

/** Reads the inputs into the store. Exit code 3 where some failed, 130 where it was interrupted. */
export async function ingestCommand(shell: Shell, paths: readonly string[], options: Options): Promise<number> {
  const retry = options.retry !== undefined
  const stray = retry ? undefined : (['reason', 'kind', 'reader'] as const).find((name) => options[name] !== undefined)
  if (stray !== undefined) throw new UserError('usage', { detail: `--${stray}: ${shell.words.onlyWithRetry}` })
  if (paths.length === 0 && !retry) throw new UserError('no_inputs', { paths: [] })
  const given: IngestInput[] = []
  for await (const input of listInputs(paths, options.exclude, shell.skipStore)) given.push(input)
  if (given.length === 0 && paths.length > 0) throw new UserError('no_inputs', { paths: [...paths] })
  const { blobs, s3 } = shell.config
  const store = await openStore(shell.config.store, { readOnly: retry, blobs, s3 })
  try {
    const inputs = retry ? await chooseAgain(store, given, paths.length > 0, options) : given
    if (inputs.length > 0) return await ingestAll(shell, store, inputs, options)
    await tell(shell, 'nothing', shell.words.nothingToRetry, {})
    return exit.fine
  } finally {
    await store.close()
  }
}

async function ingestAll(
  shell: Shell,
  store: Store,
  inputs: readonly IngestInput[],
  options: Options,
): Promise<number> {
  const registry = openRegistry(shell)
  const readers = startReaders(shell)
  const stop = stopOnSignal(shell)
  const progress = openProgress(shell, inputs.length)
  const failures: RunItem[] = []
  let failureCount = 0
  try {
    const opened = openArchives(inputs, {
      isExcluded: makeExclusion(options.exclude),
      onLeftOut: shell.leaveOut,
      onOpen: (_, files) => progress.grow(files - 1),
    })
    const summary = await ingest(opened, {
      store,
      registry,
      readers,
      reader: readerVersion(registry, shell.config.pdfEngine),
      arguments: process.argv.slice(2).map(shell.hide),
      retry: options.retry !== undefined,
      now: () => new Date(),
      signal: stop.signal,
      onItem: (item) => {
        progress.step(item)
        if (item.outcome !== 'failed') return
        failureCount++
        if (failures.length < failuresShownMax) failures.push(item)
      },
    }).finally(() => progress.end())
    await printSummary(shell, store, summary, failures, failureCount)
    if (options.audit) {
      const path = await writeAudit(shell, store, registry)
      await tell(shell, 'audit', `${shell.words.auditAt}: ${path}`, { path })
    }
    if (summary.status === 'interrupted') return exit.interrupted
    return summary.outcomes.failed > 0 ? exit.failedDocuments : exit.fine
  } finally {
    stop.end()
    await readers.close()
  }
}

/**
 * What failed the last time it was seen, and where there is an engine what was left unread for want of one; where paths are
 * given, only what is among them.
 */
async function chooseAgain(
  store: Store,
  given: readonly IngestInput[],
  onlyGiven: boolean,
  { reason, kind, reader }: Options,
): Promise<IngestInput[]> {
  const wanted = new Map(given.map((input) => [input.path, input]))
  const filter = {
    ...(reason === undefined ? {} : { reason }),
    ...(kind === undefined ? {} : { kind }),
    ...(reader === undefined ? {} : { reader }),
    wanting: (await tesseractFinder()()) !== null,
  }
  const inputs: IngestInput[] = []
  for await (const { path, sha256, handedIn } of inputsToRetry(store, filter)) {
    // A document in an archive is meant where its archive is given.
    const given = wanted.has(path) || wanted.has(path.split(insideMark)[0]!)
    if (onlyGiven && !given) continue
    const input = wanted.get(path) ?? { path }
    inputs.push(sha256 === null ? input : { ...input, sha256, handedIn })
  }
  return inputs
}

/** The first Ctrl-C lets what is under way finish, the second ends at once. */
function stopOnSignal(shell: Shell): { signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exit.interrupted)
    controller.abort()
    shell.log('interrupt', shell.words.interruptOnce)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return { signal: controller.signal, end: () => void process.off('SIGINT', stop).off('SIGTERM', stop) }
}

type Progress = {
  step(item: RunItem): void
  /** An archive turned out to hold so many more. */
  grow(more: number): void
  end(): void
}

function openProgress(shell: Shell, inputs: number): Progress {
  let total = inputs
  const visible = process.stderr.isTTY === true && !shell.quiet && !shell.json && total > 0
  const bar = visible
    ? new SingleBar({
        stream: process.stderr,
        format: `{bar} {percentage}% {value}/{total} · ${shell.words.failed} {failed} · {eta_formatted}`,
        barCompleteChar: '━',
        barIncompleteChar: '─',
        hideCursor: true,
        clearOnComplete: true,
      })
    : null
  let failed = 0
  bar?.start(total, 0, { failed })
  const step = (item: RunItem): void => {
    if (item.outcome === 'failed') failed++
    bar?.increment(1, { failed })
    if (shell.json) shell.log('item', item.path, { outcome: item.outcome, reason: item.reason?.code ?? null })
  }
  const grow = (more: number): void => {
    total += more
    bar?.setTotal(total)
  }
  return { step, grow, end: () => bar?.stop() }
}

async function printSummary(
  shell: Shell,
  store: Store,
  summary: IngestSummary,
  failures: readonly RunItem[],
  failureCount: number,
): Promise<void> {
  const { words: w, config } = shell
  const { inputs, outcomes, findings, facts, partial } = summary
  const sums = (['stored', 'duplicate', 'failed', 'not_a_report'] as const).map((key) => `${outcomes[key]} ${w[key]}`)
  const lines = [
    `${w.inputs} ${inputs} = ${sums.join(' + ')}`,
    `${w.thisRun}: ${w.reports} ${outcomes.stored}${partial > 0 ? ` (${partial} ${w.partial})` : ''} · ${w.facts} ${facts} · ` +
      `${w.findings} ${counts(shell, findings)}`,
  ]
  const held = await countHeld(store)
  lines.push(
    `${w.inStore}: ${w.reports} ${held.reports} · ${w.facts} ${held.facts} · ${w.findings} ${counts(shell, held.findings)}`,
  )
  for (const item of failures) {
    lines.push(`  ${printable(item.path)}: ${item.reason === null ? w.failed : renderReason(item.reason, config.lang)}`)
  }
  if (failureCount > failures.length) lines.push(`  … ${failureCount - failures.length}`)
  if (failureCount > 0) lines.push(`${w.showFailures}: gouji runs show ${summary.run}`)
  if (inputs > 0 && outcomes.stored + outcomes.failed === 0) lines.push(w.nothingChanged)
  for (const { agency, year, detail } of summary.unjudged)
    lines.push(`  ${printable(agency)} ${year}: ${w.notCompared}: ${printable(detail)}`)
  if (summary.status === 'interrupted') lines.push(w.interrupted)
  lines.push(`${w.run} ${summary.run} · ${w.time} ${(summary.milliseconds / 1000).toFixed(1)} ${w.seconds}`)
  await tell(shell, 'summary', lines.join('\n'), { ...summary, store: held })
}

/** What came of the command: on stdout for people, as an event like all others with --json. */
async function tell(shell: Shell, event: string, text: string, data: Readonly<Record<string, unknown>>): Promise<void> {
  if (shell.json) shell.log(event, text, data)
  else await shell.write(`${text}\n`)
}

function counts(shell: Shell, findings: IngestSummary['findings']): string {
  const { words: w } = shell
  return `${findings.error} ${w.errors}, ${findings.warning} ${w.warnings}, ${findings.info} ${w.infos}`
}

async function countHeld(store: Store): Promise<Pick<IngestSummary, 'facts' | 'findings'> & { reports: number }> {
  const findings = { error: 0, warning: 0, info: 0 }
  let reports = 0
  let facts = 0
  for await (const report of listReports(store)) {
    reports++
    facts += report.facts
    for (const severity of ['error', 'warning', 'info'] as const) findings[severity] += report.findings[severity]
  }
  return { reports, facts, findings }
}
