/**
 * What `npm run bench` measures of PDF: bytes to findings against PDFium's bare reading of the same files, threads and
 * memory, and what other libraries make of the rows of table 3. The files are the two real samples and reports printed by
 * Chromium and LibreOffice with ruled tables, as the tests print them.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { needProgram } from './packages.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)

/** Ways of printing whose tables are wholly ruled, by the program that prints them. */
const printed = {
  'fonts as outlines':
    /^pdf (?:office, )(?:ruled|grey lines|narrow labels|short pages, rows whole.*|content controls)$/,
  'fonts as drawings':
    /^pdf (?:one-pixel borders|hairlines|double borders|narrow labels|figures centred|landscape|short pages, rows whole.*)$/,
}
const poppler = { names: ['pdftotext'], packages: ['poppler-utils'] }

/**
 * Writes the files into a folder for each kind, with the rows of table 3 that each prints: `null` is a blank cell, `/` a
 * mark. Gives the names of the kinds.
 */
export async function writePdfs(folder, seeds) {
  const { makePrintSample, printShapes } = await import(`${root}/test/generator/index.ts`)
  const { printPdfs } = await import(`${root}/test/setup/print.ts`)
  for (const [kind, pattern] of Object.entries(printed)) {
    mkdirSync(join(folder, kind), { recursive: true })
    const shapes = printShapes.filter(({ name }) => pattern.test(name))
    const samples = shapes.flatMap((shape) =>
      Array.from({ length: seeds }, (_, index) => makePrintSample(shape, index + 1)),
    )
    for (const [index, { rendering }] of (await printPdfs(samples)).entries()) {
      writePdf(join(folder, kind, `${index}`), rendering.bytes, rowsOf(rendering.expected))
    }
  }
  mkdirSync(join(folder, 'samples'))
  for (const name of ['hongze-2023', 'huaian-2024']) {
    const { facts } = JSON.parse(readFileSync(`${root}/samples/${name}.truth.json`, 'utf8'))
    const known = Object.entries(facts).map(([code, value]) => [
      code,
      { value: typeof value === 'number' ? value : null },
    ])
    writePdf(join(folder, 'samples', name), readFileSync(`${root}/samples/${name}.pdf`), rowsOf(new Map(known)))
  }
  return ['samples', ...Object.keys(printed)]
}

function writePdf(path, bytes, rows) {
  writeFileSync(`${path}.pdf`, bytes)
  writeFileSync(`${path}.json`, JSON.stringify(rows))
}

function rowsOf(expected) {
  const rows = new Map()
  for (const [code, { state, value }] of expected) {
    const [table, row] = code.split('.')
    if (table !== 't3') continue
    if (!rows.has(row)) rows.set(row, [])
    rows.get(row).push(state === 'mark' ? '/' : value)
  }
  return [...rows].map(([row, values]) => ({ row, values }))
}

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.pdf'))
    .map((name) => {
      const path = join(folder, name)
      return { path, bytes: readFileSync(path), rows: JSON.parse(readFileSync(path.replace(/pdf$/, 'json'), 'utf8')) }
    })

/** What is timed: each goes once through the files of a folder. */
export const pdfTasks = {
  'read pdf': async (folder) => {
    const read = await reader()
    return through(folder, ({ bytes }) => read(bytes))
  },
  'load pdf': async (folder) => {
    const load = await bareReader()
    return through(folder, ({ bytes }) => load(bytes))
  },
  ...Object.fromEntries(
    ['pdf-parse getTable', 'pdf-parse getText', 'unpdf', 'pdftotext'].map((name) => [
      name,
      async (folder) => {
        const read = await peers[name]()
        return through(folder, read)
      },
    ]),
  ),
}

function through(folder, read) {
  const files = filesIn(folder)
  return {
    bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    run: async () => {
      for (const file of files) await read(file)
    },
  }
}

async function reader() {
  const { loadRegistry } = await import(`${root}/dist/src/forms/registry.js`)
  const { readReport } = await import(`${root}/dist/src/pipeline/read.js`)
  const registry = loadRegistry()
  return (bytes) => readReport(bytes, { fileName: null }, registry, { pdf: 'pdfium' })
}

/** PDFium alone: the code and both boxes of each character, the points of each path. Gives how many pages. */
async function bareReader() {
  const { loadPdfium } = await import(`${root}/dist/parsers/pdf/engine.js`)
  const { api, scratch, bytes: memory } = await loadPdfium()
  const pathType = 2
  return (bytes) => {
    const source = api.malloc(bytes.length)
    memory().set(bytes, source)
    const document = api.FPDF_LoadMemDocument(source, bytes.length, 0)
    const pages = api.FPDF_GetPageCount(document)
    for (let index = 0; index < pages; index++) {
      const page = api.FPDF_LoadPage(document, index)
      const text = api.FPDFText_LoadPage(page)
      const characters = api.FPDFText_CountChars(text)
      for (let at = 0; at < characters; at++) {
        api.FPDFText_GetUnicode(text, at)
        api.FPDFText_GetLooseCharBox(text, at, scratch)
        api.FPDFText_GetCharBox(text, at, scratch + 16, scratch + 24, scratch + 32, scratch + 40)
      }
      const objects = api.FPDFPage_CountObjects(page)
      for (let at = 0; at < objects; at++) {
        const object = api.FPDFPage_GetObject(page, at)
        if (api.FPDFPageObj_GetType(object) !== pathType) continue
        const segments = api.FPDFPath_CountSegments(object)
        for (let segment = 0; segment < segments; segment++) {
          api.FPDFPathSegment_GetPoint(api.FPDFPath_GetPathSegment(object, segment), scratch, scratch + 4)
        }
      }
      api.FPDFText_ClosePage(text)
      api.FPDF_ClosePage(page)
    }
    api.FPDF_CloseDocument(document)
    api.free(source)
    return pages
  }
}

