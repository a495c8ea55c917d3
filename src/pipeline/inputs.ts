/**
 * What a user names becomes a list of inputs: a file, a directory with all that is in it, a glob that the shell left as
 * it is, or `-` for standard input as one document. A path that cannot be opened, or is no regular file, is an input as
 * well, since it must be accounted for; it fails when it is read. Stores of gouji hold copies of documents and are no inputs. Hidden files and folders are left out of directories, and links to folders
 * are not followed, so that no walk runs in circles.
 */
import { isUtf8 } from 'node:buffer'
import { constants, type Dirent } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { limits } from '../../parsers/limits.ts'
import { detailOf } from '../errors.ts'
import type { Reason } from '../model.ts'
import type { Answer } from '../store/downloads.ts'
import { insideMark, readInside } from './archive-file.ts'

/**
 * One document to be read: its path as the user will see it; `-` is standard input. `file` is the path in bytes where it
 * is no UTF-8, as names made on old Chinese systems are: then `path` shows those bytes as `\xB9`.
 */
export type Input = {
  readonly path: string
  readonly file?: Buffer
  /** For what has been read already, or lies in an archive: `path` is then `reports.zip!/folder/a.docx`. */
  readonly read?: () => Promise<InputBytes>
  /** SHA-256 of the archive that it lies in, of the outermost one. */
  readonly archive?: string
}

/** The bytes of an input, or why there are none. */
export type InputBytes =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: Reason; readonly size: number | null }

/** What stands at a URL, with what the server said of it; `bytes` is null where it has not changed since it was asked before. */
export type Fetched =
  | { readonly ok: true; readonly bytes: Uint8Array | null; readonly answer: Answer }
  | (InputBytes & { readonly ok: false })

/** What cannot be begun yet, since others are at it: it is asked for again later, as if it had never been asked for. */
export class PutOff extends Error {
  readonly milliseconds: number
  constructor(milliseconds: number) {
    super(`put off for ${milliseconds} ms`)
    this.milliseconds = milliseconds
  }
}

/** No file that is whole takes longer; one on a share that is gone might never end. */
const readSecondsMax = 60

/**
 * The inputs that paths stand for, in the order given, directories sorted by name, each path once.
 * `exclude` are globs: of names where they hold no slash, of paths otherwise. Stores are left out: `onStore` is told.
 */
export async function* listInputs(
  paths: readonly string[],
  exclude: readonly string[] = [],
  onStore: (folder: string) => void = () => {},
): AsyncGenerator<Input> {
  const isExcluded = makeExclusion(exclude)
  const seen = new Set<string>()
  for (const given of paths) {
    for await (const input of expand(given, onStore)) {
      const key = input.path === '-' ? '-' : path.resolve(input.path)
      if (seen.has(key) || (input.path !== given && isExcluded(input.path))) continue
      seen.add(key)
      yield input
    }
  }
}

/** Whether a path is one of those that globs exclude: by its name, or by all of it where the glob holds a slash. */
export function makeExclusion(exclude: readonly string[]): (file: string) => boolean {
  const excluded = exclude.map((glob) => ({ expression: globExpression(glob), whole: glob.includes('/') }))
  return (file) => excluded.some(({ expression, whole }) => expression.test(whole ? file : path.basename(file)))
}

/** The bytes of one input, at most `documentBytesMax` of them. Never rejects. */
export async function readInput(input: Input): Promise<InputBytes> {
  if (input.read !== undefined) return input.read()
  try {
    if (input.path === '-') return await collect(process.stdin)
    // Without O_NONBLOCK the opening of a FIFO waits for its writer, in a thread that cannot be stopped.
    const file = await open(input.file ?? input.path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stats = await file.stat()
      if (!stats.isFile()) return unreadable(stats.isDirectory() ? 'EISDIR' : 'not_a_file')
      if (stats.size > limits.documentBytesMax) return tooLarge(stats.size)
      return await collect(
        file.createReadStream({ autoClose: false, signal: AbortSignal.timeout(readSecondsMax * 1000) }),
      )
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError')
      return { ok: false, reason: { code: 'timeout', data: { seconds: readSecondsMax } }, size: null }
    const inside = input.path.includes(insideMark) ? await readInside(input.path).catch(() => null) : null
    return inside ?? unreadable(detailOf(error))
  }
}

async function collect(stream: AsyncIterable<Uint8Array | string>): Promise<InputBytes> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    length += bytes.length
    if (length > limits.documentBytesMax) return tooLarge(null)
    chunks.push(bytes)
  }
  return { ok: true, bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length) }
}

function unreadable(detail: string): InputBytes {
  return { ok: false, reason: { code: 'unreadable_file', data: { detail } }, size: null }
}

