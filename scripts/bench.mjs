/**
 * `npm run bench`: what reading costs against the libraries that it cannot do without, and what ingesting costs over
 * ten thousand reports. Figures are ratios within one run, since machines differ and this one is shared; they are written
 * to BENCHMARKS.md. `npm run bench -- quick` takes a tenth of the documents and writes nothing.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
if (!existsSync(`${root}/dist/src/cli/main.js`))
  execFileSync(process.execPath, [`${root}/scripts/build.mjs`], { stdio: 'inherit' })
const quick = process.argv.includes('quick')
const require = createRequire(import.meta.url)
const { load } = await import('cheerio')
const { makeSample, shapes } = await import(`${root}/test/generator/index.ts`)
const mammoth = require('mammoth')
const { loadRegistry } = await import(`${root}/dist/src/forms/registry.js`)
const { readReport } = await import(`${root}/dist/src/pipeline/read.js`)

const registry = loadRegistry()
const sample = (name) => readFileSync(`${root}/samples/${name}`)

const block = 20

/**
 * Median seconds of one call, after warming up. Tasks take turns in blocks: call by call, one would leave its garbage to
 * be collected in the other's time.
 */
async function compare(tasks, rounds) {
  const times = tasks.map(() => [])
  for (let turn = 0; turn * block < rounds; turn++) {
    for (const [index, task] of tasks.entries()) {
      const begun = performance.now()
      for (let call = 0; call < block; call++) await task()
      if (turn > 0) times[index].push((performance.now() - begun) / 1000 / block)
    }
  }
  return times.map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)])
}

const rows = []

/** Reading pages, bytes to findings, against parsing them into a tree of elements alone. */
async function againstCheerio(pages, rounds) {
  const [read, parsed] = await compare(
    [
      async () => {
        for (const { bytes } of pages) await readReport(bytes, { fileName: null }, registry)
      },
      () => {
        for (const { text } of pages) load(text)
      },
    ],
    rounds,
  )
  return (read / parsed).toFixed(2)
}

const decoders = { 'hongze-2023.html': 'gb18030' }
const sampled = ['hongze-2023.html', 'shanghai-office-2019.html', 'pingtan-2018.html'].map((name) => {
  const bytes = sample(name)
  return { bytes, text: new TextDecoder(decoders[name] ?? 'utf-8').decode(bytes) }
})
rows.push([
  'HTML, the three samples: bytes to findings against cheerio.load alone',
  await againstCheerio(sampled, quick ? 40 : 200),
  'at most 1.5',
])
const pages = (pattern, count) =>
  shapes
    .filter(({ format, name }) => format === 'html' && pattern.test(name))
    .flatMap((shape) => Array.from({ length: count }, (_, seed) => makeSample(shape, seed).rendering))
rows.push([
  'HTML, whole pages of portals and word processors: the same',
  await againstCheerio(pages(/portal|word processor|conditional comments/, 2), quick ? 40 : 100),
  'at most 1.5',
])
rows.push([
  'HTML, every shape of page that the tests make, bare tables too: the same',
  await againstCheerio(pages(/./, 1), quick ? 40 : 60),
  '',
])

const docx = sample('huaian-2024.docx')
const [docxRead, bare] = await compare(
  [() => readReport(docx, { fileName: null }, registry), () => mammoth.convertToHtml({ buffer: docx })],
  quick ? 40 : 100,
)
rows.push(['DOCX: bytes to findings against mammoth alone', (docxRead / bare).toFixed(2), 'at most 1.3'])

// Every document differs, as in a real batch, so that nothing but labels is remembered.
const text = sample('rundong-2021.txt').toString()
const texts = Array.from({ length: quick ? 300 : 3000 }, (_, index) =>
  Buffer.from(text.replaceAll('润东', `润东${index}`).replace('申请数量\t\t0', `申请数量\t\t${index}`)),
)
const megabytes = texts.reduce((sum, bytes) => sum + bytes.length, 0) / 1e6
const speeds = []
for (let round = 0; round < 4; round++) {
  const begun = performance.now()
  for (const bytes of texts) await readReport(bytes, { fileName: null }, registry)
  speeds.push(megabytes / ((performance.now() - begun) / 1000))
}
rows.push(['Text: MB a second on one core, bytes to findings', Math.max(...speeds).toFixed(1), 'at least 20'])

/** Ingests generated reports in a process of its own; gives seconds at each tenth and the peak memory in MB. */
async function ingest(count) {
  const folder = mkdtempSync(join(tmpdir(), 'gouji-bench-'))
  mkdirSync(join(folder, 'in'))
  for (let index = 0; index < count; index++) {
    const year = 2021 + (index % 5)
    const made = text
      .replaceAll('润东区管委会2021年', `润东${Math.floor(index / 5)}区管委会${year}年`)
      .replace('申请数量\t\t0\t0\t0\t0\t0\t0\t0', `申请数量\t\t${index % 97}\t0\t0\t0\t0\t0\t${index % 97}`)
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
      const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
      if (memory) peak = Math.max(peak, Number(memory[1]) / 1024)
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
  const mean = (all) => all.reduce((sum, one) => sum + one, 0) / all.length
  return { seconds, peak, late: mean(times.slice(-tenth)) / mean(times.slice(tenth, 2 * tenth)) }
}

const small = await ingest(quick ? 200 : 1000)
const large = await ingest(quick ? 2000 : 10000)
const count = quick ? 2000 : 10000
rows.push([`${count} reports into the embedded store: reports a second`, (count / large.seconds).toFixed(0), ''])
rows.push([`Peak memory of ${count} against ${count / 10}`, (large.peak / small.peak).toFixed(2), 'at most 1.3'])
rows.push(['Time a report in the last tenth against the second tenth', large.late.toFixed(2), 'at most 1.2'])

const table = rows.map(([what, found, wanted]) => `| ${what} | ${found} | ${wanted} |`).join('\n')
console.log(table)
if (!quick) {
  writeFileSync(
    `${root}/BENCHMARKS.md`,
    `# Benchmarks

\`npm run bench\` measures this again and rewrites this file; \`npm run bench -- quick\` takes a tenth and writes nothing.
Ratios are of medians within one run, tasks taking turns in blocks, on a shared machine (${cpus().length} cores, Node ${process.versions.node}).

| what | measured | goal |
| --- | --- | --- |
${table}

Pages are generated where they are not samples, as in the tests. DOCX: huaian-2024.docx; text: variants of rundong-2021.txt, ${(text.length / 1000).toFixed(1)} thousand characters each,
every one different. Peak memory: resident set of the whole process, database included.
`,
  )
}
