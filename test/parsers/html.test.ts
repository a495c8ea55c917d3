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
    ['/* { */ td u, span.old , .x { color: red; visibility: hidden }', '21'],
    ['.old{color:#f00}', '921'],
    ['@media print { .old { display: none } } @import "a.css";', '921'],
    ['.old{display:none} .open .old{display:inline}', '21'],
    ['.old{display:none} td .old{display:inline}', '921'],
    ['td b.old{display:none} .old:hover{display:none}', '921'],
    ['@media screen and (min-width:768px) { .old { display: none } }', '21'],
    ['@media (max-width:768px) { .old { display: none } }', '921'],
    ['<!-- table td .old {display:none !important} .old{display:block} -->', '21'],
    ['.menu .old{display:none}', '921'],
  ])('%s', async (sheet, text) => {
    expect(before).not.toBe(third)
    expect(await figureOf(sheet)).toBe(text)
  })

  it.each(['position:absolute;left:-9999px', 'opacity:0', 'color: transparent'])('%s', async (style) => {
    expect(await figureOf('', before.replace('class="old"', `style="${style}"`))).toBe('21')
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

describe('a table whose cells styles hide and show', () => {
  const page = (sheet: string, cell: (figure: string) => string): string => {
    const row = (label: string, figures: readonly string[]): string =>
      `<tr><td>${label}</td>${figures.map(cell).join('')}</tr>`
    const rows = row('规章', ['82', '', '29']) + row('行政规范性文件', ['7', '3', ''])
    return `<html><head><title>临江市教育局2023年政府信息公开工作年度报告</title><style>${sheet}</style></head><body>
<h1>临江市教育局2023年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p><table>
<tr><td colspan="4">第二十条第（一）项</td></tr>
<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>${rows}</table></body></html>`
  }
  const stated = async (sheet: string, cell: (figure: string) => string) => {
    const { facts, notices } = await readReport(Buffer.from(page(sheet, cell)), { fileName: null }, registry)
    const own = facts.filter(({ code }) => /^t2_art20_1\.(?:regulations|normative_documents)\./.test(code))
    return { figures: own.map(({ state, value }) => value ?? state), codes: notices.map(({ code }) => code) }
  }
  const figures = [82, 'blank', 29, 7, 3, 'blank']

  it.each([
    ['<td><p style="font-size:0pt"><span style="font-size:10.5pt">', '</span></p></td>'],
    ['<td style="font-size:0"><span style="font-size:14px">', '</span></td>'],
    ['<td style="font-size:0"><b style="font-size:1em">9</b><font size="3">', '</font></td>'],
    ['<td><div style="visibility:hidden">9<span style="visibility:visible">', '</span></div></td>'],
    ['<td style="border:none;/* display:none */">', '</td>'],
    ['<td style="display:none;display:table-cell !important">', '</td>'],
  ])('reads what %s shows again', async (start, end) => {
    expect((await stated('', (figure) => start + figure + end)).figures).toEqual(figures)
  })

  it.each(['visibility:hidden', 'font-size:0px'])('keeps the place of a blank cell with %s', async (style) => {
    const cell = (figure: string): string => `<td${figure === '' ? ` style="${style}">&nbsp;` : `>${figure}`}</td>`
    expect((await stated('', cell)).figures).toEqual(figures)
  })

  it.each([
    ['.d-none{display:none!important}', '<td class="d-none">5</td><td>', '</td>'],
    ['table td.old{display:none}', '<td class="old">5</td><td>', '</td>'],
    ['tr td[data-old]{display:none}', '<td>', '</td><td data-old="1">5</td>'],
  ])('has no cell where %s', async (sheet, start, end) => {
    const cell = (figure: string): string => start + figure + end
    expect((await stated(sheet, cell)).figures).toEqual(figures)
  })

  it.each([
    ['table td i.o{display:none}', '<i class="o">9</i>'],
    ['.o{position:absolute;left:-9999px;width:1px;height:1px;overflow:hidden}', '<i class="o">9</i>'],
    ['.o{position:absolute;clip:rect(0,0,0,0)}', '<i class="o">9</i>'],
    ['', '<i style="display:inline-block;width:0;overflow:hidden">9</i>'],
    ['', '<i style="font-size:1px">9</i>'],
    ['', '<i style="opacity:0">9</i>'],
    ['', '<i style="color:#ffffff">0</i>'],
    ['', '<font color="white">0</font>'],
  ])('is read without what %s hides in %s, and told where there is nothing else', async (sheet, hidden) => {
    expect(await stated(sheet, (figure) => `<td>${hidden}${figure}</td>`)).toEqual({
      figures,
      codes: ['hidden_content'],
    })
  })

  it('reads white figures on a dark ground, and believes none where that may be painted elsewhere', async () => {
    const white = (figure: string): string => `<span style="color:#fff">${figure}</span>`
    expect(await stated('', (figure) => `<td bgcolor="#003366">${white(figure)}</td>`)).toEqual({ figures, codes: [] })
    const elsewhere = await stated('@import "site.css";', (figure) => `<td class="own">${white(figure)}</td>`)
    expect(elsewhere.figures).toEqual(figures.map((figure) => (figure === 'blank' ? 'blank' : 'unreadable')))
  })

  it.each([
    ['.fn{vertical-align:super}', '<i class="fn">1</i>'],
    ['', '<a href="#_ftn1" name="_ftnref1">1</a>'],
    ['td{font-size:12pt} .fn{vertical-align:4pt;font-size:7pt}', '<i class="fn">1</i>'],
    ['.d{text-decoration:line-through}', '<i class="d">1</i>'],
  ])('with %s reads no %s into a figure', async (sheet, mark) => {
    const { figures: read } = await stated(sheet, (figure) => `<td>${figure}${figure === '' ? '' : mark}</td>`)
    expect(read).toEqual(figures)
  })

  it.each([
    ['<span style="position:relative;top:-3.0pt;mso-text-raise:3.0pt;font-size:7pt">1</span>', 'unreadable', 'blank'],
    ['<sup>1</sup>', 82, 'unreadable'],
  ])('does not believe a figure where %s may be a part of it', async (mark, first, blank) => {
    const { figures: read } = await stated(
      '',
      (figure) => `<td>${figure}${figure === '' && first !== 82 ? '' : mark}</td>`,
    )
    expect(read.slice(0, 2)).toEqual([first, blank])
  })
})

describe('a copy of a table that the page keeps out of sight', () => {
  const old = third.replaceAll('>21<', '>20<')

  it.each([
    ['.wap{display:none}', '<div class="wap">'],
    ['.tab-pane{display:none} .tab-pane.active{display:block}', '<div class="tab-pane">'],
    ['', '<div style="position:absolute;left:-9999px">'],
  ])('is not read, by %s %s', async (sheet, open) => {
    const reading = await read(`<style>${sheet}</style>${open}${old}</div>${third}`)
    expect(valuesOf(reading)).toEqual(valuesOf(await read(third)))
    const alone = await read(`<style>${sheet}</style>${open}${old}</div>`)
    expect(alone.facts.filter(({ code, state }) => code.startsWith('t3.') && state === 'number')).toEqual([])
    expect(alone.notices.map(({ code }) => code)).toContain('hidden_content')
    expect(alone.findings.filter(({ rule }) => rule.endsWith('tables_complete')).map(({ fault }) => fault)).toEqual([
      'reading',
    ])
  })
})

describe('a section without its table', () => {
  const faultWith = async (instead: string) => {
    const { findings, notices } = await read(instead)
    const [fault] = findings.filter(({ rule }) => rule.endsWith('.tables_complete')).map((one) => one.fault)
    // Markup that is shown as text is a table that was not read.
    const codes: readonly string[] = ['table_embedded', 'table_not_read']
    return { fault, told: notices.some(({ code, data }) => codes.includes(code) && data.table === 't3') }
  }
  const escaped = third.replaceAll('<', '&lt;').replaceAll('"', '&quot;')

  it.each([
    `<noscript>${third}</noscript>`,
    `<template>${third}</template>`,
    `<xmp>${third}</xmp>`,
    `<textarea style="display:none">${escaped}</textarea>`,
    `<input type="hidden" value="${escaped}">`,
    `<div data-html="${escaped}"></div>`,
    '<p>附件：<a href="/P0202401.xlsx">申请情况.xlsx</a></p>',
    '<p><a href="/t3.html">点击查看表格</a></p>',
    '<div data-src="/a.pdf"></div>',
    '<script>PDFObject.embed("/a.pdf", "#pdf")</script>',
    '<p><img data-original="/t3.png" src="/blank.gif" width="1" height="1"></p>',
    '<div style="width:800px;height:600px;background-image:url(/t3.png)"></div>',
    '<input type="image" src="/t3.png" width="800" height="600">',
    '<amp-img src="t3.png" width="800" height="600"></amp-img>',
    '<video src="t3.mp4"></video>',
    '<v:shape style="width:400pt;height:300pt"><v:imagedata src="image001.png"/></v:shape>',
  ])('may have it in %.60s, and is no fault of the report', async (instead) => {
    expect(await faultWith(instead)).toEqual({ fault: 'reading', told: true })
  })

  it.each([
    '',
    '<noscript>请启用脚本</noscript>',
    '<p><a href="#top">返回顶部</a></p>',
    '<p><a href="/zcfg.html">条例</a></p>',
    '<input type="image" src="/go.png" width="20" height="20">',
    '<div style="background:url(/line.png);height:2px"></div>',
    '<div style="background:url(/paper.png)">本节无数据。</div>',
  ])('is the fault of the report beside %s', async (instead) => {
    expect(await faultWith(instead)).toEqual({ fault: 'report', told: false })
  })
})
