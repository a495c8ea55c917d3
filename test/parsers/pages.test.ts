/** Text that browsers and scripts make of pages with tables: a tab between cells, line ends around blocks, one piece a line. */
import { readFileSync } from 'node:fs'
import { load } from 'cheerio'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browser as browserProgram, needProgram } from '../../scripts/packages.mjs'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { makeSample, shapes } from '../generator/index.ts'

const registry = loadRegistry()
const sampleOf = (name: string): string => readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8')
const read = (text: string): Promise<Reading> =>
  readReport(new TextEncoder().encode(text), { fileName: 'report.txt' }, registry)
const page = readFileSync(new URL('../../samples/hongze-2023.html', import.meta.url))
const hongze = new TextDecoder('gb18030').decode(page)
const truth = JSON.parse(sampleOf('hongze-2023.truth.json')).facts as Record<string, number | null>
const rundong = sampleOf('rundong-2021.txt')

/** Cells of which the reading says something else than the truth; those not read apart. */
function wrongIn({ facts }: Reading, of: ReadonlyMap<string, number | null>): string[] {
  const stated = facts.filter(({ state }) => state !== 'absent' && state !== 'unreadable')
  return stated.flatMap(({ code, value }) => (of.has(code) && of.get(code) !== value ? [`${code} ${value}`] : []))
}

function valuesOf({ facts }: Reading): Record<string, number | null> {
  return Object.fromEntries(facts.map(({ code, value }) => [code, value]))
}

function stateOf({ facts }: Reading, code: string): string | undefined {
  return facts.find((fact) => fact.code === code)?.state
}

describe('a page as a browser gives its text', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: needProgram(browserProgram) })
  })
  afterAll(async () => {
    await browser.close()
  })
  const textOf = async (html: string, script: string): Promise<string> => {
    const page = await browser.newPage()
    try {
      await page.setContent(html)
      return await page.evaluate<string>(script)
    } finally {
      await page.close()
    }
  }

  const ways = {
    text: 'document.body.innerText',
    selection: '(getSelection().selectAllChildren(document.body), getSelection().toString())',
  }
  for (const [way, script] of Object.entries(ways)) {
    it(`its ${way}: figures in paragraphs of their cells are all read`, async () => {
      expect(valuesOf(await read(await textOf(hongze, script)))).toEqual(truth)
    })
  }

  const cells: Record<string, (text: string) => string> = {
    paragraphs: (text) => `<p>${text}</p>`,
    blocks: (text) => `<div><div>${text}</div></div>`,
    'lines that end': (text) => `${text}<br>`,
    'paragraphs with a blank one': (text) => `<p>${text}</p><p>&nbsp;</p>`,
    'tables of their own': (text) => `<table><tr><td>${text}</td></tr></table>`,
  }
  for (const [name, dress] of Object.entries(cells)) {
    it(`cells as ${name}: what is read is right, blank cells are blank`, async () => {
      const shape = shapes.find((one) => one.name === 'html a fragment')!
      for (const seed of [1, 2, 5]) {
        const { rendering } = makeSample(shape, seed)
        const html = rendering.text.replace(/(<td[^>]*>)([^<]*)(?=<\/td>)/g, (_, tag, text) => tag + dress(text))
        const reading = await read(await textOf(html, ways.text))
        const expected = new Map([...rendering.expected].map(([code, { value }]) => [code, value]))
        expect(wrongIn(reading, expected)).toEqual([])
        const lost = reading.facts.filter(({ state }) => state === 'absent' || state === 'unreadable')
        expect(lost.length).toBeLessThanOrEqual(expected.size / 10)
      }
    })
  }
})

describe('text with a piece of the page on each line', () => {
  const piecesOf = (html: string): string[] => {
    const $ = load(html)
    const nodes = $('body').find('*').addBack().contents().toArray()
    return nodes.flatMap((node) => (node.type === 'text' && node.data.trim() !== '' ? [node.data.trim()] : []))
  }

  for (const between of ['\n', '\n\n\n']) {
    it(`with ${between.length} line ends between: labels broken over lines are put together`, async () => {
      expect(valuesOf(await read(piecesOf(hongze).join(between)))).toEqual(truth)
    })
  }

  it('figures on lines of their own behind rows of pipes leave no blank cell certain', async () => {
    const text = rundong.replace(/^行政许可\t(\d+).*$/m, '行政许可| \n\n$1  \n')
    const piped = text.replace(/^(信息内容\t本年处理决定数量)/m, (line) => line.replace('\t', '| '))
    expect(stateOf(await read(piped), 't2_art20_5.licences.decisions')).not.toBe('blank')
  })
})

describe('headers in pieces', () => {
  it('are not taken for those of another group where the label of one is not known', async () => {
    const reading = await read(rundong.replace(/^行政复议(?=\t)/m, '单位：件行政复议'))
    const known = new Map(
      (await read(rundong)).facts.flatMap(({ code, value }) => (code.startsWith('t4') ? [[code, value] as const] : [])),
    )
    expect(known.size).toBeGreaterThan(0)
    expect(wrongIn(reading, known)).toEqual([])
  })

  it('read as rows of LaTeX, with its ends of lines', async () => {
    const latex = rundong.replace(/^.*\t.*$/gm, (line) => `${line.trimEnd().replaceAll('\t', ' & ')} \\\\`)
    const states = (reading: Reading): string[] => reading.facts.map(({ code, value }) => `${code} ${value}`)
    expect(states(await read(latex))).toEqual(states(await read(rundong)))
  })
})
