/** `gouji doctor`: tries what gouji needs of a machine, by doing it, and says what to do where something is missing. */
import { access, constants, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isServerUrl, type S3Config } from '../config.ts'
import { detailOf, UserError } from '../errors.ts'
import { renderError } from '../messages/render.ts'
import { findTesseract } from '../pipeline/tesseract.ts'
import { openReaders } from '../pipeline/threads.ts'
import { inspectRedis, type RedisState } from '../queue.ts'
import { getBlob, keepBlob, openBlobs } from '../store/blobs.ts'
import { inspectServer, type ServerState } from '../store/inspect.ts'
import { kindOfStore, openStore } from '../store/open.ts'
import { drawTable } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'

type Check = {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  readonly remedy: string
  /** gouji does without it, and says so where it is needed. */
  readonly optional?: true
}

/** Runs all checks. Exit code 2 where one fails that gouji cannot do without. */
export async function doctor(shell: Shell, options: { readonly format: 'table' | 'json' }): Promise<number> {
  const { words: w, config } = shell
  const checks = [
    checkNode(shell),
    checkIcu(shell),
    await attempt(shell, w.wantForms, config.forms.length > 0 ? w.checkForms : w.reinstall, async () =>
      openRegistry(shell)
        .forms.map((form) => form.definition.id)
        .join(', '),
    ),
    await attempt(shell, w.wantThreads, w.reinstall, tryThread),
    await attempt(shell, w.wantStore, w.reinstall, tryEmbedded),
    ...(isServerUrl(config.store)
      ? [...(await checkServer(shell)), ...(await checkRedis(shell)), ...(await checkBlobs(shell))]
      : [await attempt(shell, w.wantFolder, w.fixFolder, () => tryFolder(config.store))]),
    { ...(await attempt(shell, w.wantPictures, w.installPictures, () => tryPictures(shell))), optional: true as const },
    { name: w.wantLocale, ok: true, detail: config.lang, remedy: '' },
  ]
  if (options.format === 'json') await shell.write(`${JSON.stringify(checks, null, 2)}\n`)
  else {
    const rows = checks.map((check) => [
      check.ok ? '✓' : check.optional ? '-' : '✗',
      check.name,
      check.detail,
      check.ok ? '' : check.remedy,
    ])
    const columns = [{ title: '' }, { title: '' }, { title: '', widthMax: 80 }, { title: '' }]
    await shell.write(drawTable(columns, rows, false).split('\n').slice(2).join('\n'))
  }
  return checks.every((check) => check.ok || check.optional) ? exit.fine : exit.usage
}

function checkNode({ words: w }: Shell): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return { name: w.wantNode, ok, detail: process.versions.node, remedy: w.installNode }
}

function checkIcu({ words: w }: Shell): Check {
  let ok = true
  try {
    for (const name of ['gb18030', 'gbk', 'big5'])
      new TextDecoder(name, { fatal: true }).decode(Uint8Array.of(0xb9, 0xfa))
  } catch {
    ok = false
  }
  return { name: w.wantIcu, ok, detail: process.versions.icu ?? '', remedy: w.installIcu }
}

async function attempt(shell: Shell, name: string, remedy: string, work: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await work(), remedy }
  } catch (error) {
    const detail = error instanceof UserError ? renderError(error, shell.config.lang) : detailOf(error)
    return { name, ok: false, detail, remedy }
  }
}

/** A small picture decoded, and the engine asked to read it. */
async function tryPictures({ words: w }: Shell): Promise<string> {
  const { default: sharp } = await import('sharp')
  const paper = { width: 60, height: 40, channels: 3 as const, background: 'white' }
  const { data, info } = await sharp({ create: paper }).greyscale().raw().toBuffer({ resolveWithObject: true })
  const engine = await findTesseract().catch((error: unknown) => {
    throw detailOf(error) === 'ENOENT' ? new Error(`tesseract: ${w.notInstalled}`) : error
  })
  await engine.read([{ width: info.width, height: info.height, data }], 'figure')
  return engine.name
}

async function tryThread(): Promise<string> {
  const readers = openReaders({ threads: 1, timeoutSeconds: 60, memoryMegabytes: 256 })
  try {
    const reading = await readers.read(Buffer.from('x'), { fileName: null })
    if (reading.reason?.code === 'crashed' || reading.reason?.code === 'timeout')
      throw new Error(JSON.stringify(reading.reason))
    return ''
  } finally {
    await readers.close()
  }
}

