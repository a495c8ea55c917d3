/** The chapters of a report: real ones, and how they are printed otherwise. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readSections, type Section } from '../../src/forms/sections.ts'
import { documentOf } from '../generator/prose.ts'

const form = loadRegistry().byId.get('ogi_2021')!
const read = (...texts: string[]): Section[] => readSections(documentOf(texts), form)
const numbers = (sections: readonly Section[]): number[] => sections.map(({ number }) => number)

describe('sections', () => {
  it.each([
    ['rundong-2021.txt', [2, 3, 4]],
    ['shanghai-office-2019.html', [2, 3, 4]],
    ['huaian-2024.pdf', [2, 3, 4]],
    ['hongze-2023.pdf', [2, 3, 4]],
    ['hongze-2023.html', [2, 3, 4]],
    ['blank-form-2021.docx', [2, 3, 4]],
    ['huaian-2024.docx', [2, 3, 4]],
    // Copied text in one line: no paragraphs, and its tables are text.
    ['pingtan-2023.txt', []],
    ['pingtan-2024.txt', []],
  ] as const)('%s prints all six, with tables in %j', async (name, tables) => {
    const parsed = await parse(readFileSync(new URL(`../../samples/${name}`, import.meta.url)), {})
    if (!parsed.ok) throw new Error(parsed.reason)
    const sections = readSections(parsed.document, form)
    expect(numbers(sections)).toEqual([1, 2, 3, 4, 5, 6])
    expect(numbers(sections.filter(({ hasTable }) => hasTable))).toEqual(tables)
    if (name.startsWith('shanghai')) expect(sections[5]).toMatchObject({ nothing: true, length: 2 })
    if (name === 'hongze-2023.html') expect(sections[0]).toMatchObject({ length: 0, nothing: false })
    if (name.startsWith('rundong')) expect(sections[0]).toMatchObject({ length: 651, title: '一、总体情况' })
  })

  it('of titles in a table of contents the ones with something behind count', () => {
    const contents = ['目录', '一、总体情况', '二、主动公开政府信息情况', '六、其他需要报告的事项']
    const sections = read(...contents, '一、总体情况', '2023年我局认真落实条例。', '六、其他需要报告的事项', '无')
    expect(sections.map(({ number, length, nothing }) => [number, length, nothing])).toEqual([
      [1, 14, false],
      [2, 0, false],
      [6, 1, true],
    ])
  })

  it.each([
    ['第一部分 总体情况', 1],
    ['1、总体情况', 1],
    ['总体情况', 1],
    ['一．总体情况：', 1],
    ['三、政府信息依申请公开工作情况', 3],
    ['四、因政府信息公开申请行政复议、提起行政诉讼的情况', 4],
    ['五、主要问题和改进措施', 5],
    ['六、其它需要报告的事项', 6],
  ])('%s is section %i', (title, number) => {
    expect(numbers(read(title, '本年度工作有序开展。'))).toEqual([number])
  })

  it.each([
    '一、加强组织领导',
    '二是主动公开政府信息',
    '本报告包括总体情况、主动公开政府信息情况等六个部分。',
    '（一）总体情况',
  ])('%s is none', (text) => {
    expect(read(text)).toEqual([])
  })

  it('a sentence of the instructions that was left in is told', () => {
    const [section] = read('三、收到和处理政府信息公开申请情况', '该部分以表格形式报告。表格如下：')
    expect(section).toMatchObject({ templateText: '该部分以表格形式报告', hasTable: false })
  })
})
