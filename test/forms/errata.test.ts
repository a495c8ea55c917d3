/** What a report says to be wrong in itself is told, and its tables stay as they are printed. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const text = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')

async function toldOf(line: string): Promise<readonly unknown[]> {
  const [title, ...rest] = text.split('\n')
  const reading = await readReport(Buffer.from([title, line, ...rest].join('\n')), { fileName: null }, registry)
  expect(reading.facts.find(({ code }) => code === 't3.new_received.total')?.value).toBe(0)
  return reading.notices.flatMap(({ code, data }) => (code === 'erratum' ? [data.text] : []))
}

describe('a correction', () => {
  it.each([
    '更正：表三“本年新收”一行总计“0”应为“4”。',
    '勘误说明：行政许可处理决定数量应为12件。',
    '因填报有误，原公布的收费金额更正为3.5万元。',
    '更正说明：原报告第三部分数据有误，以此为准。',
  ])('is told: %s', async (line) => {
    expect(await toldOf(line)).toEqual([line])
  })

  it.each([
    '全年及时更正错误信息12条，更新栏目6个。',
    '对3份文件进行了修改，将“办事指南”改为“服务指南”。',
    '群众对政府信息记录不准确申请更正0件。',
    '公开内容应为群众关心的事项，以公开为常态、不公开为例外。',
  ])('is none: %s', async (line) => {
    expect(await toldOf(line)).toEqual([])
  })
})
