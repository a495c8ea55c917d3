/** Rows that name one of the form's a second time: what an agency adds within a group, and the form's own behind it. */
import { describe, expect, it } from 'vitest'
import { readTables } from './small-pages.ts'

const header = [
  '1x3 |7x1 申请人情况',
  '1x2 自然人|5x1 法人或其他组织|1x2 总计',
  '商业企业|科研机构|社会公益组织|法律服务机构|其他',
]
const labels = [
  '一、本年新收政府信息公开申请数量',
  '二、上年结转政府信息公开申请数量',
  '（一）予以公开',
  '（二）部分公开',
  '1.属于国家秘密',
  '1.信访举报投诉类申请',
  '2.重复申请',
  '3.要求提供公开出版物',
  '3.其他',
  '（七）总计',
  '四、结转下年度继续办理',
]

/** Table 3 with every cell of a row alike, and a row of the agency's own before another. */
function table(figures: Readonly<Record<string, string>>, own: readonly [string, string], before: string): string[] {
  const row = (label: string, figure: string): string => [label, ...new Array<string>(7).fill(figure)].join('|')
  return [
    ...header,
    ...labels.flatMap((label) => [...(label === before ? [row(...own)] : []), row(label, figures[label] ?? '0')]),
  ]
}

describe('a row that is called like one of the form and stands among others', () => {
  it.each(['合计', '总 计'])('%s within a group is no total of the table', async (label) => {
    const printed = table({ '2.重复申请': '4', '（七）总计': '9' }, [label, '5'], '3.要求提供公开出版物')
    const { facts, notices, status } = await readTables(printed)
    const total = facts.filter(({ code }) => code.startsWith('t3.total_processed.'))
    expect(total.map(({ value }) => value)).toEqual(new Array(7).fill(9))
    expect(status).toBe('partial')
    expect(notices.some(({ code, data }) => code === 'unplaced_figure' && data.table === 't3')).toBe(true)
  })

  it('nor where the total is not printed', async () => {
    const printed = table({ '2.重复申请': '4' }, ['合计', '5'], '3.要求提供公开出版物')
    const { facts } = await readTables(printed.filter((row) => !row.startsWith('（七）')))
    const total = facts.filter(({ code }) => code.startsWith('t3.total_processed.'))
    expect(total.map(({ state }) => state)).toEqual(new Array(7).fill('absent'))
  })

  it('figures of the one are not believed where the form’s own row is blank', async () => {
    const printed = table({ '3.其他': '' }, ['其他', '5'], '（一）予以公开')
    const { facts, notices, status } = await readTables(printed)
    const other = facts.filter(({ code }) => code.startsWith('t3.other_misc.'))
    expect(other.map(({ state }) => state)).toEqual(new Array(7).fill('unreadable'))
    expect(status).toBe('partial')
    expect(notices.some(({ code }) => code === 'duplicate_cell')).toBe(true)
  })
})
