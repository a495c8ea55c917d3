/** Text that converters of the Markdown family make: islands of markup, marks within lines, and tables drawn with rules. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Block } from '../../parsers/document.ts'
import { parse } from '../../parsers/index.ts'
import { screenWidth } from '../../parsers/screen.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const title = '# 清平区教育局2023年政府信息公开工作年度报告\n\n'
const parsed = async (text: string) => {
  const result = await parse(Buffer.from(text))
  if (!result.ok) throw new Error(result.reason)
  return result.document
}
const read = (text: string) => readReport(Buffer.from(text), { fileName: null }, registry)

/** A paragraph as its text, a grid as its rows; spans behind a cell's text. */
function shown(block: Block): string | string[] {
  if (block.kind === 'paragraph') return block.text
  const rows: string[][] = Array.from({ length: block.rowCount }, () => [])
  for (const { row, text, rowSpan, columnSpan } of block.cells) {
    const span = rowSpan * columnSpan > 1 ? `[${rowSpan}x${columnSpan}]` : ''
    rows[row]!.push(text.replaceAll('\n', '~') + span)
  }
  return rows.map((row) => row.join('/'))
}

const blocksOf = async (text: string) => (await parsed(text)).blocks.map(shown)

describe('text with islands of markup', () => {
  const mixed = `${title}二、主动公开

| 信息内容 | 本年<br>制发件数 | 现行&nbsp;件数 |
|---|---|---|
| **规章** | 7<sup>[1]</sup> | \\- |

<table>
<tr><td rowspan="2">甲</td><td>1</td></tr>

<tr><td>2</td></tr>
</table>

后面的话，见<https://example.org/>。`

  it('has its tables of both kinds in order, each line with its number', async () => {
    const { format, blocks } = await parsed(mixed)
    expect(format).toBe('text')
    expect(blocks.map(shown)).toEqual([
      '清平区教育局2023年政府信息公开工作年度报告',
      '二、主动公开',
      ['信息内容/本年~制发件数/现行\u00a0件数', '规章/7/-'],
      ['甲[2x1]/1', '2'],
      '后面的话，见。',
    ])
    expect(blocks.map(({ anchor }) => anchor.path)).toEqual(['line[1]', 'line[3]', 'line[5]', 'table[1]', 'line[15]'])
    expect(await blocksOf(mixed.replaceAll('\n', '\r\n'))).toEqual(blocks.map(shown))
  })

  it('is found wherever its first markup stands, and around tables with a page of their own', async () => {
    const far = `${title}${'本年度工作有序推进。\n\n'.repeat(2_000)}<html><body><table><tr><td>1</td><td>2</td></tr></table></body></html>\n\n三、其他\n`
    expect((await blocksOf(far)).slice(-2)).toEqual([['1/2'], '三、其他'])
  })

  it.each([
    ['paragraphs', '<p>一、总体\n情况</p>\n<table><tr><td>1</td></tr></table>', ['一、总体 情况', ['1']]],
    ['lines that end in breaks', '一、总体<br>\n情况<br>\n<b>二、</b>主动\n公开', ['一、总体\n情况\n二、主动 公开']],
  ])('is not what a page without a head is: %s', async (_what, page, blocks) => {
    const document = await parsed(page)
    expect(document.format).toBe('html')
    expect(document.blocks.map(shown)).toEqual(blocks)
  })

  it('keeps what is struck out beside the figure, since the mark behind it may be lost', async () => {
    expect(await blocksOf('| 甲 | 乙 |\n|---|---|\n| ~~7~~97 | <s>3</s>4 |\n')).toEqual([['甲/乙', '~~7~~97/~~3~~4']])
  })

  it('tells tables and pictures that it does not hold', async () => {
    const { unread } = await parsed('一、总体\n\n[TABLE]\n\n二、其他\n\n![](media/image1.png){width="5in"}\n')
    expect(unread).toEqual([1, 3])
    const { unread: listed } = await parsed(
      '.. list-table::\n   :widths: 5 5\n\n   * - 甲\n     - 1\n   * - 乙\n     - \n\n完\n',
    )
    expect(listed).toEqual([0])
  })
})

