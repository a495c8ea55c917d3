/** Tables in pieces beneath headings: read where labels, or the form's order and the sums, tell each cell, and not where anything else may be meant. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { columns } from './table-3.ts'

const registry = loadRegistry()
const { facts: truth } = JSON.parse(
  readFileSync(new URL('../../samples/huaian-2024.truth.json', import.meta.url), 'utf8'),
) as { facts: Record<string, number | string | null> }
const { definition } = registry.byId.get('ogi_2021')!
const { rows } = definition.tables.find(({ code }) => code === 't3')!

const nameless = ['数据1', '数据2', '数据3', '数据4', '数据5', '数据6', '总计']
const misnamed = ['本年新收件数', '上年结转件数', '予以公开', '部分公开', '不予公开', '结转下年度', '总计']
const bodies = ['公安局', '民政局', '财政局', '教育局', '住建局', '卫健委', '总计']
const lineOf = (fields: readonly string[]): string => `| ${fields.join(' | ')} |`
const tableOf = (header: readonly string[], lines: readonly (readonly string[])[]): string =>
  [lineOf(['类别', ...header]), lineOf(['---', ...header.map(() => '---')]), ...lines.map(lineOf)].join('\n')

type Printed = { readonly code: string; readonly label: string; readonly heading: string; readonly figures: string[] }

/** The rows of table 3 of the sample, with the headings that a model of language gives them. */
function printedRows(change: (code: string, figure: string) => string = (_, figure) => figure): Printed[] {
  return rows
    .filter(({ abstract }) => !abstract)
    .map(({ code, labels, parent }) => {
      const group = rows.find((one) => one.code === parent)
      const figures = columns.map((column) => {
        return change(`t3.${code}.${column}`, String(truth[`t3.${code}.${column}`] ?? ''))
      })
      return { code, label: labels[0]!, heading: (group ?? rows.find((one) => one.code === code)!).labels[0]!, figures }
    })
}

/** `misnamedAt`: the row above which a header stands that names rows of the table. */
function reportOf(printed: readonly Printed[], header = nameless, misnamedAt = -1): string {
  const tables: { heading: string; header: readonly string[]; lines: string[][] }[] = []
  for (const [at, { label, heading, figures }] of printed.entries()) {
    if (at === misnamedAt) tables.push({ heading, header: misnamed, lines: [] })
    else if (tables.at(-1)?.heading !== heading) tables.push({ heading, header, lines: [] })
    tables.at(-1)!.lines.push([label, ...figures])
  }
  const body = tables.map((table, index) => {
    const isMisnamed = table.header === misnamed && index > 0
    return `${isMisnamed ? '' : `### ${table.heading}\n`}${tableOf(table.header, table.lines)}`
  })
  return ['# 淮安市2024年政府信息公开工作年度报告', '## 三、收到和处理政府信息公开申请情况', ...body].join('\n\n')
}

async function read(text: string) {
  const reading = await readReport(Buffer.from(text), { fileName: 'report.md' }, registry)
  const stated = new Map(reading.facts.map((fact) => [fact.code, fact]))
  return { ...reading, stated, codes: reading.notices.map(({ code }) => code) }
}

const codesOfTable3 = Object.keys(truth).filter((code) => code.startsWith('t3.'))