/** Pages of all files of a folder. */
export async function countPages(folder) {
  const load = await bareReader()
  return filesIn(folder).reduce((sum, { bytes }) => sum + load(bytes), 0)
}

/** Each reads one file: tables as rows of cells, or text in lines. */
const peers = {
  'pdf-parse getTable': async () => {
    const parse = await pdfParse()
    return async ({ bytes }) => {
      // Of some files it throws on its own tables: those have no rows.
      const { pages } = await parse(bytes, (parser) => parser.getTable()).catch(() => ({ pages: [] }))
      return { rows: pages.flatMap(({ tables }) => tables.flat()) }
    }
  },
  'pdf-parse getText': async () => {
    const parse = await pdfParse()
    return async ({ bytes }) => ({ lines: (await parse(bytes, (parser) => parser.getText())).text.split('\n') })
  },
  unpdf: async () => {
    const { extractText, getDocumentProxy } = await import('unpdf')
    return async ({ bytes }) => {
      const document = await getDocumentProxy(Uint8Array.from(bytes))
      const { text } = await extractText(document)
      return { lines: text.flatMap((page) => page.split('\n')) }
    }
  },
  pdftotext: async () => {
    const program = needProgram(poppler)
    return ({ path }) => {
      const text = execFileSync(program, ['-layout', path, '-'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      return { lines: text.split('\n') }
    }
  },
}

async function pdfParse() {
  const { PDFParse } = await import('pdf-parse')
  const cMapUrl = join(dirname(require.resolve('pdfjs-dist/package.json')), 'cmaps/')
  return async (bytes, read) => {
    const parser = new PDFParse({ data: Uint8Array.from(bytes), cMapUrl, cMapPacked: true })
    try {
      return await read(parser)
    } finally {
      await parser.destroy()
    }
  }
}

/**
 * How many rows of table 3 a library gives whole: each figure in its cell and blank cells seen to be blank, in the order
 * of the table; of text, a line that ends with the seven figures. Whether the row's label is right is asked of gouji only.
 */
export async function exactRows(name, folders) {
  const files = folders.flatMap(filesIn)
  const all = files.reduce((sum, { rows }) => sum + rows.length, 0)
  let exact = 0
  if (name === 'gouji') {
    const read = await reader()
    for (const { bytes, rows } of files) {
      const facts = new Map()
      for (const { code, state, value } of (await read(bytes)).facts) {
        const row = code.split('.').slice(0, 2).join('.')
        if (!facts.has(row)) facts.set(row, [])
        facts.get(row).push(state === 'mark' ? '/' : state === 'unreadable' || state === 'absent' ? state : value)
      }
      exact += rows.filter(({ row, values }) => sameValues(facts.get(`t3.${row}`) ?? [], values)).length
    }
    return { exact, all }
  }
  const read = await peers[name]()
  for (const file of files) exact += rowsInOrder(await read(file), file.rows)
  return { exact, all }
}

const sameValues = (found, wanted) => found.length === wanted.length && wanted.every((value, at) => value === found[at])

/** A cell as what it says: a number, null for nothing, `/` for what is neither. */
function readCell(cell) {
  const text = cell.normalize('NFKC').trim()
  if (text === '') return null
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : '/'
}

function rowsInOrder({ rows, lines }, wanted) {
  const found = rows ?? lines.map((line) => line.trim().split(/\s+/))
  let next = 0
  let exact = 0
  for (const { values } of wanted) {
    const at = found.findIndex(
      (cells, index) => index >= next && sameValues(cells.slice(-values.length).map(readCell), values),
    )
    if (at < 0) continue
    exact++
    next = at + 1
  }
  return exact
}

/**
 * Reads files in reader threads, in a process of its own. Gives the seconds of the first `count` files, those of as many
 * after `warm` seconds of reading, since V8 takes that long to compile what it runs most, and the memory after each tenth
 * of the latter in MB.
 */
export async function readInThreads(threads, folder, count, warm) {
  const { openReaders } = await import(`${root}/dist/src/pipeline/threads.js`)
  const readers = openReaders({ threads, timeoutSeconds: 60, memoryMegabytes: 512, pdf: 'pdfium' })
  const files = filesIn(folder)
  const memory = []
  const run = async (goesOn, look) => {
    const begun = performance.now()
    let next = 0
    const work = async () => {
      while (goesOn(next, (performance.now() - begun) / 1000)) {
        const index = next++
        const { status, reason } = await readers.read(files[index % files.length].bytes, { fileName: null })
        if (status === 'failed') throw new Error(`a file was not read: ${JSON.stringify(reason)}`)
        if (look && index % Math.ceil(count / 10) === 0) memory.push(process.memoryUsage().rss / 1e6)
      }
    }
    await Promise.all(Array.from({ length: threads }, work))
    return (performance.now() - begun) / 1000
  }
  const first = await run((next) => next < count, false)
  await run((_, seconds) => seconds < warm, false)
  const seconds = await run((next) => next < count, true)
  await readers.close()
  return { first, seconds, memory }
}
