/** Headers whose labels of groups have lost spans, or stand before the labels of their columns: sums tell what they mean. */
import { describe, expect, it } from 'vitest'
import { header4, valuesOf } from './small-pages.ts'

const figures = [70, 80, 65, 23, 238, 92, 1, 47, 89, 229, 82, 33, 75, 4, 194]
const results = ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']

describe('table 4', () => {
  it('with the labels of groups before those of columns, in one line', async () => {
    const labels = ['行政复议', '未经复议直接起诉', '复议后起诉'].flatMap((group) => results.map((one) => group + one))
    expect(await valuesOf('t4', [labels.join('|'), figures.join('|')])).toEqual(figures)
  })

  const short = header4(null).map((row, at) => (at === 0 ? row.replace('5x1 行政复议', '4x1 行政复议') : row))

  it('with reviews over four of their columns', async () => {
    expect(await valuesOf('t4', [...short, figures.join('|')])).toEqual(figures)
  })

  it('takes no total of all lawsuits for that of reviews', async () => {
    const values = await valuesOf('t4', [...short, figures.with(4, 423).join('|')])
    expect(values).toEqual(Array(15).fill('unreadable'))
  })
})

describe('table 3', () => {
  it('with 自然人 in a row of its own', async () => {
    const rows = [
      '3x3 （本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）|7x1 申请人情况',
      '自然人|5x1 法人或其他组织|1x2 总计',
      '商业企业|科研机构|社会公益组织|法律服务机构|其他',
      '3x1 一、本年新收政府信息公开申请数量|5|4|3|2|1|6|21',
      '3x1 二、上年结转政府信息公开申请数量|1|2|0|0|0|0|3',
      '3x1 四、结转下年度继续办理|2|0|0|1|0|0|3',
    ]
    const values = await valuesOf('t3', rows)
    expect(values.slice(0, 14)).toEqual([5, 4, 3, 2, 1, 6, 21, 1, 2, 0, 0, 0, 0, 3])
  })
})
