/** A row whose label a page break cut in two: the figures stand beside one half, in a table of their own, and are the row's. */
import { describe, expect, it } from 'vitest'
import { readTables } from './small-pages.ts'

const header = [
  '3x3 （本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）|7x1 申请人情况',
  '1x2 自然人|5x1 法人或其他组织|1x2 总计',
  '商业企业|科研机构|社会公益组织|法律服务机构|其他',
]
const first = [
  ...header,
  '3x1 一、本年新收政府信息公开申请数量|5|0|0|0|0|0|5',
  '3x1 二、上年结转政府信息公开申请数量|0|0|0|0|0|0|0',
  '1x3 三、本年度办理结果|2x1 （一）予以公开|1|0|0|0|0|0|1',
  '2x1 （二）部分公开|2|0|0|0|0|0|2',
]
const last = ['3x1 （七）总计|5|0|0|0|0|0|5', '3x1 四、结转下年度继续办理|0|0|0|0|0|0|0']
const figures = '2|0|0|0|0|0|2'
const blank = '||||||'
const read = async (above: string, below: string) => {
  const { facts, notices } = await readTables([...first, above], [below, ...last])
  const row = facts.filter(({ code }) => code.startsWith('t3.denied_law_prohibited.'))
  return { values: row.map(({ value, state }) => value ?? state), codes: notices.map(({ code }) => code) }
}

describe('a row cut between two tables', () => {
  it.each([
    ['2.其他', '法律行政法规禁止公开'],
    ['2.其他法律行', '政法规禁止公开'],
    ['2.其他法律行政法规禁止公', '开'],
  ])('is read by its label %s%s', async (head, tail) => {
    expect((await read(`2x1 ${head}|${figures}`, `3x1 ${tail}|${blank}`)).values).toEqual([2, 0, 0, 0, 0, 0, 2])
    expect((await read(`2x1 ${head}|${blank}`, `3x1 ${tail}|${figures}`)).values).toEqual([2, 0, 0, 0, 0, 0, 2])
  })

  it('is not blank where the halves make no label', async () => {
    const { values, codes } = await read(`2x1 （三）不予|${figures}`, `3x1 其他法律行政法规禁止公|${blank}`)
    expect(values).toEqual(Array(7).fill('absent'))
    expect(codes).toContain('unplaced_figure')
  })
})
