/**
 * Every setting once: its name in the environment, its default and what it means. `readConfig` is called at the edge
 * with the environment, and its result is passed on; nothing else looks at the environment. Options of a command come
 * before the environment, the environment before the default.
 */
import { UserError } from './errors.ts'

/** One setting as it is documented. */
export type Setting = { readonly name: string; readonly default: string; readonly meaning: string }

/** The settings, for the documentation and for `gouji doctor`. */
export const settings: readonly Setting[] = [
  { name: 'GOUJI_STORE', default: 'gouji-data', meaning: 'Where data is kept: a folder, or the URL of a PostgreSQL' },
  { name: 'GOUJI_JOBS', default: 'one for each processor', meaning: 'Documents read at the same time' },
  { name: 'GOUJI_TIMEOUT_SECONDS', default: '60', meaning: 'Longest time that one document may take' },
  { name: 'GOUJI_MEMORY_MEGABYTES', default: '512', meaning: 'Most memory that one document may take' },
  { name: 'GOUJI_LANG', default: 'from LC_ALL, LC_MESSAGES or LANG', meaning: 'Language of messages: zh or en' },
  { name: 'NO_COLOR', default: 'unset', meaning: 'When set to anything, no colour is printed' },
]

export type Config = {
  readonly store: string
  /** Null: as many as the machine has processors. */
  readonly jobs: number | null
  readonly timeoutSeconds: number
  readonly memoryMegabytes: number
  readonly lang: 'zh' | 'en'
  readonly color: boolean
}

/** What an environment says. @throws UserError `usage` for a value that makes no sense */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const jobs = environment.GOUJI_JOBS
  return {
    store: environment.GOUJI_STORE || 'gouji-data',
    jobs: jobs ? readCount('GOUJI_JOBS', jobs, 1, 256) : null,
    timeoutSeconds: readCount('GOUJI_TIMEOUT_SECONDS', environment.GOUJI_TIMEOUT_SECONDS || '60', 1, 86_400),
    memoryMegabytes: readCount('GOUJI_MEMORY_MEGABYTES', environment.GOUJI_MEMORY_MEGABYTES || '512', 16, 65_536),
    lang: readLang(environment),
    color: !environment.NO_COLOR,
  }
}

/** A whole number between two bounds. @throws UserError `usage` naming the setting */
export function readCount(name: string, text: string, min: number, max: number): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= min && count <= max) return count
  throw new UserError('usage', { detail: `${name}: "${text}" (${min}..${max})` })
}

function readLang(environment: Readonly<Record<string, string | undefined>>): 'zh' | 'en' {
  // POSIX: the first of these that is set and not empty decides.
  const locale = environment.GOUJI_LANG || environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || ''
  return /^zh/i.test(locale) ? 'zh' : 'en'
}