describe('rows whose columns have no names', () => {
  for (const [name, header, misnamedAt] of [
    ['and a total', nameless, -1],
    ['at all', nameless.map((_, index) => `列${index + 1}`), -1],
    ['and a header among them that names rows', nameless, 20],
  ] as const) {
    it(`${name}: are read in the form's order, and said to be inferred`, async () => {
      const { stated, codes } = await read(reportOf(printedRows(), header.slice(), misnamedAt))
      const values = codesOfTable3.map((code) => [code, stated.get(code)?.value])
      expect(values).toEqual(codesOfTable3.map((code) => [code, truth[code]]))
      expect(codesOfTable3.every((code) => stated.get(code)!.inferred)).toBe(true)
      expect(codes).toContain('columns_by_order')
      expect(stated.get('t3.granted.total')!.anchor?.path).toMatch(/^line\[\d+\]\/field\[8\]$/)
    })
  }

  it('keep a wrong figure as it is printed, which is then found', async () => {
    for (const code of ['t3.granted.natural_person', 't3.total_processed.total', 't3.new_received.natural_person']) {
      const wrong = Number(truth[code]) + 7
      const text = reportOf(printedRows((one, figure) => (one === code ? String(wrong) : figure)))
      const { stated, findings } = await read(text)
      expect(stated.get(code)?.value).toBe(wrong)
      const others = codesOfTable3.filter((one) => one !== code && stated.get(one)?.value !== truth[one])
      expect(others).toEqual([])
      expect(findings.some(({ codes }) => codes.includes(code))).toBe(true)
    }
  })

  const plain = reportOf(printedRows())
  const unread: readonly (readonly [string, string])[] = [
    ['whose columns are years', reportOf(printedRows(), ['2018', '2019', '2020', '2021', '2022', '2023', '总计'])],
    ['beneath the caption of another year', plain.replace('## 三、', '## 2023年')],
    ['beneath the name of another body', plain.replace(/^### /m, '### 下属单位：市公安局\n\n### ')],
    ['behind a sentence that names another year', plain.replace(/^### /m, '以下为2023年度的数据。\n\n### ')],
    ['with a legend in another order', plain.replace(/^### /m, '### 申请人情况：商业企业、自然人\n\n### ')],
    [
      'whose first row is a header',
      plain.replace(/^(\| --- .*)$/m, (rule) => `${rule}\n${lineOf(['项目', ...bodies])}`),
    ],
    [
      'beneath a header of bodies further down',
      reportOf(printedRows(), nameless, 20).replace(lineOf(['类别', ...misnamed]), lineOf(['类别', ...bodies])),
    ],
    ['whose columns count bodies', reportOf(printedRows(), ['镇1', '镇2', '镇3', '镇4', '镇5', '镇6', '总计'])],
    ['whose columns are bodies', reportOf(printedRows(), bodies)],
    [
      'whose header names other columns of the form',
      reportOf(printedRows(), ['总计', '数据2', '数据3', '数据4', '数据5', '数据6', '数据7']),
    ],
    ['with a header that names rows over the first of them', reportOf(printedRows(), misnamed)],
    ['that do not add up', reportOf(printedRows((_, figure) => `${Number(figure) * 3 + 1}`))],
    ['of marks and blanks', reportOf(printedRows((code) => (code.length % 2 === 0 ? '/' : '')))],
    ['in another order', reportOf(printedRows().toReversed())],
    [
      'of which one is none of the form',
      reportOf(printedRows().with(4, { ...printedRows()[4]!, label: '本镇自查事项' })),
    ],
    [
      'behind a header that names rows, where one is left out',
      reportOf(
        printedRows().filter((_, at) => at !== 19),
        nameless,
        19,
      ),
    ],
  ]
  for (const [name, text] of unread) {
    it(`${name}: are not read, and told`, async () => {
      const { stated, codes, status } = await read(text)
      const numbers = codesOfTable3.filter((code) => stated.get(code)?.state === 'number')
      expect(numbers).toEqual([])
      expect(status).not.toBe('ok')
      expect(codes.some((code) => ['unknown_table', 'table_not_read', 'unplaced_figure'].includes(code))).toBe(true)
    })
  }
})

describe('groups of columns one beneath the other', () => {
  const labels = ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']
  const headings = ['行政复议', '行政诉讼（未经复议直接起诉）', '行政诉讼（复议后起诉）']
  const figures = [
    [5, 1, 0, 2, 8],
    [3, 0, 0, 0, 3],
    [8, 0, 1, 1, 10],
  ]
  const page = (order: readonly number[], names = headings): string =>
    [
      '<h1>淮安市2024年政府信息公开工作年度报告</h1><h2>四、政府信息公开行政复议、行政诉讼情况</h2>',
      ...order.map((at) => {
        const cells = (texts: readonly (number | string)[]): string => `<tr><td>${texts.join('</td><td>')}</td></tr>`
        return `<h3>${names[at]}</h3><table>${cells(labels)}${cells(figures[at]!)}</table>`
      }),
    ].join('\n')
  const groups = ['review', 'litigation_direct', 'litigation_after_review']
  const outcomes = ['upheld', 'corrected', 'other', 'pending', 'total']
  const expected = groups.flatMap((group, at) =>
    outcomes.map((outcome, index) => [`t4.cases.${group}_${outcome}`, figures[at]![index]]),
  )

  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
  ]) {
    it(`are told by their headings, in any order (${order})`, async () => {
      const { stated, codes } = await read(page(order))
      expect(expected.map(([code]) => [code, stated.get(String(code))?.value])).toEqual(expected)
      expect(codes).toContain('table_reshaped')
    })
  }

  for (const [name, text] of [
    ['two have one heading', page([0, 1, 2], ['行政复议', '行政诉讼', '行政复议'])],
    ['one has the name of the group of both', page([0, 1, 2], ['行政复议', '行政诉讼', '行政诉讼（复议后起诉）'])],
    ['a heading says more than a name', page([0, 1, 2], ['行政复议', '行政诉讼（一审）', '行政诉讼（二审）'])],
    [
      'they are of another year',
      page(
        [0, 1, 2],
        headings.map((heading) => `${heading}（2023年）`),
      ),
    ],
    ['they are of another body', page([0, 1, 2]).replace('<h3>', '<h3>市公安局</h3><h3>')],
    ['they are there twice', `${page([0, 1, 2])}<h3>2023年</h3>${page([0, 1, 2]).replace(/<h[12]>.*?<.h[12]>/g, '')}`],
  ] as const) {
    it(`are not read where ${name}`, async () => {
      const { stated, status } = await read(text)
      const numbers = expected.filter(([code]) => stated.get(String(code))?.state === 'number')
      expect(numbers).toEqual([])
      expect(status).not.toBe('ok')
    })
  }
})

describe('a line of figures beneath scraps of a header', () => {
  const scraps = [
    ['维持', '纠正', '结果', '审结', '总计', '总计'],
    ['维持', '纠正', '结果', '审结', '结果', '其他', '尚未'],
  ]
  const page = (header: readonly string[], figures: readonly number[], caption: string): string =>
    [
      '# 淮安市2024年政府信息公开工作年度报告',
      caption,
      '行政复议行政诉讼',
      '未经复议直接起诉复议后起诉',
      `${lineOf(header)}\n${lineOf(header.map(() => '---'))}\n${lineOf(figures.map(String))}`,
      '五、存在的主要问题及改进情况',
    ].join('\n\n')
  const caption = '四、政府信息公开行政复议、行政诉讼情况'
  const codes = Object.keys(truth).filter((code) => code.startsWith('t4.'))
  const figures = codes.map((code) => Number(truth[code]))

  for (const header of scraps) {
    it(`(${header.join(' ')}) is read in the form's order where its sums hold`, async () => {
      const { stated, codes: told } = await read(page(header, figures, caption))
      expect(codes.map((code) => [code, stated.get(code)?.value])).toEqual(codes.map((code) => [code, truth[code]]))
      expect(codes.every((code) => stated.get(code)!.inferred)).toBe(true)
      expect(told).toContain('columns_by_order')
    })
  }

  for (const [name, text] of [
    ['of another caption', page(scraps[0]!, figures, '四、信访件办理情况')],
    [
      'whose scraps name the groups in another order',
      page(['行政', '诉讼', '复议后', '起诉', '行政', '复议'], figures, caption),
    ],
    ['beneath the name of a body', page(scraps[0]!, figures, `${caption}\n\n### 市公安局`)],
    ['with a figure too few', page(scraps[0]!, figures.slice(1), caption)],
    [
      'that does not add up',
      page(
        scraps[0]!,
        figures.map((figure, index) => figure + index + 1),
        caption,
      ),
    ],
    ['beneath other words', page(['区直', '乡镇', '街道', '园区', '总计'], figures, caption)],
  ] as const) {
    it(`${name} is not read, and told`, async () => {
      const { stated, status } = await read(text)
      expect(codes.filter((code) => stated.get(code)?.state === 'number')).toEqual([])
      expect(status).not.toBe('ok')
    })
  }
})

describe('rows of a table as a list', () => {
  it('are told: the table is there, and not in a way that is read', async () => {
    const items = printedRows().map(({ label, figures }) => {
      return `- ${label}：自然人 ${figures[0]}，法人或其他组织 ${figures[1]}，总计 ${figures.at(-1)}`
    })
    const { codes, findings } = await read(
      ['# 淮安市2024年政府信息公开工作年度报告', '## 三、收到和处理政府信息公开申请情况', ...items].join('\n\n'),
    )
    expect(codes).toContain('table_not_read')
    const missing = findings.filter(({ rule }) => rule.endsWith('tables_complete'))
    expect(missing.map(({ fault }) => fault)).not.toContain('report')
  })
})
