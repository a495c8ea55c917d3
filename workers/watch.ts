/**
 * What is seen of a stage from outside: its span, its line in the log, its numbers. Every line about a document says the
 * document's id, its run and its SHA-256, in all stages.
 */
import type { Logger } from 'pino'
import type { StageResult } from '../src/pipeline/stages.ts'
import type { Stage, StageJob } from '../src/queue.ts'
import type { WorkerMetrics } from './metrics.ts'
import type { Tracing } from './tracing.ts'

export type Watch = {
  /** Does a stage of a job; gives what it came to and what the jobs of the next stages carry. */
  through(
    stage: Stage,
    job: StageJob,
    work: () => Promise<StageResult>,
  ): Promise<{ readonly result: StageResult; readonly origin: Omit<StageJob, 'id'> }>
}

/** Watches the stages of a worker. */
export function makeWatch(log: Logger, metrics: WorkerMetrics, tracing: Tracing): Watch {
  const through: Watch['through'] = async (stage, job, work) => {
    const span = tracing.begin(`gouji.${stage}`, job.trace)
    const begun = performance.now()
    let result: StageResult
    try {
      result = await work()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      span.end({ 'gouji.job': job.id }, message)
      throw error
    }
    const milliseconds = Math.round(performance.now() - begun)
    const names = namesOf(stage, job, result.document)
    metrics.count(stage, result, milliseconds / 1000)
    tell(log, { ...names, milliseconds }, result)
    span.end(attributesOf(names, result), result.failed?.code ?? null)
    const { document, run, sha256 } = names
    const origin = document === undefined ? {} : { of: { document, run, sha256 } }
    return { result, origin: span.context === undefined ? origin : { ...origin, trace: span.context } }
  }
  return { through }
}

type Names = {
  readonly stage: Stage
  readonly document: number | undefined
  readonly run: string | undefined
  readonly sha256: string | null | undefined
  readonly path: string | undefined
  readonly reading: number | undefined
}

/** Whose stage it is. The job of a recheck is a reading's, and carries whose reading it is where that is known. */
export function namesOf(stage: Stage, { id, of }: StageJob, found: StageResult['document']): Names {
  const recheck = stage === 'recheck'
  return {
    stage,
    document: found?.id ?? of?.document ?? (recheck ? undefined : id),
    run: found?.run ?? of?.run,
    sha256: found?.sha256 ?? of?.sha256,
    path: found?.path,
    reading: recheck ? id : undefined,
  }
}

function tell(log: Logger, names: Names & { readonly milliseconds: number }, result: StageResult): void {
  const { again, failed, items, document } = result
  if (result.late) {
    log.warn(names, 'too late: another has taken it')
    return
  }
  if (again !== null) {
    log.warn({ ...names, reason: again.reason.code, times: again.times }, 'to be done again')
    return
  }
  if (failed !== null) log.error({ ...names, ...failed.data }, 'broke down')
  const [item] = items
  const said = { outcome: item?.outcome, reason: item?.reason?.code, kind: item?.kind }
  const reading = item?.reading ?? names.reading
  // A job that comes twice finds nothing to do.
  const idle = document === null && names.stage !== 'recheck'
  log[idle ? 'debug' : 'info']({ ...names, ...said, reading }, idle ? 'nothing to do' : 'done')
}

function attributesOf(names: Names, { items, again }: StageResult): Record<string, string | number> {
  const [item] = items
  const found = {
    'gouji.document': names.document,
    'gouji.run': names.run,
    'gouji.sha256': names.sha256 ?? undefined,
    'gouji.reading': item?.reading ?? names.reading,
    'gouji.outcome': again === null ? item?.outcome : 'again',
    'gouji.reason': again?.reason.code ?? item?.reason?.code,
    'gouji.kind': item?.kind ?? undefined,
  }
  const said = Object.entries(found).filter((one): one is [string, string | number] => one[1] !== undefined)
  return Object.fromEntries(said)
}
