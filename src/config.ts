/**
 * Every setting once: its name in the environment and its default; docs/cli.md says what each means. `readConfig` is called at the edge
 * with the environment, and its result is passed on; nothing else looks at the environment. Options of a command come
 * before the environment, the environment before the default.
 */
import { delimiter } from 'node:path'
import { UserError } from './errors.ts'
import { type PdfChoice, pdfChoices } from './model.ts'

export type Config = {
  readonly store: string
  /** Definitions of forms beside those that gouji brings. */
  readonly forms: readonly string[]
  /** Rules of the user's own, for forms that are loaded. */
  readonly rules: readonly string[]
  /** Null: as many as the machine has processors. */
  readonly jobs: number | null
  readonly timeoutSeconds: number
  readonly memoryMegabytes: number
  readonly lang: 'zh' | 'en'
  readonly color: boolean
  readonly pdfEngine: PdfChoice
  /** Where the bytes of documents are kept beside a server: a folder, or `s3://bucket/prefix`. */
  readonly blobs: string
  readonly s3: S3Config
  readonly queue: { readonly redis: string; readonly prefix: string }
  readonly fetch: FetchConfig
  readonly service: ServiceConfig
}

/** Storage that speaks S3. */
export type S3Config = {
  /** Empty: that of Amazon in the region. */
  readonly endpoint: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken: string
}

/** How documents are fetched from URLs. */
export type FetchConfig = {
  /** Networks, addresses and names of hosts that may be asked though they are not public. */
  readonly allow: readonly string[]
  readonly ports: string
  /** Hosts whose TLS is outdated. */
  readonly legacyTls: readonly string[]
  /** Said to hosts: how to reach who runs this. */
  readonly contact: string
  /** For one document. */
  readonly seconds: number
  /** From one request to a host to the next. */
  readonly delayMilliseconds: number
  /** Requests to one host. */
  readonly atOnce: number
}

/** What a worker asks beside. */
export type ServiceConfig = {
  readonly lockSeconds: number
  readonly sweepSeconds: number
  readonly shutdownSeconds: number
  /** How long PostgreSQL and Redis are waited for at the start. */
  readonly waitSeconds: number
  readonly logLevel: string
}

/** What an environment says. @throws UserError `usage` for a value that makes no sense */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const { GOUJI_JOBS: jobs, GOUJI_LANG: lang } = environment
  if (lang && !isLang(lang)) throw new UserError('usage', { detail: `GOUJI_LANG: "${lang}" (zh, en)` })
  return {
    store: environment.GOUJI_STORE || 'gouji-data',
    forms: (environment.GOUJI_FORMS ?? '').split(delimiter).filter((file) => file !== ''),
    rules: (environment.GOUJI_RULES ?? '').split(delimiter).filter((file) => file !== ''),
    jobs: jobs ? readCount('GOUJI_JOBS', jobs, 1, 256) : null,
    timeoutSeconds: readCount('GOUJI_TIMEOUT_SECONDS', environment.GOUJI_TIMEOUT_SECONDS || '60', 1, 86_400),
    memoryMegabytes: readCount('GOUJI_MEMORY_MEGABYTES', environment.GOUJI_MEMORY_MEGABYTES || '512', 16, 65_536),
    lang: chooseLang(undefined, environment),
    color: !environment.NO_COLOR,
    pdfEngine: readPdfChoice('GOUJI_PDF_ENGINE', environment.GOUJI_PDF_ENGINE || 'auto'),
    blobs: environment.GOUJI_BLOBS || 'gouji-data/blobs',
    s3: {
      endpoint: environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL || '',
      region: environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1',
      accessKey: environment.AWS_ACCESS_KEY_ID ?? '',
      secretKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
      sessionToken: environment.AWS_SESSION_TOKEN ?? '',
    },
    queue: {
      redis: environment.GOUJI_REDIS || 'redis://127.0.0.1:6379',
      prefix: environment.GOUJI_QUEUE_PREFIX || 'gouji',
    },
    fetch: readFetch(environment),
    service: {
      lockSeconds: readCount('GOUJI_LOCK_SECONDS', environment.GOUJI_LOCK_SECONDS || '30', 1, 3600),
      sweepSeconds: readCount('GOUJI_SWEEP_SECONDS', environment.GOUJI_SWEEP_SECONDS || '30', 1, 3600),
      shutdownSeconds: readCount('GOUJI_SHUTDOWN_SECONDS', environment.GOUJI_SHUTDOWN_SECONDS || '25', 0, 3600),
      waitSeconds: readCount('GOUJI_WAIT_SECONDS', environment.GOUJI_WAIT_SECONDS || '300', 0, 86_400),
      logLevel: environment.GOUJI_LOG_LEVEL || 'info',
    },
  }
}

function readFetch(environment: Readonly<Record<string, string | undefined>>): FetchConfig {
  const list = (text = ''): string[] => text.split(/[\s,]+/).filter((one) => one !== '')
  const contact = environment.GOUJI_FETCH_CONTACT ?? ''
  if (!/^[\x20-\x7e]{0,200}$/.test(contact)) throw new UserError('usage', { detail: 'GOUJI_FETCH_CONTACT' })
  const delay = environment.GOUJI_FETCH_DELAY_MILLISECONDS || '1000'
  return {
    allow: list(environment.GOUJI_FETCH_ALLOW),
    ports: environment.GOUJI_FETCH_PORTS || '80-99,443,8000-9999',
    legacyTls: list(environment.GOUJI_FETCH_LEGACY_TLS).map((host) => host.toLowerCase()),
    contact,
    seconds: readCount('GOUJI_FETCH_SECONDS', environment.GOUJI_FETCH_SECONDS || '120', 1, 3600),
    delayMilliseconds: readCount('GOUJI_FETCH_DELAY_MILLISECONDS', delay, 0, 600_000),
    atOnce: readCount('GOUJI_FETCH_AT_ONCE', environment.GOUJI_FETCH_AT_ONCE || '2', 1, 64),
  }
}

/** How PDF is read. @throws UserError `usage` naming the setting */
export function readPdfChoice(name: string, text: string): PdfChoice {
  const choice = pdfChoices.find((one) => one === text)
  if (choice !== undefined) return choice
  throw new UserError('usage', { detail: `${name}: "${text}" (${pdfChoices.join(', ')})` })
}

/** A whole number between two bounds. @throws UserError `usage` naming the setting */
export function readCount(name: string, text: string, min: number, max: number): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= min && count <= max) return count
  throw new UserError('usage', { detail: `${name}: "${text}" (${min}..${max})` })
}

/** The language of messages: the option, else GOUJI_LANG, else the locale; what is no language of ours is passed over. */
export function chooseLang(
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): 'zh' | 'en' {
  for (const lang of [option, environment.GOUJI_LANG]) if (isLang(lang)) return lang
  // POSIX: the first of these that is set and not empty decides.
  return /^zh/i.test(environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '') ? 'zh' : 'en'
}

function isLang(lang: string | undefined): lang is 'zh' | 'en' {
  return lang === 'zh' || lang === 'en'
}
