/**
 * `npx tsx test/generator/write-corpus.ts FOLDER SEEDS [WORDS]` writes that many PDFs of each shape of print whose name
 * has the words, each with its truth beside it: what a reader must say of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printPdfs } from '../setup/print.ts'
import { makePrintSample, printShapes, unreadablePrintShapes } from './index.ts'

const [folder, seeds, words = ''] = process.argv.slice(2)
if (folder === undefined || !(Number(seeds) > 0)) throw new Error('needs a folder and a number of seeds')
mkdirSync(folder, { recursive: true })
const shapes = [...printShapes, ...unreadablePrintShapes].filter(({ name }) => name.includes(words))
const samples = shapes.flatMap((shape) =>
  Array.from({ length: Number(seeds) }, (_, index) => makePrintSample(shape, index + 1)),
)
for (const { shape, seed, truth, rendering, breaks } of await printPdfs(samples)) {
  const name = `${shape.name.replace(/^pdf /, '').replace(/[^\w]+/g, '-')}.${seed}`
  writeFileSync(join(folder, `${name}.pdf`), rendering.bytes)
  const { agency, year, form } = truth
  const facts = Object.fromEntries(rendering.expected)
  const { local, note } = rendering
  const broken = breaks.map(({ rule, at }) => ({ rule, at }))
  const told = { shape: shape.name, seed, agency, year, form, local, note, breaks: broken, facts }
  writeFileSync(join(folder, `${name}.truth.json`), JSON.stringify(told, null, 1))
}
console.log(`${samples.length} PDFs of ${shapes.length} shapes in ${folder}`)
