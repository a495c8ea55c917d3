/** Figures beside which another stands in the same cell. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { header4, valuesOf } from './small-pages.ts'

const registry = loadRegistry()
const header = ['信息内容', '本年制发件数', '本年废止件数', '现行有效件数']

async function read(own: readonly string[], note = '') {
  const facts = await factsOf(own, note)
  return facts.slice(3).map(({ value, state }) => value ?? state)
}

async function candidates(own: readonly string[]) {
  const facts = await factsOf(own, '')
  return facts.map((fact) => (fact.state === 'unreadable' ? fact.candidates : []))
}

async function factsOf(own: readonly string[], note: string) {
  const rows = [header, ['规章', '0', '0', '2'], ['行政规范性文件', ...own]]
  const body = rows.map((row) => `<tr>${row.map((text) => `<td>${text}</td>`).join('')}</tr>`).join('')
  const page = `<h1>宿城区市场监督管理局2023年政府信息公开工作年度报告</h1><table>${body}</table><p>${note}</p>`
  return (await readReport(new TextEncoder().encode(page), { fileName: null }, registry)).facts
}

describe('two figures in a cell', () => {
  it('takes digits in groups for one figure', async () => {
    expect(await read(['8', '19', '59 233'])).toEqual([8, 19, 59233])
  })

  it('doubts it where other cells print two side by side', async () => {
    expect(await read(['4 28', '8 19', '59 233'])).toEqual(['unreadable', 'unreadable', 'unreadable'])
  })

  it('names what each of the two may be, whatever its width and unit', async () => {
    expect(await candidates(['4 28', '8', '59 233'])).toContainEqual([59233, 59, 233])
    expect(await candidates(['4 28', '8', '５９　２３３件'])).toContainEqual([59233, 59, 233])
  })

  it('takes no group of digits that is unreadable for two figures', async () => {
    expect(await read(['?1 234', '8', '59 233'])).toEqual(['unreadable', 8, 59233])
    expect(await read(['4<br>28', '8', '59 233'])).toEqual(['unreadable', 8, 59233])
  })

  it('doubts a figure whose bracket holds the report’s own', async () => {
    expect(await read(['28（2022年4）', '8', '233'])).toEqual([28, 8, 233])
    expect(await read(['28（2023年4）', '8', '233'])).toEqual(['unreadable', 8, 233])
    expect(await read(['28（4）', '8', '233'], '注：括号内为本年数据。')).toEqual(['unreadable', 8, 233])
  })
})

describe('a figure with what may be its last digit or a mark', () => {
  it('is not made one since sums hold then', async () => {
    const row = '||76<sub>2</sub>||76<sub>2</sub>||||||||||'
    const values = await valuesOf('t4', [...header4(null), row])
    expect(values.filter((value) => typeof value === 'number')).toEqual([])
  })
})
