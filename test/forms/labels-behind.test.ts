/** Tables whose labels of rows stand behind the figures. */
import { describe, expect, it } from 'vitest'
import { readTables, valuesOf } from './small-pages.ts'

const header = '本年制发件数|本年废止件数|现行有效件数|信息内容'

describe('labels of rows behind the figures', () => {
  it('name the figures before them', async () => {
    expect(await valuesOf('t2_art20_1', [header, '3|1|12|规章', '/|0|450|行政规范性文件'])).toEqual([
      3,
      1,
      12,
      'mark',
      0,
      450,
    ])
  })

  it('leave no figure untold where the header stands elsewhere', async () => {
    const { facts, notices } = await readTables([
      '信息内容|本年制发件数|本年废止件数|现行有效件数',
      '3|1|12|规章',
      '4|0|45|行政规范性文件',
    ])
    expect(facts.filter(({ state }) => state === 'number')).toEqual([])
    expect(notices.map(({ code }) => code)).toContain('unplaced_figure')
  })
})
