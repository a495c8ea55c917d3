/**
 * Every setting once: its name, its default and what it may be; src/messages says what each means, docs/cli.md lists them.
 * `readConfig` is called at the edge and its result is passed on; nothing else looks at the environment. An option of the
 * command comes before the environment, that before the file of settings, that before the default. Whatever is wrong is
 * told at once, and no secret with it.
 */
import { delimiter } from 'node:path'
import type { Data } from '../parsers/document.ts'
import { type FormProblem, type SettingProblemCode, UserError } from './errors.ts'
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
  /** After so many documents threads are replaced. */
  readonly recycleAfter: number
  readonly lang: 'zh' | 'en'
  readonly color: boolean
  readonly pdfEngine: PdfChoice
  /** Where the bytes of documents are kept beside a server: a folder, or `s3://bucket/prefix`. */
  readonly blobs: string
  readonly s3: S3Config
  readonly queue: {
    readonly redis: string
    readonly prefix: string /** Asked for by a setting. */
    readonly given: boolean
  }
  readonly fetch: FetchConfig
  readonly service: ServiceConfig
  /** What must not be shown. */
  readonly secrets: readonly string[]
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

/** What a worker and the server ask beside. */
export type ServiceConfig = {
  readonly lockSeconds: number
  readonly sweepSeconds: number
  readonly shutdownSeconds: number
  /** How long PostgreSQL and Redis are waited for at the start. */
  readonly waitSeconds: number
  readonly logLevel: string
  /** Where health and metrics are served; null where they are not. */
  readonly http: Address | null
  readonly board: { readonly user: string; readonly password: string }
  readonly tracing: boolean
}

/** Where a server listens. */
export type Address = { readonly host: string; readonly port: number }

/** A setting as it may be said. */
export type Setting = {
  readonly name: string
  readonly kind: 'text' | 'count' | 'choice' | 'flag' | 'files' | 'address' | 'store' | 'redis' | 'header'
  /** Empty: none, or as the meaning says. */
  readonly preset: string
  readonly range?: readonly [number, number]
  readonly choices?: readonly string[]
  /** Never shown; NAME_FILE may name a file that holds it. */
  readonly secret?: true
  /** Characters at least. */
  readonly length?: number
}

/** All settings, in the order in which they are listed. */
export const settings = [
  { name: 'GOUJI_CONFIG', kind: 'text', preset: '' },
  { name: 'GOUJI_STORE', kind: 'store', preset: 'gouji-data', secret: true },
  { name: 'GOUJI_STORE_PASSWORD', kind: 'text', preset: '', secret: true },
  { name: 'GOUJI_BLOBS', kind: 'text', preset: 'gouji-data/blobs' },
  { name: 'GOUJI_JOBS', kind: 'count', preset: '', range: [1, 256] },
  { name: 'GOUJI_TIMEOUT_SECONDS', kind: 'count', preset: '60', range: [1, 86_400] },
  { name: 'GOUJI_MEMORY_MEGABYTES', kind: 'count', preset: '512', range: [16, 65_536] },
  { name: 'GOUJI_RECYCLE_AFTER', kind: 'count', preset: '50000', range: [1, 1_000_000] },
  { name: 'GOUJI_FORMS', kind: 'files', preset: '' },
  { name: 'GOUJI_RULES', kind: 'files', preset: '' },
  { name: 'GOUJI_PDF_ENGINE', kind: 'choice', preset: 'auto', choices: pdfChoices },
  { name: 'GOUJI_LANG', kind: 'choice', preset: '', choices: ['zh', 'en'] },
  { name: 'GOUJI_REDIS', kind: 'redis', preset: 'redis://127.0.0.1:6379', secret: true },
  { name: 'GOUJI_REDIS_PASSWORD', kind: 'text', preset: '', secret: true },
  { name: 'GOUJI_QUEUE_PREFIX', kind: 'text', preset: 'gouji' },
  { name: 'GOUJI_LOCK_SECONDS', kind: 'count', preset: '30', range: [1, 3600] },
  { name: 'GOUJI_SWEEP_SECONDS', kind: 'count', preset: '30', range: [1, 3600] },
  { name: 'GOUJI_SHUTDOWN_SECONDS', kind: 'count', preset: '25', range: [0, 3600] },
  { name: 'GOUJI_WAIT_SECONDS', kind: 'count', preset: '300', range: [0, 86_400] },
  {
    name: 'GOUJI_LOG_LEVEL',
    kind: 'choice',
    preset: 'info',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  },
  { name: 'GOUJI_HTTP', kind: 'address', preset: '' },
  { name: 'GOUJI_BOARD_USER', kind: 'text', preset: 'gouji' },
  { name: 'GOUJI_BOARD_PASSWORD', kind: 'text', preset: '', secret: true, length: 12 },
  { name: 'GOUJI_OTEL', kind: 'flag', preset: '' },
  { name: 'GOUJI_FETCH_ALLOW', kind: 'text', preset: '' },
  { name: 'GOUJI_FETCH_PORTS', kind: 'text', preset: '80-99,443,8000-9999' },
  { name: 'GOUJI_FETCH_CONTACT', kind: 'header', preset: '' },
  { name: 'GOUJI_FETCH_SECONDS', kind: 'count', preset: '120', range: [1, 3600] },
  { name: 'GOUJI_FETCH_DELAY_MILLISECONDS', kind: 'count', preset: '1000', range: [0, 600_000] },
  { name: 'GOUJI_FETCH_AT_ONCE', kind: 'count', preset: '2', range: [1, 64] },
  { name: 'GOUJI_FETCH_LEGACY_TLS', kind: 'text', preset: '' },
  { name: 'AWS_ENDPOINT_URL_S3', kind: 'text', preset: '' },
  { name: 'AWS_REGION', kind: 'text', preset: 'us-east-1' },
  { name: 'AWS_ACCESS_KEY_ID', kind: 'text', preset: '', secret: true },
  { name: 'AWS_SECRET_ACCESS_KEY', kind: 'text', preset: '', secret: true },
  { name: 'AWS_SESSION_TOKEN', kind: 'text', preset: '', secret: true },
] as const satisfies readonly Setting[]

