/** Rows that only their group tells apart, behind a heading that no form knows: they may be those of the other group. */
import { describe, expect, it } from 'vitest'
import { readTables } from './small-pages.ts'

const before = [
  '统计指标|单位|统计数',
  '（一）收到申请数|件|12',
  '1.当面申请数|件|12',
  '2.传真申请数|件|0',
  '（二）申请办结数|件|12',
  '1.按时办结数|件|12',
  '四、行政复议数量|件|9605',
  '（一）维持具体行政行为数|件|2385',
]
const read = async (...rows: readonly string[]) => {
  const { facts, notices } = await readTables([...before, ...rows, '六、举报投诉数量|件|2426'])
  const values = new Map(facts.map(({ code, value }) => [code.split('.')[1]!, value]))
  return { values, codes: notices.map(({ code }) => code) }
}

describe('rows behind a heading that no form knows', () => {
  it('are not those of the group before it', async () => {
    const { values, codes } = await read(
      '五、行政应诉案件|件|16329',
      '（二）被依法纠错数|件|338',
      '（三）其他情形数|件|7709',
    )
    expect([values.get('review_corrected'), values.get('review_other')]).toEqual([null, null])
    expect(codes).toContain('unplaced_figure')
  })

  it('nor where the heading is in one cell with the row before it', async () => {
    const joined = '（三）其他情形数<br>五、行政诉讼数量|件<br>件|5408<br>16329'
    const { values } = await read('（二）被依法纠错数|件|1812', joined, '（三）其他情形数|件|7709')
    expect([values.get('review_corrected'), values.get('review_other')]).toEqual([1812, null])
  })

  it('are those of the group of a row that stands between', async () => {
    const own = '（一）维持具体行政行为或者驳回原告诉讼请求数|件|8282'
    const { values } = await read(
      '五、行政应诉案件|件|16329',
      own,
      '（二）被依法纠错数|件|338',
      '（三）其他情形数|件|7709',
    )
    expect(['litigation_upheld', 'litigation_corrected', 'litigation_other'].map((row) => values.get(row))).toEqual([
      8282, 338, 7709,
    ])
    expect(values.get('review_other')).toBeNull()
  })

  it('are those of the group before a row that a report adds to it', async () => {
    const { values } = await read('（二）被依法纠错数|件|1812', '（三）调解数|件|3', '（四）其他情形数|件|5408')
    expect(values.get('review_other')).toBe(5408)
  })
})
