/** Tables one behind another in one grid, of which a header is not known: its rows are not read under the header before it. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { readTables } from './small-pages.ts'

const registry = loadRegistry()

function readText(lines: readonly string[]) {
  const text = ['云河市人民政府2022年政府信息公开工作年度报告', '', ...lines, '', '以上为主动公开情况。'].join('\n')
  return readReport(Buffer.from(text), { fileName: 'a.txt' }, registry)
}

describe('a header that is not known', () => {
  it.each([
    [
      'behind one with a column of another year',
      [
        '信息内容\t上年同期\t处理决定数量',
        '行政许可\t58\t7',
        '信息内容\t某项处理决定件数\t',
        '行政处罚\t248\t',
        '行政强制\t3\t',
      ],
    ],
    [
      'with its words in one field',
      [
        '信息内容 处理决定数量 上年同期',
        '行政许可 7 43',
        '',
        '信息内容 2021年 本年处理决定数量',
        '行政处罚 83 248',
        '行政强制 7 3',
      ],
    ],
  ])('%s', async (_, lines) => {
    const { facts, status } = await readText(lines)
    const values = facts.filter(({ code }) => code.startsWith('t2_art20_6.'))
    for (const { state } of values) expect(['absent', 'unreadable']).toContain(state)
    expect(status).toBe('partial')
  })

  it('in part, with columns in other places than those before', async () => {
    const { facts, status } = await readTables([
      '信息内容|上一年项目数量|本年增/减|3x1 处理决定数量',
      '行政许可|4|1|3x1 9',
      '其他对外管理服务事项|5|2|3x1 8',
      '信息内容|代号|年初事项|本年增/减|2x1 处理决定数量',
      '行政处罚|51|1||2x1 3',
      '行政强制|64|9|+1|2x1 5',
    ])
    const values = facts.filter(({ code }) => code.startsWith('t2_art20_6.')).map(({ value, state }) => value ?? state)
    expect(values).toEqual(['absent', 'blank', 3, 'absent', 1, 5])
    expect(status).toBe('partial')
  })

  it('in part, with columns in other fields than those before', async () => {
    const { facts, status } = await readText([
      '信息内容\t上一年项目数量\t本年增/减\t处理决定数量\t',
      '行政许可\t4\t1\t9\t',
      '其他对外管理服务事项\t5\t2\t8\t',
      '信息内容\t代号\t上一年项目数量\t变动\t办结数',
      '行政处罚\t48\t/\t1\t/',
      '行政强制\t76\t/\t+1\t/',
    ])
    const values = facts.filter(({ code }) => code.startsWith('t2_art20_6.'))
    expect(values.filter(({ state }) => state === 'number')).toEqual([])
    expect(status).toBe('partial')
  })
})
