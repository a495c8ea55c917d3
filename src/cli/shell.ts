/**
 * What every command gets: the settings after options and environment, the words of the user's language, the ways out.
 * Made once a command is known; nothing else in the CLI reads the environment or writes to a stream.
 */
import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type Config, readConfig, type Said, type SettingName, type Sources } from '../config.ts'
import { detailOf, formInvalid, UserError } from '../errors.ts'
import { isRulePack, readRulePack } from '../forms/definition.ts'
import { type FormFile, loadRegistry, makeForm, type Registry, readForm } from '../forms/registry.ts'
import { type Words, words } from '../messages/interface.ts'
import { printable, printableLines } from '../messages/printable.ts'
import { renderProblem } from '../messages/render.ts'
import type { LeftOut } from '../pipeline/archives.ts'
import { openReadersApart } from '../pipeline/processes.ts'
import type { Readers, ReadersOptions } from '../pipeline/threads.ts'
import { compileRules } from '../rules/evaluate.ts'
import { makeHider } from '../secrets.ts'
import type { Write } from './print.ts'

/** Options that every command has. */
export type GlobalOptions = {
  readonly lang?: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly store?: string
  readonly form?: readonly string[]
  readonly rules?: readonly string[]
  readonly pdfEngine?: string
  readonly jobs?: string
  readonly config?: string
  readonly http?: string
}

export type Shell = {
  readonly config: Config
  /** What each setting is, and where it was said. */
  readonly said: ReadonlyMap<SettingName, Said>
  readonly words: Words
  readonly quiet: boolean
  readonly json: boolean
  /** Colour on stdout. */
  readonly color: boolean
  /** Results, to stdout. */
  readonly write: Write
  /** Everything else, to stderr: a sentence for people or, with --json, an object a line. */
  log(event: string, text: string, data?: Readonly<Record<string, unknown>>): void
  /** A text without the passwords that the settings hold. */
  hide(text: string): string
  /** Says that a store was found among the inputs and left out. */
  skipStore(folder: string): void
  /** Says which files of an archive are no inputs, and why. */
  leaveOut(leftOut: LeftOut): void
}

/** Of the files of an archive that are left out, so many are named. */
const leftOutNamesMax = 5

/** Exit codes, as documented. */
export const exit = { fine: 0, findings: 1, usage: 2, failedDocuments: 3, interrupted: 130 } as const

/** @throws UserError `usage` */
export function makeShell(options: GlobalOptions, environment: NodeJS.ProcessEnv, write: Write): Shell {
  const { config: base, said, unknown } = readConfig(sourcesOf(options, environment))
  const config: Config = {
    ...base,
    forms: [...new Set([...base.forms, ...(options.form ?? [])])],
    rules: [...new Set([...base.rules, ...(options.rules ?? [])])],
  }
  const quiet = options.quiet === true
  const json = options.json === true
  const log: Shell['log'] = (event, text, data = {}) => {
    if (quiet && event !== 'error') return
    const line = json
      ? JSON.stringify({ time: new Date().toISOString(), event, message: text, ...data })
      : printableLines(text)
    process.stderr.write(`${line}\n`)
  }
  const skipStore = (folder: string): void =>
    log('skipped', `${printable(folder)}: ${words[config.lang].storeSkipped}`, { path: folder })
  const leaveOut = ({ archive, why, names }: LeftOut): void => {
    const named =
      names.slice(0, leftOutNamesMax).map(printable).join(', ') + (names.length > leftOutNamesMax ? ' …' : '')
    const said = words[config.lang][why === 'page' ? 'pageFilesSkipped' : 'systemFilesSkipped']
    const text = `${printable(archive)}: ${said} (${names.length}): ${named}`
    log('skipped', text, { path: archive, why, names })
  }
  const color = config.color && process.stdout.isTTY === true
  // Others fill the environment too: Kubernetes names a service `gouji-…` there. So it is told, and nothing stops.
  for (const one of unknown) log('setting', `${one.path}: ${renderProblem(one, config.lang)}`, { setting: one.path })
  const hide = makeHider(config.secrets)
  return { config, said, words: words[config.lang], quiet, json, color, write, log, hide, skipStore, leaveOut }
}

