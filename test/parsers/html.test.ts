/** What a page marks and hides by style: raised marks of footnotes, sections and rows that are not shown. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const sample = readFileSync(new URL('../../samples/hongze-2023.html', import.meta.url))
const report = new TextDecoder('gb18030').decode(sample).replace('charset=gb2312', 'charset=utf-8')
const third = report.match(/<table[\s\S]*?<\/table>/g)!.find((one) => one.includes('结转下年度继续办理'))!
const read = (table: string) => readReport(Buffer.from(report.replace(third, table)), { fileName: null }, registry)
const valuesOf = ({ facts }: Awaited<ReturnType<typeof read>>) =>
  facts.map(({ code, state, value }) => `${code} ${state} ${value}`)

describe('a figure with a mark behind it that a style raises', () => {
  const mark = '<span style="font-size:8px;vertical-align: super">'
  const figures = (text: string): string => third.replace(/(\d+)(<\/span><\/p><\/td>)/g, `$1${text}$2`)

  it.each(['1', '[1]', '注2'])('%s is read without it', async (text) => {
    const marked = figures(`${mark}${text}</span>`)
    expect(marked).not.toBe(third)
    expect(valuesOf(await read(marked))).toEqual(valuesOf(await read(third)))
  })

  it('is not, where what is raised can be no mark', async () => {
    const { facts } = await read(figures(`${mark}123</span>`))
    expect(facts.find(({ code }) => code === 't3.new_received.total')?.text).toBe('21123')
  })
})

describe('a table that the page does not show', () => {
  const hide = ' style="display: none"'
  const told = async (table: string) => {
    const { status, notices, findings } = await read(table)
    const hidden = notices.flatMap(({ code, data }) => (code === 'hidden_content' ? [String(data.text)] : []))
    const lacking = findings.filter(({ rule }) => /tables_complete|missing_cells/.test(rule)).map(({ fault }) => fault)
    return { status, hidden, lacking }
  }

  it('is told, and no fault of the report, where it stands in a section to be opened', async () => {
    const { status, hidden, lacking } = await told(`<div${hide}>${third}</div>`)
    expect(status).toBe('partial')
    expect(hidden.length).toBe(1)
    expect(hidden[0]).toContain('自然人')
    expect(lacking).toEqual(['reading'])
  })

  it.each([
    ['rows', (table: string) => table.replace(/<tr>(?=<td[^>]*>2\.没有现成信息)/, `<tr${hide}>`)],
    ['a body', (table: string) => table.replace(/<tr>(?=<td[^>]*>四、结转)/, `</tbody><tbody${hide}><tr>`)],
  ])('is told of %s', async (_what, change) => {
    const changed = change(third)
    expect(changed).not.toBe(third)
    const { hidden, lacking } = await told(changed)
    expect(hidden.length).toBe(1)
    expect(lacking).toEqual(['undecided'])
  })

  it('is read, and told, where the page hides all that it says until a script shows it', async () => {
    const body = `<body><h1>洪泽区人民政府2023年政府信息公开工作年度报告</h1><div${hide}>${report}</div></body>`
    const shown = await readReport(Buffer.from(report), { fileName: null }, registry)
    const { facts, notices } = await readReport(Buffer.from(body), { fileName: null }, registry)
    expect(facts.map(({ code, value }) => [code, value])).toEqual(shown.facts.map(({ code, value }) => [code, value]))
    expect(notices.filter(({ code }) => code.startsWith('hidden'))).toMatchObject([{ code: 'hidden_content_read' }])
  })

  it('is no matter where the same is shown', async () => {
    const old = third.replaceAll('>21<', '>20<')
    const reading = await read(`<div${hide}>${old}</div>${third}`)
    expect(valuesOf(reading)).toEqual(valuesOf(await read(third)))
    expect(reading.status).toBe((await read(third)).status)
  })
})

describe('what styles put out of sight in a cell', () => {
  const withSheet = (sheet: string, table: string): string => `<style>${sheet}</style>${table}`
  const before = third.replace('>21<', '><span class="old">9</span>21<')
  const figureOf = async (sheet: string, table = before): Promise<string | undefined> => {
    const { facts } = await read(withSheet(sheet, table))
    return facts.find(({ code }) => code === 't3.new_received.natural_person')?.text
  }

  it.each([
    ['.old{display:none}', '21'],
    ['/* { */ td p, span.old , .x { color: red; visibility: hidden }', '21'],
    ['.old{color:#f00}', '921'],
    ['@media print { .old { display: none } } @import "a.css";', '921'],
    ['.old{display:none} .open .old{display:inline}', '921'],
    ['.menu .old{display:none}', '921'],
  ])('%s', async (sheet, text) => {
    expect(before).not.toBe(third)
    expect(await figureOf(sheet)).toBe(text)
  })

  it.each(['position:absolute;left:-9999px', 'opacity:0', 'color: transparent'])('%s', async (style) => {
    expect(await figureOf('', before.replace('class="old"', `style="${style}"`))).toBe('21')
  })

  it('counts where the cell holds nothing else', async () => {
    const only = third.replace('>21<', '><span class="old">21</span><')
    expect(await figureOf('.old{display:none}', only)).toBe('21')
  })

  it.each([`<style>${'/*'.repeat(90_000)}display:none`, `<style>${'a'.repeat(190_000)};display:none`])(
    'is found in time in %.20s',
    async (markup) => {
      expect((await read(`${markup}</style>${third}`)).facts.length).toBeGreaterThan(0)
    },
  )
})

