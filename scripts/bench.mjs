/**
 * `npm run bench`: what reading costs against the libraries that it cannot do without, and what ingesting costs over
 * ten thousand reports. Figures are ratios within one run, since machines differ and this one is shared; they are written
 * to BENCHMARKS.md, each to its line. `npm run bench -- pdf` measures a part alone; `npm run bench -- quick` takes a tenth of the
 * documents and writes nothing.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { gainOfTwo } from './bench-machine.mjs'
import { countPages, exactRows, pdfTasks, readInThreads, writePdfs } from './bench-pdf.mjs'
import { judge, localiseTimes } from './bench-rules.mjs'
import { measureService, writeServiceCorpora } from './bench-service.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
// Tasks in processes of their own are measured as built for the whole.
if (!['time', 'localise', 'threads'].includes(process.argv[2]))
  execFileSync(process.execPath, [`${root}/scripts/build.mjs`], { stdio: 'inherit' })
const quick = process.argv.includes('quick')
const require = createRequire(import.meta.url)
const sample = (name) => readFileSync(`${root}/samples/${name}`)
const text = sample('rundong-2021.txt').toString()

/** Report `index` of a batch in which every one differs, as in a real one, and all sums hold as in the sample. */
function variant(index) {
  const count = index % 97
  let made = text.replaceAll('润东', `润东${index}`)
  for (const row of ['申请数量', '予以公开', '总计']) {
    made = made.replace(new RegExp(`(${row}\t+)0((?:\t0){5})\t0`), `$1${count}$2\t${count}`)
  }
  return made
}

/** What is timed. Each gives a function that goes through its documents once, and how many bytes they have. */
const tasks = {
  'read html': async (pages) => reader((await pagesNamed(pages)).map(({ bytes }) => bytes)),
  'load html': (pages) => loader(pages, () => {}),
  'load html and let go': (pages) =>
    loader(pages, (root) => {
      root.children = []
    }),
  'read docx': () => reader([sample('huaian-2024.docx')]),
  'convert docx': () => {
    const mammoth = require('mammoth')
    const buffer = sample('huaian-2024.docx')
    return { bytes: 0, run: () => mammoth.convertToHtml({ buffer }) }
  },
  ...pdfTasks,
  judge: (kind) => judge(2000, kind),
  'read text': () => reader(Array.from({ length: 500 }, (_, index) => Buffer.from(variant(index)))),
}

async function reader(documents) {
  const { loadRegistry } = await import(`${root}/dist/src/forms/registry.js`)
  const { readReport } = await import(`${root}/dist/src/pipeline/read.js`)
  const registry = loadRegistry()
  return {
    bytes: documents.reduce((sum, { length }) => sum + length, 0),
    run: async () => {
      for (const bytes of documents) await readReport(bytes, { fileName: null }, registry)
    },
  }
}

async function loader(pages, done) {
  const { load } = await import('cheerio')
  const texts = (await pagesNamed(pages)).map(({ text }) => text)
  return {
    bytes: 0,
    run: () => {
      for (const one of texts) done(load(one).root()[0])
    },
  }
}

async function pagesNamed(pages) {
  if (pages === 'samples') {
    const encodings = {
      'hongze-2023.html': 'gb18030',
      'shanghai-office-2019.html': 'utf-8',
      'pingtan-2018.html': 'utf-8',
    }
    return Object.entries(encodings).map(([name, encoding]) => {
      const bytes = sample(name)
      return { bytes, text: new TextDecoder(encoding).decode(bytes) }
    })
  }
  const { makeSample, shapes } = await import(`${root}/test/generator/index.ts`)
  const pattern = pages === 'whole' ? /portal|word processor|conditional comments/ : /./
  return shapes
    .filter(({ format, name }) => format === 'html' && pattern.test(name))
    .flatMap((shape) => [0, 1].map((seed) => makeSample(shape, seed).rendering))
}

/** Seconds that a task runs before it is timed: at least, and at most until so many passes; by then V8 has compiled what it runs most. */
const [warmSecondsMin, warmSeconds, warmPasses] = quick ? [1, 1, 0] : [3, 30, 80]

