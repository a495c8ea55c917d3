/** `gouji doctor`: tries what gouji needs of a machine, by doing it, and says what to do where something is missing. */
import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { detailOf, UserError } from '../errors.ts'
import { renderError } from '../messages/render.ts'
import { findTesseract } from '../pipeline/tesseract.ts'
import { openReaders } from '../pipeline/threads.ts'
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
  const server = /^postgres(ql)?:/.test(config.store)
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
    server
      ? await attempt(shell, w.wantServer, w.fixServer, () => tryServer(config.store))
      : await attempt(shell, w.wantFolder, w.fixFolder, () => tryFolder(config.store)),
    { ...(await attempt(shell, w.wantPictures, w.installPictures, tryPictures)), optional: true as const },
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
    const columns = [{ title: '' }, { title: '' }, { title: '', widthMax: 80 }, { title: '', widthMax: 80 }]
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
async function tryPictures(): Promise<string> {
  const { default: sharp } = await import('sharp')
  const paper = { width: 60, height: 40, channels: 3 as const, background: 'white' }
  const { data, info } = await sharp({ create: paper }).greyscale().raw().toBuffer({ resolveWithObject: true })
  const engine = await findTesseract()
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

async function tryServer(url: string): Promise<string> {
  const store = await openStore(url)
  await store.close()
  return ''
}

/** The folder itself, or the nearest one above it that there is. */
async function tryFolder(folder: string): Promise<string> {
  kindOfStore(folder)
  const full = path.resolve(folder)
  for (let place = full; ; place = path.dirname(place)) {
    try {
      await access(place, constants.F_OK)
    } catch {
      if (place === path.dirname(place)) throw new Error(full)
      continue
    }
    await access(place, constants.W_OK).catch((error: unknown) => {
      throw new UserError('path_not_writable', { path: place, detail: detailOf(error) })
    })
    return full
  }
}