describe('what a style sheet writes into a cell', () => {
  const cell = 't3.new_received.natural_person'
  const statesWith = async (sheet: string, figure: string) => {
    const table = third.replace('>21<', `>${figure}<`)
    expect(table).not.toBe(third)
    const { facts } = await read(`<style>${sheet}</style>${table}`)
    const states = new Set(facts.filter(({ code }) => code !== cell).map(({ state }) => state))
    expect(states).toEqual(new Set(['number']))
    return facts.find(({ code }) => code === cell)!.state
  }

  it.each([
    ['.n::before{content:"2"}', '<b class="n">1</b>'],
    ['li:before{content:"1"} td p .n.m:after { content : attr(data-n) }', '<b class="m n" data-n="21"></b>'],
    ['b[data-n]::before{content:attr(data-n)}', '<b data-n="21"></b>'],
  ])('%s is shown and not read, so that the figure is not believed', async (sheet, figure) => {
    expect(await statesWith(sheet, figure)).toBe('unreadable')
  })

  it.each([
    ['.n::before{content:"\\e601"}', '<b class="n">21</b>'],
    ['.m::before{content:"2"}', '<b class="n">21</b>'],
    ['td:before, b:before{content:attr(data-label)}', '<b data-label="自然人">21</b>'],
    ['@media print { b::before{content:"2"} }', '<b>21</b>'],
  ])('%s writes no figure into it', async (sheet, figure) => {
    expect(await statesWith(sheet, figure)).toBe('number')
  })

  it.each(['.a'.repeat(60_000), 'a '.repeat(90_000), '{content:"1" '.repeat(14_000)])(
    'is found in time in %.9s',
    async (rule) => {
      expect((await read(`<style>${rule}::before{content:"1"}</style>${third}`)).facts.length).toBeGreaterThan(0)
    },
  )
})

describe('what a cell holds beside its figure', () => {
  const figuresOf = async (table: string) => valuesOf(await read(table))

  it.each([
    ['<ruby>$1<rt>8</rt></ruby>'],
    ['<progress value="5">5</progress>$1'],
    ['<noscript>9</noscript>$1'],
    ['<select><option>5<option selected>$1</select>'],
  ])('%s is no part of it', async (markup) => {
    const marked = third.replace(/(\d+)(<\/span><\/p><\/td>)/g, `${markup}$2`)
    expect(marked).not.toBe(third)
    expect(await figuresOf(marked)).toEqual(await figuresOf(third))
  })

  it.each([
    '<bdo dir="rtl">12</bdo>',
    '\u202e12\u202c',
    '<span style="unicode-bidi:bidi-override;direction:rtl">12</span>',
  ])('%s is shown the other way round than it is written, and not believed', async (markup) => {
    const { facts } = await read(third.replace('>21<', `>${markup}<`))
    expect(facts.find(({ code }) => code === 't3.new_received.natural_person')).toMatchObject({
      state: 'unreadable',
      candidates: [12, 21],
    })
  })
})

describe('a cell that shows no text', () => {
  it.each([
    '<img src="5.png">',
    '<img src="5.png" width="12" height="14">',
    '<svg><text>5</text></svg>',
    '<math><mn>5</mn></math>',
  ])('is not blank where it shows %s', async (shown) => {
    const { facts } = await read(third.replace('>21<', `>${shown}<`))
    expect(facts.find(({ code }) => code === 't3.new_received.natural_person')?.state).toBe('unreadable')
  })

  it('is blank where it shows a picture that spaces it', async () => {
    const { facts } = await read(third.replace('>21<', '><img src="s.gif" width="1" height="1"><'))
    expect(facts.find(({ code }) => code === 't3.new_received.natural_person')?.state).toBe('blank')
  })
})

describe('rows whose blank cells a converter dropped', () => {
  it('name no figure of another column, however many each row lacks', async () => {
    const printed = new Map((await read(third)).facts.map(({ code, value }) => [code, value]))
    const cut = third.replace(/<td[^>]*>(?:<[^>]*>)*0(?:<\/[^>]*>)*<\/td>/g, '')
    expect(cut).not.toBe(third)
    const { facts, status } = await read(cut)
    const wrong = facts.filter(({ code, state, value }) => state === 'number' && value !== printed.get(code))
    expect([status, wrong]).toEqual(['partial', []])
  })
})
