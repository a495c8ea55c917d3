/**
 * A folder of documents as a night's work brings them: reports of many kinds, several years of each agency, some wrong;
 * some twice under other names, some in archives; files that are no reports, broken ones, and some that no reader stands.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { printTruth, type Truth, truths } from '../generator/figures.ts'
import { injectError } from '../generator/injections.ts'
import { makeRandom } from '../generator/random.ts'
import { docxShapes } from '../generator/render/docx.ts'
import { htmlShapes } from '../generator/render/html.ts'
import { textShapes } from '../generator/render/text.ts'
import { makeZip } from '../pipeline/fixtures/zip.ts'

export type DocumentFolder = {
  /** What is to be given to a command. */
  readonly paths: readonly string[]
  /** How many documents that is, those in archives counted. */
  readonly documents: number
  /** How many different ones of them end the thread that reads them, with the memory of `tightMegabytes`. */
  readonly breaking: number
}

/** Enough for each report, and not for what `breaking` counts. */
export const tightMegabytes = 128

const kinds = [textShapes, htmlShapes, docxShapes]
const extensions = { text: 'txt', html: 'html', docx: 'docx' } as const
const yearsEach = 4
const zipEvery = 12
const names = '清云石龙青白永安临河溪岭泉原川平陵阳东西南北高新长宁兴盛'

type Made = { readonly name: string; readonly bytes: Uint8Array }

/** Writes so many documents into a folder: the same for the same number. */
export function writeDocuments(folder: string, documents: number): DocumentFolder {
  const breaking = Math.ceil(documents / 500)
  const doubled = Math.round(documents * 0.05)
  const others = Math.round(documents * 0.04)
  const broken = Math.round(documents * 0.04)
  const missing = 1
  const reports = makeReports(documents - breaking - doubled - others - broken - missing)
  const files: Made[] = [
    ...reports,
    ...reports.slice(0, doubled).map(({ name, bytes }) => ({ name: `again-${name}`, bytes })),
    ...range(others).map((index) => ({ name: `notice-${index}.txt`, bytes: makeNotice(index) })),
    ...range(broken).map((index) => ({ name: `broken-${index}.docx`, bytes: makeBroken(reports, index) })),
  ]
  mkdirSync(join(folder, 'in'), { recursive: true })
  const put = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, 'in', name), bytes)
  // By their place, so that reports, doubles and broken ones come together in an archive.
  const zipped = files.filter((_, index) => index % zipEvery === 0)
  for (const { name, bytes } of files.filter((file) => !zipped.includes(file))) put(name, bytes)
  for (let start = 0; start < zipped.length; start += 10) {
    const entries = zipped.slice(start, start + 10).map(({ name, bytes }) => ({ name, content: bytes }))
    put(`bundle-${start}.zip`, makeZip(entries))
  }
  for (const index of range(breaking)) put(`endless-${index}.html`, makeEndless(index))
  return { paths: [join(folder, 'in'), join(folder, 'missing.txt')], documents, breaking }
}

/** So many reports, four years of each agency, every third with an error. */
export function makeReports(count: number): Made[] {
  const drawn = fc.sample(truths('ogi_2021'), { seed: 20_260, numRuns: count })
  return drawn.map((truth, index) => {
    const shapes = kinds[index % kinds.length]!
    const shape = shapes[Math.floor(index / kinds.length) % shapes.length]!
    const own = ofAgency(truth, index)
    const wrong = index % 3 === 0 && !shape.lossy ? injectError(own, makeRandom(index)) : null
    const { bytes } = shape.render(wrong?.truth ?? own, index)
    return { name: `report-${index}.${extensions[shape.format as keyof typeof extensions]}`, bytes }
  })
}

function ofAgency(truth: Truth, index: number): Truth {
  const agency = Math.floor(index / yearsEach)
  const first = names[agency % names.length]!
  const second = names[Math.floor(agency / names.length) % names.length]!
  const year = 2021 + (index % yearsEach)
  return printTruth({ ...truth, agency: `${first}${second}县财政局`, year }, truth.style)
}

function makeNotice(index: number): Uint8Array {
  return Buffer.from(`关于召开第${index}次会议的通知\n\n定于下周一上午在二楼会议室召开工作例会，请准时参加。\n`)
}

function makeBroken(reports: readonly Made[], index: number): Uint8Array {
  const documents = reports.filter(({ name }) => name.endsWith('.docx'))
  const { bytes } = documents[index % documents.length]!
  return Buffer.concat([bytes.subarray(0, Math.floor(bytes.length * 0.6)), Buffer.from([index])])
}

/** A page with as many cells as may be. */
function makeEndless(index: number): Uint8Array {
  return Buffer.from(`<p>${index}</p><table>${`<tr>${'<td>1</td>'.repeat(20)}</tr>`.repeat(9_000)}</table>`)
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