function sourcesOf(options: GlobalOptions, environment: NodeJS.ProcessEnv): Sources {
  const given: Sources['options'] = [
    { name: 'GOUJI_CONFIG', option: '--config', text: options.config },
    { name: 'GOUJI_STORE', option: '--store', text: options.store },
    { name: 'GOUJI_JOBS', option: '--jobs', text: options.jobs },
    { name: 'GOUJI_LANG', option: '--lang', text: options.lang },
    { name: 'GOUJI_PDF_ENGINE', option: '--pdf-engine', text: options.pdfEngine },
    { name: 'GOUJI_HTTP', option: '--http', text: options.http },
  ]
  return { environment, options: given, readFile: (file) => readSmallFile(file, settingsBytesMax).toString() }
}

/**
 * The forms that gouji brings and those of `--form` and GOUJI_FORMS.
 * @throws UserError `form_invalid` with all that is wrong in the first that is wrong, `path_not_readable`
 */
export function openRegistry({ config }: Pick<Shell, 'config'>): Registry {
  return loadForms([...config.forms, ...config.rules].map(readFormFile))
}

/** The forms that gouji brings and the definitions given, formulas checked too. @throws UserError `form_invalid` */
export function loadForms(files: readonly FormFile[]): Registry {
  const registry = loadRegistry(files)
  for (const { file, json } of files) {
    const pack = isRulePack(json) ? readRulePack(file, json) : null
    // A rule of the user's is looked for in their file, where its number is another than in the form.
    if (pack !== null) compileRules(makeForm({ ...registry.byId.get(pack.form)!.definition, rules: pack.rules }), file)
    else compileRules(readForm(file, json), file)
  }
  return registry
}

/** No definition is larger; a device or a log file is no definition. */
const formBytesMax = 16 * 2 ** 20
/** Nor are settings or a password. */
const settingsBytesMax = 2 ** 20

/** A definition from its file. @throws UserError `path_not_readable` */
export function readFormFile(file: string): FormFile {
  let bytes: Uint8Array
  try {
    bytes = readSmallFile(file, formBytesMax)
  } catch (error) {
    throw new UserError('path_not_readable', { path: file, detail: detailOf(error) })
  }
  // In another encoding labels would be others, and never found.
  if (!isUtf8(bytes)) throw formInvalid(file, [{ path: '', code: 'not_utf8', data: {} }])
  return { file, json: new TextDecoder().decode(bytes) }
}

function readSmallFile(file: string, bytesMax: number): Buffer {
  const stats = statSync(file)
  if (!stats.isFile()) throw Object.assign(new Error(), { code: stats.isDirectory() ? 'EISDIR' : 'not_a_file' })
  if (stats.size > bytesMax) throw Object.assign(new Error(), { code: 'EFBIG' })
  return readFileSync(file)
}

/** Readers by the settings, with the user's forms. */
export function startReaders(shell: Pick<Shell, 'config'>): Readers {
  return openReadersApart(readerOptions(shell))
}

/** How documents are read by the settings. @throws UserError `path_not_readable` */
export function readerOptions({ config }: Pick<Shell, 'config'>): ReadersOptions {
  const { timeoutSeconds, memoryMegabytes, recycleAfter } = config
  const forms = [...config.forms, ...config.rules].map(readFormFile)
  const threads = config.jobs ?? availableParallelism()
  return { threads, timeoutSeconds, memoryMegabytes, recycleAfter, forms, pdf: config.pdfEngine }
}

/** The version in package.json, which lies beside dist/ and beside src/ alike. */
export function packageVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version)
    } catch {
      // The other place.
    }
  }
  throw new Error('package.json is missing')
}