/** The name of a setting. */
export type SettingName = (typeof settings)[number]['name']

type Environment = Readonly<Record<string, string | undefined>>

/** Where settings are said. */
export type Sources = {
  readonly environment: Environment
  /** The options of the command that stand for settings. */
  readonly options?: readonly {
    readonly name: SettingName
    readonly option: string
    readonly text: string | undefined
  }[]
  /** What stands in a file. @throws what the system says */
  readonly readFile?: (path: string) => string
}

/** A setting and where it was said; `where` is empty for the default. */
export type Said = { readonly text: string; readonly where: string }

export type ReadConfig = {
  readonly config: Config
  readonly said: ReadonlyMap<SettingName, Said>
  /** Names that look like settings in an environment that others fill too, and are none. */
  readonly unknown: readonly FormProblem[]
}

/** The settings in force. @throws UserError `settings_invalid` with all that is wrong */
export function readConfig(sources: Sources): ReadConfig {
  const problems: FormProblem[] = []
  const { said, unknown } = collect(sources, problems)
  for (const setting of settings) check(setting, said.get(setting.name)!, problems)
  const text = (name: SettingName): string => said.get(name)!.text
  const store = withPassword('GOUJI_STORE', said, problems)
  const redis = withPassword('GOUJI_REDIS', said, problems)
  if (problems.length > 0) {
    const all = [...problems, ...unknown]
    throw new UserError('settings_invalid', { count: all.length }, false, all)
  }
  const count = (name: SettingName): number => Number(text(name))
  const files = (name: SettingName): string[] => [...new Set(text(name).split(delimiter))].filter((file) => file !== '')
  const board = { user: text('GOUJI_BOARD_USER'), password: text('GOUJI_BOARD_PASSWORD') }
  const config: Config = {
    store,
    forms: files('GOUJI_FORMS'),
    rules: files('GOUJI_RULES'),
    jobs: text('GOUJI_JOBS') === '' ? null : count('GOUJI_JOBS'),
    timeoutSeconds: count('GOUJI_TIMEOUT_SECONDS'),
    memoryMegabytes: count('GOUJI_MEMORY_MEGABYTES'),
    recycleAfter: count('GOUJI_RECYCLE_AFTER'),
    lang: chooseLang(text('GOUJI_LANG'), sources.environment),
    color: !sources.environment.NO_COLOR,
    pdfEngine: pdfChoices.find((one) => one === text('GOUJI_PDF_ENGINE'))!,
    blobs: text('GOUJI_BLOBS'),
    s3: {
      endpoint: text('AWS_ENDPOINT_URL_S3'),
      region: text('AWS_REGION'),
      accessKey: text('AWS_ACCESS_KEY_ID'),
      secretKey: text('AWS_SECRET_ACCESS_KEY'),
      sessionToken: text('AWS_SESSION_TOKEN'),
    },
    fetch: {
      allow: listOf(text('GOUJI_FETCH_ALLOW')),
      ports: text('GOUJI_FETCH_PORTS'),
      legacyTls: listOf(text('GOUJI_FETCH_LEGACY_TLS')).map((host) => host.toLowerCase()),
      contact: text('GOUJI_FETCH_CONTACT'),
      seconds: count('GOUJI_FETCH_SECONDS'),
      delayMilliseconds: count('GOUJI_FETCH_DELAY_MILLISECONDS'),
      atOnce: count('GOUJI_FETCH_AT_ONCE'),
    },
    queue: { redis, prefix: text('GOUJI_QUEUE_PREFIX'), given: said.get('GOUJI_REDIS')!.where !== '' },
    service: {
      lockSeconds: count('GOUJI_LOCK_SECONDS'),
      sweepSeconds: count('GOUJI_SWEEP_SECONDS'),
      shutdownSeconds: count('GOUJI_SHUTDOWN_SECONDS'),
      waitSeconds: count('GOUJI_WAIT_SECONDS'),
      logLevel: text('GOUJI_LOG_LEVEL'),
      http: readAddress(text('GOUJI_HTTP')),
      board,
      tracing: asksForTracing(text('GOUJI_OTEL'), sources.environment),
    },
    secrets: [...passwordsIn(store), ...passwordsIn(redis), ...secretTexts(said)],
  }
  return { config, said, unknown }
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '')
}

