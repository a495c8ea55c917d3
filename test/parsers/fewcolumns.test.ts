/** Texts whose lines have two or three fields: tables of a label and a figure as sheets are saved, and sentences with commas. */
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'

async function blocksOf(lines: readonly string[]): Promise<string[]> {
  const result = await parse(Buffer.from(lines.join('\r\n')))
  if (!result.ok) throw new Error(result.reason)
  return result.document.blocks.map((block) => {
    if (block.kind === 'paragraph') return block.text
    return block.cells.map(({ row, text }) => `${row}:${text}`).join(' ')
  })
}

const pairs = [
  ['统计指标', '统计数'],
  ['一、主动公开情况', ''],
  ['（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）', '473'],
  ['其中：主动公开规范性文件数', '0'],
  ['制发规范性文件总数', '/'],
  ['二、回应解读情况', ''],
  ['（一）回应公众关注热点或重大舆情数', '12'],
] as const
const table = pairs.flatMap((pair, row) => pair.map((text) => `${row}:${text}`)).join(' ')
const title = '青山县人民政府2017年政府信息公开工作年度报告'

describe('a text of few fields', () => {
  it.each([
    ['commas', (pair: readonly string[]) => pair.join(',')],
    ['semicolons', (pair: readonly string[]) => pair.join(';')],
    ['quotes', (pair: readonly string[]) => pair.map((field) => `"${field}"`).join(',')],
  ])('is a table with %s', async (_, line) => {
    expect(await blocksOf([title, ...pairs.map(line)])).toEqual([title, table])
  })

  it('is one with a unit between the label and the figure', async () => {
    const lines = pairs.map(([label, figure]) => [label, figure === '' ? '' : '条', figure].join(','))
    expect((await blocksOf([title, ...lines]))[1]).toContain('2:473')
  })

  it('is none where commas group the digits of its figures', async () => {
    const lines = pairs.map(([label, figure]) => `${label},${figure === '' ? '' : '1,473'}`)
    expect((await blocksOf(lines)).join(' ')).not.toMatch(/\d:473/)
  })

  it('is none of sentences', async () => {
    const lines = [
      '2017年全县主动公开政府信息473条,比上年增加12条',
      '其中规范性文件12件,均已备案',
      '我县高度重视政府信息公开工作,',
      '全年收到申请12件,',
      '办结12件,',
      '加强组织领导,健全工作机制,',
    ]
    expect(await blocksOf(lines)).toHaveLength(lines.length)
  })
})
