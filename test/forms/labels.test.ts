import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { haveSameNumbers, labelKey, labelSimilarity, makeLabelIndex } from '../../src/forms/labels.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { makeScopes } from '../../src/forms/scope.ts'

const scopes = makeScopes(loadRegistry())
const index = makeLabelIndex(scopes)
const t3 = scopes.find(({ form, table }) => form.definition.id === 'ogi_2021' && table.code === 't3')!
const rowsOf = (label: string) => (index.find(label).rows.get(t3.id) ?? []).map((line) => t3.table.rows[line]!.code)

describe('labels', () => {
  it.each([
    ['（一）予以公开', '(一) 予以公开'],
    ['（一）予以公开', '㈠予以公开'],
    ['1.属于国家秘密', '1、属于 国家\n秘密'],
    ['3.危及“三安全一稳定”', '3．危及"三安全一稳定"'],
    ['3.其他', '3、其它'],
    ['1.属于国家秘密', '１.属于国家秘密'],
    ['（10）其他', '（１０）其他'],
    ['（一）予以公开', '（１）予以公开'],
    ['四、结转下年度继续办理', '结转下年度继续办理'],
  ])('%j and %j say the same', (a, b) => {
    expect(labelKey(a)).toBe(labelKey(b))
  })

  it('labels that differ stay different', () => {
    expect(labelKey('予以公开')).not.toBe(labelKey('不予公开'))
    expect(labelKey('商业企业')).not.toBe(labelKey('科研机构'))
  })

  it.each([
    ['上年制发件数', 'columns'],
    ['上年废止件数', 'columns'],
    ['去年处理决定数量', 'columns'],
    ['下年收费金额', 'columns'],
    ['属于本行政机关公开数', 'rows'],
    ['上年新收政府信息公开申请数量', 'rows'],
  ] as const)('%s is no misprint of another', (label, axis) => {
    expect([...index.find(label)[axis].keys()]).toEqual([])
  })

  it.each([
    ['（三）不予公开1.属于国家秘密', 'denied_state_secret'],
    ['（四）无法提供—3.补正后申请内容仍不明确', 'unable_still_unclear'],
    ['三、本年度办理结果（六）其他处理 3.其他', 'other_misc'],
    ['三、本年度办理结果：（七）总计', 'total_processed'],
  ])('%s is the row with its groups before it', (label, code) => {
    expect(index.find(label).exact).toBe(true)
    expect(rowsOf(label)).toEqual([code])
  })

  it('finds every official label and variant of every form exactly', () => {
    for (const scope of scopes) {
      for (const [line, row] of scope.table.rows.entries()) {
        for (const label of row.labels) {
          expect(index.find(label)).toMatchObject({ exact: true })
          expect(index.find(label).rows.get(scope.id)).toContain(line)
        }
      }
    }
  })

  it('ignores guidance in brackets', () => {
    expect(rowsOf('（二）部分公开（区分处理的，只计这一情形）')).toEqual(['partially_granted'])
  })

  it('survives one lost or wrong character of a long label, and says that it did', () => {
    const long = t3.table.rows.filter((row) => labelKey(row.labels[0]!).length >= 6)
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.nat(), fc.boolean(), (row, at, lose) => {
        const key = labelKey(row.labels[0]!)
        const place = at % key.length
        const damaged = key.slice(0, place) + (lose ? '' : '囗') + key.slice(place + 1)
        if (labelKey(damaged) === key) return
        expect(rowsOf(damaged)).toContain(row.code)
      }),
    )
    expect(index.find('属于国家秘蜜').exact).toBe(false)
  })

  it.each([
    '现行失效件数',
    '现行无效件数',
    '本年旧收政府信息公开申请数量',
    '本年新发政府信息公开申请数量',
    '下年结转政府信息公开申请数量',
    '没有现成信息不需要另行制作',
    '申请人逾期已按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请',
  ])('does not take %s for what says the opposite', (label) => {
    const { rows, columns } = index.find(label)
    expect([...rows, ...columns].flatMap(([, lines]) => lines)).toEqual([])
  })

  it('finds a misprint that looks like a denial', () => {
    expect(rowsOf('申请人逾期末按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请')).not.toEqual([])
  })

  it.each([
    ['现行有效件数', '现行失效数'],
    ['本年新增处理决定数', '本年减少处理决定数'],
    ['上年处理决定数量', '本年处理决定数量'],
  ])('%s and %s are not alike', (a, b) => {
    expect(labelSimilarity(a, b)).toBe(0)
  })

  it('does not take one short label for another', () => {
    expect(rowsOf('总记')).toEqual([])
    expect(rowsOf('其佗')).toEqual([])
  })

  it.each([
    ['1.属于国家秘密', '1属于国家秘密', true],
    ['1.属于国家秘密', '属于国家秘蜜', true],
    ['1.属于国家秘密', '属于国家秘密1', false],
    ['1.属于国家秘密', '1属于国家秘密 5', false],
    ['1.属于国家秘密', '11属于国家秘密', false],
    ['（三）第20条第1项', '第20条第8项', false],
  ])('%j and %j: the same numbers? %j', (known, label, same) => {
    expect(haveSameNumbers(known, label)).toBe(same)
  })

  it('similarity is 1 for the same, 0 for nothing shared, symmetric', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        (a, b) => {
          expect(labelSimilarity(a, b)).toBeCloseTo(labelSimilarity(b, a))
          if (labelKey(a) !== '') expect(labelSimilarity(a, a)).toBe(1)
        },
      ),
    )
    expect(labelSimilarity('其他法律行政止公开', '2.其他法律行政法规禁止公开')).toBeGreaterThan(0.8)
  })
})