/** Each setting from the first source that says it. */
function collect(
  { environment, options = [], readFile = () => '' }: Sources,
  problems: FormProblem[],
): { said: Map<SettingName, Said>; unknown: FormProblem[] } {
  const option = (name: SettingName): Said | null => {
    const found = options.find((one) => one.name === name && one.text !== undefined)
    return found === undefined ? null : { text: found.text!, where: found.option }
  }
  const place = option('GOUJI_CONFIG')?.text ?? environment.GOUJI_CONFIG ?? ''
  const file = place === '' ? new Map<string, string>() : readSettingsFile(place, readFile, problems)
  const said = new Map<SettingName, Said>()
  for (const setting of settings) {
    const { name } = setting
    const found =
      option(name) ??
      sayOf(setting, (key) => environment[key], '', readFile, problems) ??
      sayOf(setting, (key) => file.get(key), `${place}: `, readFile, problems)
    said.set(name, found ?? { text: setting.preset, where: '' })
  }
  const known = new Set(settings.flatMap(namesOf))
  const strange = (names: Iterable<string>): string[] => [...names].filter((name) => !known.has(name))
  for (const name of strange(file.keys())) problems.push(unknownSetting(`${place}: ${name}`, name, known))
  const unknown = strange(Object.keys(environment).filter((name) => name.startsWith('GOUJI_')))
  return { said, unknown: unknown.map((name) => unknownSetting(name, name, known)) }
}

/** What one source says of a setting, itself or by the file that it names. What is empty says nothing. */
function sayOf(
  setting: Setting,
  get: (name: string) => string | undefined,
  before: string,
  readFile: (path: string) => string,
  problems: FormProblem[],
): Said | null {
  const { name } = setting
  const text = get(name) || null
  const file = setting.secret ? get(`${name}_FILE`) || null : null
  if (file === null) return text === null ? null : { text, where: before + name }
  const where = `${before}${name}_FILE`
  if (text !== null) problems.push(problem(where, 'setting_twice', { other: before + name }))
  try {
    // An editor ends a file with a line feed that is no part of a password.
    return { text: readFile(file).replace(/\r?\n$/, ''), where }
  } catch (error) {
    problems.push(problem(where, 'setting_file', { file, detail: causeOf(error) }))
    return { text: setting.preset, where }
  }
}

function readSettingsFile(
  path: string,
  readFile: (path: string) => string,
  problems: FormProblem[],
): Map<string, string> {
  const found = new Map<string, string>()
  let json: unknown
  try {
    json = JSON.parse(readFile(path).replace(/^\ufeff/, ''))
  } catch (error) {
    // What JSON.parse says quotes the text, which may hold a password.
    const broken = error instanceof SyntaxError
    problems.push(broken ? problem(path, 'not_json', {}) : problem(path, 'setting_file', { detail: causeOf(error) }))
    return found
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    problems.push(problem(path, 'not_an_object', {}))
    return found
  }
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === 'string' || typeof value === 'number') found.set(name, String(value))
    else if (typeof value === 'boolean') found.set(name, value ? '1' : '0')
    else if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
      found.set(name, value.join(delimiter))
    else problems.push(problem(`${path}: ${name}`, 'setting_value', {}))
  }
  return found
}