/** The name that may say something about a document; null for standard input. */
export function fileNameOf(input: Input): string | null {
  if (input.path === '-') return null
  if (!/^https?:\/\//i.test(input.path) || input.path.includes(insideMark)) return path.basename(input.path)
  const name = path.posix.basename(URL.canParse(input.path) ? new URL(input.path).pathname : input.path)
  try {
    return decodeURIComponent(name)
  } catch {
    // Percent signs that are no encoding, or one of another charset.
    return name
  }
}

function tooLarge(size: number | null): InputBytes {
  const data = { limit: 'documentBytesMax', max: limits.documentBytesMax }
  return { ok: false, reason: { code: 'limit_exceeded', data }, size }
}

type OnStore = (folder: string) => void

async function* expand(given: string, onStore: OnStore): AsyncGenerator<Input> {
  if (given === '-') return yield { path: '-' }
  const stats = await stat(given).catch(() => null)
  if (stats?.isDirectory()) return yield* walk({ path: given }, onStore)
  if (stats !== null || !/[*?[{]/.test(given) || given.includes(insideMark)) return yield { path: given }
  const expression = globExpression(path.normalize(given))
  const folder = literalFolder(given)
  if ((await stat(folder).catch(() => null))?.isDirectory() !== true) return
  for await (const input of walk({ path: folder }, onStore))
    if (expression.test(path.normalize(input.path))) yield input
}

async function* walk(folder: Input, onStore: OnStore): AsyncGenerator<Input> {
  let entries: Dirent<Buffer>[]
  try {
    entries = await readdir(folder.file ?? folder.path, { withFileTypes: true, encoding: 'buffer' })
  } catch {
    // Named as an input, so that it fails with its reason where it is read, and is counted.
    return yield folder
  }
  if (await isStore(folder.path, entries)) return onStore(folder.path)
  entries.sort((a, b) => Buffer.compare(a.name, b.name))
  for (const entry of entries) {
    if (entry.name[0] === 0x2e) continue
    const input = inside(folder, entry.name)
    if (entry.isDirectory()) yield* walk(input, onStore)
    else if (entry.isFile()) yield input
    // A dangling link is kept: it is an input that cannot be opened.
    else if (entry.isSymbolicLink() && !(await stat(input.file ?? input.path).catch(() => null))?.isDirectory())
      yield input
  }
}

function inside(folder: Input, name: Buffer): Input {
  const shown = path.join(folder.path, showBytes(name))
  if (folder.file === undefined && isUtf8(name)) return { path: shown }
  return { path: shown, file: Buffer.concat([folder.file ?? Buffer.from(folder.path), Buffer.from('/'), name]) }
}

/** A name as text, its bytes that are no UTF-8 as `\xNN`. */
function showBytes(name: Buffer): string {
  if (isUtf8(name)) return name.toString()
  let text = ''
  for (let at = 0; at < name.length; ) {
    // A character takes up to four bytes.
    const length = [1, 2, 3, 4].find((count) => at + count <= name.length && isUtf8(name.subarray(at, at + count)))
    text += length ? name.toString('utf8', at, at + length) : `\\x${name.toString('hex', at, at + 1).toUpperCase()}`
    at += length ?? 1
  }
  return text
}

/** A store by what is in it: the lock of one in use, a database, or originals kept beside a server. */
async function isStore(folder: string, entries: readonly Dirent<Buffer>[]): Promise<boolean> {
  const names = new Set(entries.map((entry) => entry.name.toString()))
  if (names.has('gouji.lock') || names.has('PG_VERSION')) return true
  if (names.has('db') && (await stat(path.join(folder, 'db/PG_VERSION')).catch(() => null)) !== null) return true
  const originals = names.has('blobs') ? await readdir(path.join(folder, 'blobs')).catch(() => []) : []
  return originals.length > 0 && originals.every((name) => /^[0-9a-f]{2}$/.test(name))
}

/** The part of a glob before its first segment with a wildcard. */
function literalFolder(glob: string): string {
  const segments = glob.split('/')
  const first = segments.findIndex((segment) => /[*?[{]/.test(segment))
  return segments.slice(0, first).join('/') || (glob.startsWith('/') ? '/' : '.')
}

/** `*`, `?`, `[abc]`, `{a,b}` within a name, `**` over folders. */
function globExpression(glob: string): RegExp {
  let source = ''
  let depth = 0
  for (let index = 0; index < glob.length; index++) {
    const rest = glob.slice(index)
    const set = /^\[([!^]?)([^\]]+)\]/.exec(rest)
    const character = glob[index]!
    if (rest.startsWith('**/')) {
      source += '(?:.*/)?'
      index += 2
    } else if (rest.startsWith('**')) {
      source += '.*'
      index++
    } else if (set) {
      source += `[${set[1] ? '^' : ''}${set[2]!.replace(/[\\^\]]/g, '\\$&')}]`
      index += set[0].length - 1
    } else if (character === '*') source += '[^/]*'
    else if (character === '?') source += '[^/]'
    else if (character === '{' && rest.includes('}')) {
      source += '(?:'
      depth++
    } else if (character === '}' && depth > 0) {
      source += ')'
      depth--
    } else if (character === ',' && depth > 0) source += '|'
    else source += character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  }
  // A brace that is never closed would make no expression; such a glob means itself.
  return new RegExp(depth === 0 ? `^${source}$` : `^${glob.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}$`, 'u')
}
