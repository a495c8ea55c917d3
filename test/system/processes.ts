/** `gouji worker` as processes: what they log, and their ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startGouji } from '../cli/process.ts'

/** A line of a worker's log. */
export type LogLine = { readonly msg: string } & Readonly<Record<string, unknown>>

export type WorkerProcess = {
  readonly child: ChildProcess
  readonly lines: readonly LogLine[]
  /** What it wrote beside its log. */
  readonly stderr: () => string
  readonly started: () => boolean
  /** Until a line says so. */
  readonly until: (msg: string) => Promise<LogLine>
  /** Its exit code, or the signal that ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | string | null>
}

/** Starts a worker. `onLine` is told what it logs. */
export function startWorkerProcess(
  folder: string,
  environment: Record<string, string>,
  onLine: (line: LogLine) => void = () => {},
): WorkerProcess {
  return watchWorker(startGouji(folder, ['worker'], environment), onLine)
}

const obedient = fileURLToPath(new URL('./fixtures/worker.mjs', import.meta.url))

/** Starts a worker whose reader does what documents order: see fixtures/reader.mjs. */
export function startObedientWorker(environment: Record<string, string>): WorkerProcess {
  const env = { ...process.env, ...environment }
  return watchWorker(spawn(process.execPath, [obedient], { env, stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** Follows what a worker logs. */
export function watchWorker(child: ChildProcess, onLine: (line: LogLine) => void = () => {}): WorkerProcess {
  const lines: LogLine[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let stderr = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop()!
    for (const part of parts) {
      const line = JSON.parse(part) as LogLine
      lines.push(line)
      onLine(line)
    }
    for (const look of waiting) look()
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close')
  void ended.then(() => {
    for (const look of waiting) look()
  })
  const find = (msg: string): LogLine | undefined => lines.find((line) => line.msg === msg)
  const until = (msg: string): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find(msg)
        if (found === undefined && child.exitCode === null && child.signalCode === null) return
        waiting.delete(look)
        if (found !== undefined) resolve(found)
        else reject(new Error(`the worker ended with ${child.exitCode ?? child.signalCode} before "${msg}": ${stderr}`))
      }
      waiting.add(look)
      look()
    })
  const end: WorkerProcess['end'] = async (signal) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
    return child.exitCode ?? child.signalCode
  }
  return { child, lines, stderr: () => stderr, started: () => find('worker started') !== undefined, until, end }
}