async function tryEmbedded(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gouji-doctor-'))
  try {
    const store = await openStore(path.join(folder, 'store'))
    await store.close()
    return ''
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const postgresMin = 15
const skewSecondsMax = 5

async function checkServer(shell: Shell): Promise<Check[]> {
  const { words: w, config } = shell
  let found: ServerState | null = null
  const reached = await attempt(shell, w.wantServer, w.fixServer, async () => {
    found = await inspectServer(config.store, () => new Date())
    return found.version
  })
  if (found === null) return [reached]
  const { major, version, encoding, mayCreate, schema, schemaKnown, aheadSeconds } = found as ServerState
  const ahead = `${aheadSeconds.toFixed(1)} ${w.seconds}`
  return [
    reached,
    { name: w.wantPostgresVersion, ok: major >= postgresMin, detail: version, remedy: w.upgradeServer },
    { name: w.wantUtf8, ok: encoding === 'UTF8', detail: encoding, remedy: w.makeUtf8 },
    { name: w.wantSchema, ok: schema > 0 || mayCreate, detail: '', remedy: w.grantCreate },
    // An older one is brought up by the next command that opens it, if it may.
    { name: w.wantMigrated, ok: schema <= schemaKnown, detail: `${schema} / ${schemaKnown}`, remedy: w.upgradeGouji },
    {
      name: w.wantClock,
      ok: Math.abs(aheadSeconds) <= skewSecondsMax,
      detail: ahead,
      remedy: w.setClock,
      optional: true,
    },
  ]
}

const redisMin = [6, 2] as const

/** Queues need it; who only reads with `ingest` does not, and has not set it. */
async function checkRedis(shell: Shell): Promise<Check[]> {
  const { words: w, config } = shell
  const unused = config.queue.given ? {} : { optional: true as const }
  let found: RedisState | null = null
  const reached = await attempt(shell, w.wantRedis, w.fixRedis, async () => {
    found = await inspectRedis(config.queue)
    return found.version
  })
  if (found === null) return [{ ...reached, ...unused }]
  const { version, policy, appendOnly, usedBytes, maxBytes } = found as RedisState
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const recent = major > redisMin[0] || (major === redisMin[0] && minor >= redisMin[1])
  const used = `${megabytes(usedBytes)} / ${maxBytes === 0 ? w.noLimit : megabytes(maxBytes)}`
  const free = maxBytes === 0 || usedBytes < maxBytes * redisFullShare
  return [
    { ...reached, ...unused },
    { name: w.wantRedisVersion, ok: recent, detail: version, remedy: w.upgradeRedis, ...unused },
    { name: w.wantNoEviction, ok: policy === 'noeviction', detail: policy, remedy: w.setNoEviction, ...unused },
    { name: w.wantAppendOnly, ok: appendOnly, detail: '', remedy: w.setAppendOnly, optional: true },
    { name: w.wantRedisMemory, ok: free, detail: used, remedy: w.giveRedisMemory, ...unused },
  ]
}

const redisFullShare = 0.9
const blobBytesMin = 2 ** 30

async function checkBlobs(shell: Shell): Promise<Check[]> {
  const { words: w, config } = shell
  if (/^s3:/i.test(config.blobs))
    return [await attempt(shell, w.wantBlobs, w.fixBlobs, () => tryBlobs(config.blobs, config.s3))]
  const writable = await attempt(shell, w.wantBlobs, w.fixBlobs, () => tryFolder(config.blobs))
  if (!writable.ok) return [writable]
  const { bavail, bsize } = await statfs(await nearestFolder(config.blobs))
  const free = bavail * bsize
  return [
    writable,
    { name: w.wantSpace, ok: free >= blobBytesMin, detail: megabytes(free), remedy: w.makeSpace, optional: true },
  ]
}

/** An original put there and taken out again. */
async function tryBlobs(place: string, s3: S3Config): Promise<string> {
  const blobs = openBlobs(place, s3)
  await getBlob(blobs, await keepBlob(blobs, Buffer.from('gouji')))
  return place
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}

async function tryFolder(folder: string): Promise<string> {
  kindOfStore(folder)
  const place = await nearestFolder(folder)
  await access(place, constants.W_OK).catch((error: unknown) => {
    throw new UserError('path_not_writable', { path: place, detail: detailOf(error) })
  })
  return path.resolve(folder)
}

/** The folder itself, or the nearest one above it that there is. */
async function nearestFolder(folder: string): Promise<string> {
  for (let place = path.resolve(folder); ; place = path.dirname(place)) {
    const there = await access(place, constants.F_OK).then(
      () => true,
      () => false,
    )
    if (there) return place
    if (place === path.dirname(place)) throw new Error(place)
  }
}
