/** Headers that print columns of the form twice, with nothing that tells whose each is. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const outcomes = ['结果维持', '结果纠正', '其他结果', '尚未审结', '总计']

async function read(rows: readonly string[]) {
  const body = rows.map((row) => `<tr>${row}</tr>`).join('')
  const page = `<h1>宿城区市场监督管理局2023年政府信息公开工作年度报告</h1><table>${body}</table>`
  return readReport(new TextEncoder().encode(page), { fileName: null }, registry)
}

const cells = (texts: readonly (string | number)[], attributes = '') =>
  texts.map((text) => `<td${attributes}>${text}</td>`).join('')

describe('columns printed twice', () => {
  it.each([
    ['all of them', ['本年制发件数', '本年废止件数', '现行有效件数']],
    ['some of them', ['本年制发件数', '本年废止件数']],
    ['by other words', ['制发数', '废止数', '现行有效件数']],
  ])('are nobody’s: %s', async (_, second) => {
    const header = ['信息内容', '本年制发件数', '本年废止件数', '现行有效件数', ...second]
    const row = [7, 2, 3, 4, 5, 6].slice(0, header.length - 1)
    const { facts, notices } = await read([cells(header), cells(['规章', ...row]), cells(['行政规范性文件', ...row])])
    expect(facts.filter(({ state }) => state === 'number')).toEqual([])
    expect(notices.map(({ code }) => code)).toContain('unplaced_figure')
  })

  it('say nothing of the others where one is', async () => {
    const header = ['信息内容', '本年制发件数', '本年废止件数', '现行有效件数', '本年制发件数']
    const { facts } = await read([cells(header), cells(['规章', 7, 2, 3, 4]), cells(['行政规范性文件', 6, 7, 8, 9])])
    expect(facts.map(({ value }) => value)).toEqual([7, 2, 3, 6, 7, 8])
  })

  it('are those of the second half behind a corner of its own', async () => {
    const header = ['信息内容', '本年制发件数', '现行有效件数']
    const { facts } = await read([cells([...header, ...header]), cells(['规章', 1, 2, '行政规范性文件', 6, 8])])
    expect(facts.flatMap(({ value }) => value ?? [])).toEqual([1, 2, 6, 8])
  })

  it('are told apart by the groups over them', async () => {
    const figures = [1, 2, 0, 0, 3, 0, 1, 0, 0, 1, 2, 0, 0, 1, 3]
    const sums = [3, 3, 0, 1, 7]
    const beside = cells(outcomes, ' rowspan=2')
    const { facts } = await read([
      '<td colspan=5>行政复议</td><td colspan=10>行政诉讼</td><td colspan=5>合计</td>',
      `${beside}<td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td>${beside}`,
      cells([...outcomes, ...outcomes]),
      cells([...figures, ...sums]),
    ])
    expect(facts.map(({ value }) => value)).toEqual(figures)
  })
})