/** In a process of its own: seconds of one pass, the median of blocks after warming up, and bytes of a pass. */
async function time(task, argument) {
  // As the threads that read are set: see src/pipeline/threads.ts.
  if (task.startsWith('read ')) setFlagsFromString('--no-allocation-site-pretenuring')
  const { run, bytes } = await tasks[task](argument)
  const block = async (seconds) => {
    const begun = performance.now()
    let passes = 0
    while (performance.now() - begun < seconds * 1000) {
      await run()
      passes++
    }
    return (performance.now() - begun) / 1000 / passes
  }
  const start = performance.now()
  const warmed = () => (performance.now() - start) / 1000
  for (let passes = 0; warmed() < warmSecondsMin || (passes < warmPasses && warmed() < warmSeconds); passes++)
    await run()
  const times = []
  // Of folders that take long three blocks say as much as fifteen of others.
  const until = performance.now() + 6000
  for (let turn = 0; turn < (quick ? 5 : 15) && (turn < 3 || performance.now() < until); turn++)
    times.push(await block(0.2))
  return { seconds: median(times), bytes }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** The same from outside. One process for each task: what one leaves in memory would be collected in the other's time. */
function timed(task, argument = '') {
  return inProcess('time', task, argument, ...(quick ? ['quick'] : []))
}

function inProcess(task, ...args) {
  const options = { encoding: 'utf8', cwd: root }
  // Threads are started from dist, which the loader of TypeScript would stand in the way of.
  const loader = task === 'threads' ? [] : ['--import', 'tsx']
  const own = [...loader, fileURLToPath(import.meta.url), task, ...args.map(String)]
  return JSON.parse(execFileSync(process.execPath, own, options))
}

/** How many times as long one task takes as another: the median over pairs of processes that take turns. */
function ratio(task, other, argument, pairs = 5) {
  const ratios = Array.from(
    { length: quick ? 1 : pairs },
    () => timed(task, argument).seconds / timed(other, argument).seconds,
  )
  return median(ratios).toFixed(2)
}

/** What runs in a process of its own, by the name it is called with. */
const alone = {
  time: (task, argument) => time(task, argument),
  localise: (seeds, most) => localiseTimes(Number(seeds), Number(most)),
  threads: (threads, folder, count) => readInThreads(Number(threads), folder, Number(count), warmSeconds),
}
if (process.argv[2] in alone) {
  console.log(JSON.stringify(await alone[process.argv[2]](...process.argv.slice(3))))
  process.exit()
}

const [rows, peerRows] = [new Map(), new Map()]
/** Says each figure as soon as it is known: the whole takes more than an hour. */
function addTo(table, row) {
  table.set(row[0], [...row, version])
  console.log(row.join(' | '))
}
const add = (...made) => {
  for (const row of made) addTo(rows, row)
}
const addPeer = (row) => addTo(peerRows, row)

/** Beside what is measured with two of something: others may use the machine, now more and now less. */
async function addMachine(when) {
  const { median, least, most } = await gainOfTwo(quick ? 1 : 5)
  const spread = `${median.toFixed(2)}; ${least.toFixed(2)} to ${most.toFixed(2)}`
  add([`The machine, ${when}: two processes that share nothing against one`, spread, ''])
}

function measureReading() {
  for (const [pages, what, goal] of [
    ['samples', 'HTML, the three samples: bytes to findings against cheerio.load alone', 'at most 1.5'],
    ['whole', 'HTML, whole pages of portals and word processors: the same', 'at most 1.5'],
    ['every', 'HTML, every shape of page that the tests make, bare tables too: the same', ''],
  ]) {
    add([what, ratio('read html', 'load html', pages), goal])
  }
  add([
    'HTML, the three samples: the same against cheerio.load whose trees are let go',
    ratio('read html', 'load html and let go', 'samples'),
    '',
  ])
  add(['DOCX: bytes to findings against mammoth alone', ratio('read docx', 'convert docx'), 'at most 1.3'])
  const speeds = Array.from({ length: quick ? 1 : 5 }, () => timed('read text')).map(
    ({ bytes, seconds }) => bytes / seconds / 1e6,
  )
  add(['Text: MB a second on one core, bytes to findings', Math.max(...speeds).toFixed(1), 'at least 20'])
}

function measureRules() {
  for (const [kind, what] of [
    ['filled', 'filled in every cell'],
    ['blanks', 'with blanks and marks'],
  ]) {
    const speeds = Array.from({ length: quick ? 1 : 5 }, () => timed('judge', kind)).map(
      ({ bytes, seconds }) => bytes / seconds,
    )
    const row = `Rules, reports ${what}: reports a second on one core, facts to findings`
    add([row, Math.max(...speeds).toFixed(0), 'at least 20000'])
  }
  for (const [most, what] of [
    [1, 'one slip'],
    [5, 'one to five slips'],
    [10, 'one to ten slips'],
  ]) {
    const slips = inProcess('localise', quick ? 20 : 100, most)
    const left = ((100 * slips.incomplete) / slips.reports).toFixed(0)
    add([
      `Where ${slips.reports} reports with ${what} are wrong: 99 of 100 in milliseconds`,
      `${slips.most.toFixed(2)}; ${left} % not searched to the end`,
      'at most 5',
    ])
  }
}

async function measurePdf() {
  const pdfs = mkdtempSync(join(tmpdir(), 'gouji-bench-'))
  const kinds = await writePdfs(pdfs, quick ? 1 : 3)
  for (const kind of kinds) {
    const what = `PDF, ${kind}: bytes to findings against a bare reading by PDFium`
    add([what, ratio('read pdf', 'load pdf', join(pdfs, kind), 3), 'at most 1.5'])
  }
  add(['PDF, all of these files: the same', ratio('read pdf', 'load pdf', pdfs, 3), 'at most 1.5'])
  await addMachine('beside PDF')
  const many = quick ? 200 : 2000
  for (const kind of kinds.slice(1)) {
    const folder = join(pdfs, kind)
    const pagesEach = (await countPages(folder)) / readdirSync(folder).filter((name) => name.endsWith('.pdf')).length
    const turns = Array.from({ length: quick ? 1 : 3 }, () =>
      [1, 2].map((threads) => inProcess('threads', threads, folder, many / 4)),
    )
    const speedIn = (seconds) => (((many / 4) * pagesEach) / Math.min(...seconds)).toFixed(0)
    const twos = turns.map(([, two]) => two)
    add([`PDF, ${kind}: pages a second by two threads`, speedIn(twos.map(({ seconds }) => seconds)), 'at least 300'])
    const first = speedIn(twos.map(({ first }) => first))
    add([`PDF, ${kind}: the same by threads that have just begun, of their first ${many / 4} files`, first, ''])
    const { seconds } = timed('load pdf', folder)
    const bare = (await countPages(folder)) / seconds
    add([`PDF, ${kind}: pages a second by a bare reading by PDFium in one thread`, bare.toFixed(0), ''])
    const gain = median(turns.map(([one, two]) => one.seconds / two.seconds))
    add([`PDF, ${kind}: two threads against one`, gain.toFixed(2), 'at least 1.7'])
  }
  const { memory } = inProcess('threads', 1, join(pdfs, kinds[1]), many)
  add([`Memory of a reader after ${many} PDFs against a fifth of them`, (memory.at(-1) / memory[1]).toFixed(2), 'flat'])

  const folders = kinds.map((kind) => join(pdfs, kind))
  for (const peer of ['gouji', 'pdf-parse getTable', 'pdf-parse getText', 'unpdf', 'pdftotext']) {
    const { exact, all } = await exactRows(peer, folders)
    // Of the first there is a goal.
    const pairs = peer === 'pdf-parse getTable' ? 3 : 1
    const times = folders.slice(1).map((folder) => (peer === 'gouji' ? '1' : ratio(peer, 'read pdf', folder, pairs)))
    addPeer([peer, `${exact} of ${all}`, ...times])
  }
  rmSync(pdfs, { recursive: true, force: true })
}

/** Ingests generated reports in a process of its own; gives seconds at each tenth and the peak memory in MB. */
async function ingest(count) {
  const folder = mkdtempSync(join(tmpdir(), 'gouji-bench-'))
  mkdirSync(join(folder, 'in'))
  for (let index = 0; index < count; index++) {
    const year = 2021 + (index % 5)
    const made = variant(index).replaceAll(
      `润东${index}区管委会2021年`,
      `润东${Math.floor(index / 5)}区管委会${year}年`,
    )
    writeFileSync(join(folder, 'in', `${index}.txt`), made)
  }
  const child = spawn(
    process.execPath,
    [`${root}/dist/src/cli/main.js`, 'ingest', 'in', '--jobs', '2', '--store', 'store'],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  let out = ''
  child.stdout.on('data', (piece) => {
    out += piece
  })
  let peak = 0
  const watch = setInterval(() => {
    try {
      const pids = [child.pid, ...childrenOf(child.pid)]
      peak = Math.max(
        peak,
        pids.map(residentMegabytes).reduce((sum, one) => sum + one),
      )
    } catch {
      // Ended between two looks.
    }
  }, 100)
  await new Promise((resolve) => child.once('close', resolve))
  clearInterval(watch)
  const main = `${root}/dist/src/cli/main.js`
  const show = execFileSync(
    process.execPath,
    [
      main,
      'query',
      'SELECT milliseconds FROM run_items ORDER BY reading_id',
      '--format',
      'json',
      '--limit',
      '1000000',
      '--store',
      'store',
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const times = JSON.parse(show).map((row) => row.milliseconds)
  const seconds = Number(/Time ([\d.]+)|用时 ?([\d.]+)/.exec(out)?.[1] ?? Number.NaN)
  rmSync(folder, { recursive: true, force: true })
  const tenth = Math.max(1, Math.floor(times.length / 10))
  return { seconds, peak, late: median(times.slice(-tenth)) / median(times.slice(tenth, 2 * tenth)) }
}

/** The store is in one process and the threads that read in another. */
function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}

async function measureStore() {
  const small = await ingest(quick ? 200 : 1000)
  const large = await ingest(quick ? 2000 : 10000)
  const count = quick ? 2000 : 10000
  add([`${count} reports into the embedded store: reports a second`, (count / large.seconds).toFixed(0), ''])
  add([`Peak memory of ${count} against ${count / 10}`, (large.peak / small.peak).toFixed(2), 'at most 1.3'])
  add(['Median time a report in the last tenth against the second tenth', large.late.toFixed(2), 'at most 1.2'])
}

async function measureServices() {
  await addMachine('beside the service')
  const corpora = mkdtempSync(join(tmpdir(), 'gouji-bench-'))
  await measureService(await writeServiceCorpora(corpora, quick), quick, add)
  rmSync(corpora, { recursive: true, force: true })
}

const parts = {
  reading: measureReading,
  rules: measureRules,
  pdf: measurePdf,
  store: measureStore,
  service: measureServices,
}

/** Lines of the table under a heading line in BENCHMARKS.md, by what they are of. */
function tableIn(file, heading) {
  const lines = file.slice(file.indexOf(`| ${heading} `)).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  const cells = lines.slice(2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  return new Map(cells.map((row) => [row[0], row]))
}

/** A table with what was measured now in place of what is written of it, all else as it stands. */
function asTable(headings, written, measured) {
  const lines = [headings, ...new Map([...tableIn(written, headings[0]), ...measured]).values()]
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  const asLine = (cells) => `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  const [first, ...others] = lines.map(asLine)
  return [first, asLine(widths.map((width) => '-'.repeat(width))), ...others].join('\n')
}

const path = `${root}/BENCHMARKS.md`
function write() {
  const written = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    `# Benchmarks

\`npm run bench\` measures all of this again, \`npm run bench -- pdf\` a part (${Object.keys(parts).join(', ')}), and puts the figures in
their lines; \`npm run bench -- quick\` takes a tenth and writes nothing. Each line says of which version of gouji it is.
Ratios are of medians within one run, each task in processes of its own that take turns, on a shared machine (${cpus().length} cores, Node ${process.versions.node}).

${asTable(['what', 'measured', 'goal', 'version'], written, rows)}

Two threads and two workers cannot bring more than the machine gives to two processes that share nothing, and that changes
with what others do on it. So each worker is also given a part of a core only, by a control group: see docs/scaling.md.

What cheerio.load makes of a page stays in memory until the engine collects all of it, because each call makes a class of
its own; gouji lets go of the page's tree at once, which saves so much collecting that reading can cost less than loading.
Pages are generated where they are not samples, as in the tests. DOCX: huaian-2024.docx; text: variants of rundong-2021.txt, ${(text.length / 1000).toFixed(1)} thousand characters each,
every one different. Peak memory: resident set of both processes, the one that stores, with the database, and the one that reads.
What is timed was run for up to half a minute before, until V8 has compiled it: a worker runs for days. What gouji reads is
read as its threads do, with V8 kept from making short-lived objects among the old; the libraries alone run without.
The service runs beside its PostgreSQL and Redis on the same cores: with two cores, two workers gain only what one left free.
One worker against the embedded run is the median of the turns, with the least and the most where there are more than three.

## PDF beside other libraries

${asTable(['library', 'rows of table 3 exact', 'time, fonts as outlines', 'time, fonts as drawings', 'version'], written, peerRows)}

A row is exact where each figure is in its cell and each blank cell is seen to be blank, in the order of the table; of libraries
that give text, where a line ends with the seven figures. Only of gouji is the row's label asked too. Times are against gouji's,
bytes to findings. Fonts are drawings (Type 3) where Chromium prints a font whose outlines are of a kind that PDF has no room for.
pdftotext (poppler) runs as a program of its own. Not here: @kreuzberg/wasm 4.5.2 looks for its module in a folder that its
package does not have, and @kreuzberg/node 4.10.2 wants Node 22 and a newer C++ library than Debian 12 has.

How much of pictures is read right is in docs/ocr.md: \`npx tsx test/generator/measure-ocr.ts 12 8001 clean,light,bad 150,200,300\`.
`,
  )
}

const chosen = Object.keys(parts).filter((name) => process.argv.includes(name))
for (const name of chosen.length === 0 ? Object.keys(parts) : chosen) {
  await parts[name]()
  if (!quick) write()
}