describe('tables drawn in text', () => {
  it.each([
    [
      'by a rule under one header',
      '  名称       件数\n  --------- ------\n  规章           1\n  其他 事项      \n\n完',
      [['名称/件数', '规章/1', '其他 事项/'], '完'],
    ],
    [
      'between two rules, a row of marks among them',
      '  -------- -------- ----\n  结果维持 结果纠正 总计\n  ---      ---      ---\n  -------- -------- ----\n',
      [['结果维持/结果纠正/总计', '---/---/---']],
    ],
    [
      'with rows of several lines',
      '  ---------------\n  名称      件数\n  --------- -----\n  行政规范   1\n  性文件\n\n  规章       2\n  ---------------\n',
      [['名称/件数', '行政规范~性文件/1', '规章/2']],
    ],
    [
      'by equals signs, with merged columns and rows that go on',
      '==== ==== ====\n第二十条\n--------------\n内容 件数 现有\n==== ==== ====\n规章 1    2\n     件\n\\         3\n==== ==== ====\n',
      [['第二十条[1x3]', '内容/件数/现有', '规章/1~件/2', '//3']],
    ],
    [
      'as boxes, merged both ways',
      '+----+----+---+\n| 甲      | 1 |\n+----+----+---+\n| 乙 | 丙 | 2 |\n|    +----+---+\n|    | 丁 | 3 |\n+----+----+---+\n',
      [['甲[1x2]/1', '乙[2x1]/丙/2', '丁/3']],
    ],
    [
      'as rows that end in two spaces, with paragraphs in their cells',
      '信息内容| 件数| 现有  \n---|---|---  \n规章|\n\n1\n\n|\n\n2  \n  \n其他|\n\n|\n\n3  \n',
      [['信息内容/件数/现有', '规章/1/2', '其他//3']],
    ],
    [
      'in AsciiDoc, with merged cells',
      '[cols=",,",]\n|===\n2+|甲 |乙\n\n.2+|丙 |1 |2\n|3 |\n|===\n',
      [['甲[1x2]/乙', '丙[2x1]/1/2', '3/']],
    ],
    [
      'in AsciiDoc, where cells are missing',
      '[cols=",",]\n|===\n|甲 |乙\n|1\n|===\n',
      ['[cols=",",]', '|===', '|甲 |乙', '|1', '|==='],
    ],
    [
      'with a header that stands twice',
      '| 甲 | 乙 | 丙 |\n|---|---|---|\n| 甲 | 乙 | 丙 |\n| 丁 | 1 | 2 |\n',
      [['甲/乙/丙', '丁/1/2']],
    ],
  ])('%s', async (_how, text, blocks) => {
    expect(await blocksOf(text)).toEqual(blocks)
  })

  const cell = fc.stringMatching(/^(?:[规章行政许可其他]{1,6}|\d{1,4}|-|)$/)
  const table = fc
    .integer({ min: 2, max: 6 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }))
  const pad = (text: string, width: number): string => text + ' '.repeat(width - screenWidth(text))

  it('say what was drawn, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const widths = rows[0]!.map((_, column) => Math.max(4, ...rows.map((row) => screenWidth(row[column]!))))
        const rule = widths.map((width) => '-'.repeat(width)).join(' ')
        const lines = rows.map((row) => row.map((text, column) => pad(text, widths[column]!)))
        const expected = [rows.map((row) => row.join('/'))]
        const wall = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`
        const box = lines.flatMap((line) => [wall, `| ${line.join(' | ')} |`])
        expect(await blocksOf([...box, wall].join('\n'))).toEqual(expected)
        // Beside blank cells the width of characters, and so the column of what follows them, may be either.
        if (rows.some((row) => row.includes(''))) return
        expect(await blocksOf([rule, ...lines.map((line) => line.join(' ')), rule].join('\n'))).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })
})

describe('table 4 from a converter that drops merged cells', () => {
  const five = ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']
  const figures = [1, 2, 3, 4, 10, 5, 6, 7, 8, 26, 9, 1, 2, 3, 15]
  const report = (first: string): string =>
    [
      `${title}四、政府信息公开行政复议、行政诉讼情况\n`,
      first,
      '---|---  ',
      `${[...five, '未经复议直接起诉', '复议后起诉'].join('| ')}  `,
      `${[...five, ...five].join('| ')}  `,
      `${figures.join('| ')}  `,
    ].join('\n')
  const values = async (first: string) => {
    const { facts } = await read(report(first))
    return facts.filter(({ code }) => code.startsWith('t4.')).map(({ value }) => value)
  }

  it('is read by its groups in order', async () => {
    expect(await values('行政复议| 行政诉讼  ')).toEqual(figures)
  })

  it('gives no group the figures of another where the label of one is lost', async () => {
    const right: readonly (number | null)[] = figures
    expect(
      (await values('单位：件行政复议| 行政诉讼  ')).filter((value, index) => value !== null && value !== right[index]),
    ).toEqual([])
  })
})
