/** The log of a worker and of the server: a JSON object a line, for machines; on a terminal the same in short for people. */
import pino, { type Logger } from 'pino'

export type LogOptions = {
  readonly level: string
  /** Takes secrets out of a line. */
  readonly hide: (text: string) => string
  /** A person reads it. */
  readonly terminal: boolean
}

/** Opens the log on standard output. */
export function openLog({ level, hide, terminal }: LogOptions): Logger {
  const hooks = { streamWrite: (line: string) => (terminal ? shorten(hide(line)) : hide(line)) }
  const settings = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, hooks }
  const formatters = { level: (label: string) => ({ level: label }) }
  return pino({ ...settings, formatters }, pino.destination({ fd: 1, sync: terminal }))
}

function shorten(line: string): string {
  try {
    const { time, level, msg, pid: _, ...data } = JSON.parse(line) as Record<string, unknown>
    const said = Object.entries(data).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    return `${String(time).slice(11, 19)} ${String(level).toUpperCase()} ${msg} ${said.join(' ')}\n`
  } catch {
    return line
  }
}