function check(setting: Setting, { text, where }: Said, problems: FormProblem[]): void {
  const { kind, choices = [], range: [min, max] = [0, 0] } = setting
  if (text === '' || where === '') return
  const wrong = (code: SettingProblemCode, data: Data = {}): void =>
    void problems.push(problem(where, code, setting.secret ? data : { ...data, value: text }))
  if (kind === 'count' && !(/^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max))
    wrong('setting_count', { min, max })
  if (kind === 'choice' && !choices.includes(text)) wrong('setting_choice', { choices: [...choices] })
  if (kind === 'flag' && !['0', '1'].includes(text)) wrong('setting_choice', { choices: ['0', '1'] })
  if (kind === 'address' && readAddress(text) === null) wrong('setting_address')
  if (kind === 'redis' && !text.split(',').every((one) => /^rediss?:\/\//.test(one) && URL.canParse(one)))
    wrong('setting_redis')
  if (kind === 'header' && !/^[\x20-\x7e]{0,200}$/.test(text)) wrong('setting_header')
  if (kind === 'store' && isServerUrl(text) && !URL.canParse(text)) wrong('setting_url')
  if (text.length < (setting.length ?? 0)) wrong('setting_short', { min: setting.length! })
}

/** The address of a server with its password, where a setting of its own says it. */
function withPassword(
  name: 'GOUJI_STORE' | 'GOUJI_REDIS',
  said: ReadonlyMap<SettingName, Said>,
  problems: FormProblem[],
): string {
  const { text } = said.get(name)!
  const { text: password, where } = said.get(`${name}_PASSWORD`)!
  if (password === '' || (name === 'GOUJI_STORE' && !isServerUrl(text))) return text
  const nodes = text.split(',')
  if (!nodes.every((one) => URL.canParse(one))) return text
  if (passwordsIn(text).length > 0) problems.push(problem(where, 'setting_twice', { other: name }))
  return nodes
    .map((node) => {
      const url = new URL(node)
      // An address without a host is a socket, and has no place for a password but its parameters.
      if (url.hostname === '') url.searchParams.set('password', password)
      else url.password = encodeURIComponent(password)
      return url.href
    })
    .join(',')
}

/** The passwords that an address of servers holds, as written and as meant. */
function passwordsIn(text: string): string[] {
  return text.split(',').flatMap((one) => {
    if (!/^(?:postgres(?:ql)?|rediss?):\/\//.test(one) || !URL.canParse(one)) return []
    const url = new URL(one)
    const written = url.password || url.searchParams.get('password') || ''
    return written === '' ? [] : [written, decoded(written)]
  })
}

function secretTexts(said: ReadonlyMap<SettingName, Said>): string[] {
  const secret: readonly Setting[] = settings
  const names = new Set(secret.filter((one) => one.secret && one.kind === 'text').map(({ name }) => name))
  return [...said].flatMap(([name, { text }]) => (names.has(name) && text !== '' ? [text] : []))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Whether a store is one on a server, by how it is named. */
export function isServerUrl(store: string): boolean {
  return /^postgres(ql)?:\/\//.test(store)
}

/** `host:port`, `[::1]:port`, `:port` or a port alone; without a host, this machine only. Null where it is none. */
function readAddress(text: string): Address | null {
  const match = /^(?:(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]*)):)?(\d{1,5})$/i.exec(text)
  if (match === null || Number(match[3]) > 65_535) return null
  return { host: match[1] || match[2] || '127.0.0.1', port: Number(match[3]) }
}

/** Traces are asked for by our setting, or by those that OpenTelemetry has for all programs. */
function asksForTracing(flag: string, environment: Environment): boolean {
  if (flag !== '') return flag === '1'
  if (environment.OTEL_SDK_DISABLED === 'true') return false
  return Boolean(environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
}

/** The language of messages: the option, else GOUJI_LANG, else the locale; what is no language of ours is passed over. */
export function chooseLang(option: string | undefined, environment: Environment): 'zh' | 'en' {
  for (const lang of [option, environment.GOUJI_LANG]) if (lang === 'zh' || lang === 'en') return lang
  // POSIX: the first of these that is set and not empty decides.
  return /^zh/i.test(environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '') ? 'zh' : 'en'
}

function namesOf(setting: Setting): string[] {
  return setting.secret ? [setting.name, `${setting.name}_FILE`] : [setting.name]
}

function problem(path: string, code: FormProblem['code'], data: Data): FormProblem {
  return { path, code, data }
}

function unknownSetting(path: string, name: string, known: ReadonlySet<string>): FormProblem {
  const [best] = [...known].map((one) => ({ one, far: distance(name, one) })).sort((a, b) => a.far - b.far)
  return problem(path, 'setting_unknown', { similar: best!.far <= similarMax ? best!.one : '' })
}

const similarMax = 4

/** How many characters must change to make one text of the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (const [index, against] of [...other].entries())
      next.push(Math.min(next[index]! + 1, row[index + 1]! + 1, row[index]! + (letter === against ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}

function causeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
