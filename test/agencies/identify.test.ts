/** Whose report it is where no title says so. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const sample = readFileSync(new URL('../../samples/shanghai-office-2019.html', import.meta.url), 'utf8')
const tables = sample.match(/<table[\s\S]*?<\/table>/g)!.join('')
const title = '<h1>2019年政府信息公开工作年度报告</h1>'
const agencyOf = async (before: string, after: string): Promise<string | null> => {
  const { identity } = await readReport(Buffer.from(`${before}${title}${tables}${after}`), { fileName: null }, registry)
  return identity.agency
}

describe('a report whose title names no agency', () => {
  it('is of who signed it', async () => {
    expect(await agencyOf('', '<p>临江县水利局</p><p>2020年1月20日</p>')).toBe('临江县水利局')
    expect(await agencyOf('', '<p>临江县卫生健康委员会　2020 年 1 月 20 日</p>')).toBe('临江县卫生健康委员会')
    expect(await agencyOf('', '<p>青石镇人民政府<br>二〇二〇年一月</p><p>2020年1月20日</p>')).toBeNull()
  })

  it('is not of whose page it stands on, nor of one of several', async () => {
    expect(await agencyOf('<p>临江县人民政府</p><p>2020年1月20日</p>', '')).toBeNull()
    const two = '<p>临江县水利局</p><p>2020年1月20日</p><p>临江县财政局</p><p>2020年1月21日</p>'
    expect(await agencyOf('', two)).toBeNull()
  })

  it('is of whom another title names', async () => {
    const named = '<h1>临江县财政局2019年政府信息公开工作年度报告</h1>'
    expect(await agencyOf(named, '<p>临江县水利局</p><p>2020年1月20日</p>')).toBe('临江县财政局')
  })
})

describe('what a title puts around the agency', () => {
  it.each([
    ['图解：临江县财政局2019年政府信息公开工作年度报告', '临江县财政局', 2019],
    ['【解读】临江县财政局2019年政府信息公开工作年度报告', '临江县财政局', 2019],
    ['一图读懂：临江县财政局2019年政府信息公开工作年度报告', '临江县财政局', 2019],
    ['临江县财政局2018-2019年政府信息公开工作年度报告', '临江县财政局', null],
    ['临江县财政局2018年度、2019年度政府信息公开工作年度报告', '临江县财政局', null],
  ])('%s', async (text, agency, year) => {
    const page = Buffer.from(`<h1>${text}</h1>${tables}`)
    const { identity } = await readReport(page, { fileName: null }, registry)
    expect([identity.agency, identity.year]).toEqual([agency, year])
  })
})
