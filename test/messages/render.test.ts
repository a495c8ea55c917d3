import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../../parsers/limits.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { loadRegistry, rulePrefix } from '../../src/forms/registry.ts'
import {
  catalogues,
  type Lang,
  labelOf,
  renderError,
  renderFinding,
  renderFindingBoth,
  renderFormula,
  renderNotice,
  renderReason,
} from '../../src/messages/render.ts'
import type { Data, Fact, Finding, ReadingNoticeCode, ReasonCode } from '../../src/model.ts'
import { compileRegistry, evaluateBeyond, type RuleInput } from '../../src/rules/evaluate.ts'
import { consistentValues, emptyFact, evaluateFacts, matchOf, numberFact, truthFacts } from '../rules/report.ts'

const registry = loadRegistry()
const rules = compileRegistry(registry)
const form = registry.byId.get('ogi_2021')!
const values = consistentValues(form, (index) => index % 2)
const langs = ['zh', 'en'] as const

/** What must never be seen by a reader. */
const slips = /undefined|NaN|null|\[object|[{}]/

function facts(change: Record<string, Fact | undefined>): Fact[] {
  return [...form.cells.map(({ code }) => code)].flatMap((code) => {
    if (Object.hasOwn(change, code)) return change[code] ?? []
    return values.has(code) ? [numberFact(code, values.get(code)!)] : []
  })
}

function only(findings: readonly Finding[]): Finding {
  expect(findings).toHaveLength(1)
  return findings[0]!
}

describe('findings', () => {
  const total = 't3.total_processed.natural_person'

  it('say the formula with its figures', () => {
    const change = {
      't3.carried_forward.natural_person': numberFact(
        't3.carried_forward.natural_person',
        values.get('t3.carried_forward.natural_person')! + 5,
      ),
    }
    const { findings } = evaluateFacts(rules, form, facts(change))
    const balance = findings.find((one) => one.key === 'ogi2021.t3_balance@c=natural_person')!
    const [received, processed, forward] = ['new_received', 'total_processed', 'carried_forward'].map(
      (row) => values.get(`t3.${row}.natural_person`)!,
    ) as [number, number, number]
    expect(renderFinding(balance, registry, 'zh')).toBe(
      `表三“自然人”列：本年新收（${received}）加上年结转（0）应等于办理结果总计（${processed}）加结转下年度（${forward + 5}），相差5。`,
    )
    expect(renderFormula(balance, registry, 'zh')).toBe(
      `本年新收政府信息公开申请数量 ${received} + 上年结转政府信息公开申请数量 0 = ${received} ≠ ${received + 5} = 总计 ${processed} + 结转下年度继续办理 ${forward + 5}`,
    )
    expect(renderFormula(balance, registry, 'en')).toMatch(
      /^New requests this year \d+ \+ Requests carried over from last year 0 = \d+ ≠ \d+ = Total processed \d+ \+ /,
    )
  })

  it('call nothing equal to its operands that is more than their sum', () => {
    const fees = 't2_art20_8.administrative_fees.fee_amount'
    const input: RuleInput = {
      rules,
      tables: [matchOf(form, 't2_art20_8')],
      form: form.definition.id,
      facts: [numberFact(fees, 318_800)],
      meta: { reportYear: 2022 },
      doubtfulTables: new Set(),
      unplacedFigures: false,
      unreadTables: new Set(),
      around: { previous: { year: 2021, tables: new Set(['t2_art20_8']), facts: [numberFact(fees, 25.1)] } },
    }
    const finding = only(evaluateBeyond(input).findings)
    expect(renderFindingBoth(finding, registry)).toEqual({
      zh: '收费金额（318800万元）达到上年（25.1万元）的一千倍以上，疑似有一年以“元”填报。',
      en: 'Fees (318800, in 10,000 yuan) are a thousand times last year’s (25.1) or more; one of them looks like yuan.',
    })
    expect(renderFormula(finding, registry, 'zh')).toMatch(
      /^行政事业性收费\D* 318800 ≥ 25100（上年“行政事业性收费\D*” 25\.1）$/,
    )
    expect(renderFormula(finding, registry, 'en')).toMatch(/ 318800 ≥ 25100 \(.* 25\.1\)$/)
  })

  it('tell what decisions lack by its figure', () => {
    const older = registry.byId.get('ogi_2019')!
    const codes = ['items_previous', 'items_change', 'decisions'].map((one) => `t2_art20_5.licences.${one}`)
    const own = codes.map((code, place) => numberFact(code, [2, -3, 352][place]!))
    const said = evaluateFacts(rules, older, own).findings.map((one) => renderFinding(one, registry, 'zh'))
    expect(said).toContain('表二“行政许可”：有处理决定352件，但项目数量为-1。')
  })

  it('leave the zeros of long sums out and count them', () => {
    const change = { 't3.granted.total': numberFact('t3.granted.total', 70) }
    const { findings } = evaluateFacts(rules, form, facts(change))
    const row = findings.find((one) => one.key === 'ogi2021.t3_row_total@r=granted')!
    const ones = row.terms.filter((term) => term.side === 'left' && term.value !== 0)
    expect(ones.length).toBeLessThan(6)
    expect(renderFormula(row, registry, 'zh')).toMatch(
      new RegExp(`其余${6 - ones.length}项为0 = ${ones.length} ≠ 总计 70$`),
    )
  })

  it('word blank totals, missing cells and blanks in their own way', () => {
    const blank = only(evaluateFacts(rules, form, facts({ [total]: emptyFact(total, 'blank') })).findings)
    expect(renderFindingBoth(blank, registry)).toEqual({
      zh: `表三“（七）总计/自然人”未填写，按其分项计算应为${values.get(total)}。`,
      en: `Table 3, (7) Total processed/Natural persons is blank; the cells it adds up give ${values.get(total)}.`,
    })
    expect(renderFormula(blank, registry, 'zh')).toMatch(/ = \d+，总计 空白$/)
    const missing = only(evaluateFacts(rules, form, facts({ [total]: undefined })).findings)
    expect(renderFinding(missing, registry, 'zh')).toBe(
      `表三缺少1个单元格：（七）总计/自然人。按其余数据推算：（七）总计/自然人 = ${values.get(total)}。`,
    )
    const zero = 't4.cases.review_other'
    expect(values.get(zero)).toBe(0)
    const one = only(evaluateFacts(rules, form, facts({ [zero]: emptyFact(zero, 'mark') })).findings)
    expect(renderFinding(one, registry, 'en')).toBe(
      'Table 4, Review: other result is blank or a placeholder instead of 0.',
    )
    const shanghai = evaluateFacts(
      rules,
      registry.byId.get('ogi_2019')!,
      truthFacts('../../samples/shanghai-office-2019.truth.json'),
    ).findings
    expect(shanghai.map((each) => renderFinding(each, registry, 'zh'))).toContainEqual(
      expect.stringMatching(/^表三有11处总计未填写，/),
    )
    expect(shanghai.map((each) => renderFinding(each, registry, 'zh'))).toContainEqual(
      expect.stringMatching(/^表四有9个单元格为空白.*核对时按0计算。$/),
    )
  })

  it('name missing tables and forms', () => {
    const tables = ['t2_art20_1', 't2_art20_5', 't2_art20_6', 't2_art20_8', 't3'].map((table) => matchOf(form, table))
    const { findings } = evaluateFacts(rules, form, facts({}), { tables, meta: { reportYear: 2020 } })
    expect(findings.map((one) => renderFinding(one, registry, 'en'))).toEqual([
      'Missing table: Table 4, review and litigation.',
      'The 2020 report uses a form that is not the one for that year (Format of the annual report on government information disclosure (2021 revision), for reports on 2021 and later).',
    ])
  })

  it('never show a slot, whatever breaks', () => {
    const value = fc.oneof(
      fc.integer({ min: -5, max: 50 }),
      fc.nat(9_999).map((n) => n / 7),
      fc.constant(3e8),
      fc.constantFrom('blank', 'mark', 'absent', 'unreadable'),
    )
    const change = fc.dictionary(
      fc.constantFrom(...form.cells.map((cell) => cell.code)),
      value as fc.Arbitrary<number | 'blank'>,
      { maxKeys: 60 },
    )
    const seen = new Set<string>()
    fc.assert(
      fc.property(change, fc.constantFrom(...registry.forms), fc.boolean(), (changes, used, narrow) => {
        const all = used.cells.map(({ code }) => {
          const wanted = Object.hasOwn(changes, code) ? changes[code]! : 0
          return typeof wanted === 'number' ? numberFact(code, wanted) : emptyFact(code, wanted)
        })
        const tables = [...used.tables.keys()].slice(narrow ? 1 : 0).map((table) => matchOf(used, table))
        const { findings } = evaluateFacts(rules, used, all, {
          tables,
          meta: { reportYear: 2010, titleYear: 2010, periodYear: 2011 },
        })
        for (const finding of findings) {
          seen.add(finding.rule)
          for (const lang of langs) {
            expect(renderFinding(finding, registry, lang)).not.toMatch(slips)
            expect(renderFinding(finding, registry, lang)).not.toContain(catalogues[lang].parts.unknown)
            expect(renderFormula(finding, registry, lang)).not.toMatch(slips)
          }
        }
      }),
    )
    expect(seen.size).toBeGreaterThan(20)
  })

  it('fill what they cannot know with a word, for every rule there is', () => {
    for (const { definition } of registry.forms) {
      for (const rule of definition.rules) {
        const bare: Finding = {
          key: rule.id,
          rule: rule.id,
          severity: 'info',
          fault: 'report',
          codes: [],
          expected: null,
          actual: null,
          difference: null,
          terms: [],
          quotes: [],
          meant: null,
          data: {},
        }
        for (const lang of langs) expect(renderFinding(bare, registry, lang)).not.toMatch(slips)
      }
    }
  })

  it('still say something for a form that is gone', () => {
    const { findings } = evaluateFacts(rules, form, facts({ [total]: numberFact(total, 99) }))
    const none = loadRegistry()
    const empty = { ...none, forms: [], byId: new Map() }
    for (const finding of findings) {
      expect(renderFinding(finding, empty, 'zh')).toContain(finding.rule)
      expect(renderFormula(finding, empty, 'en')).toContain('t3.total_processed.natural_person 99')
    }
  })
})

describe('notices, reasons and errors', () => {
  const dataNames = [
    'declared',
    'used',
    'count',
    'row',
    'column',
    'line',
    'links',
    'limit',
    'max',
    'what',
    'table',
    'label',
    'text',
    'taken_for',
    'code',
    'first',
    'figures',
    'title',
    'evidence',
    'candidates',
    'kind',
    'detail',
    'seconds',
    'megabytes',
    'titles',
    'path',
    'pid',
    'since',
    'url',
    'found',
    'known',
    'paths',
    'id',
    'ids',
    'file',
    'store',
  ]
  const word = fc.constantFrom('t3', 't3.granted.total', '广州', 'agency', 'a.txt', '[3]', '')
  const datum = fc.oneof(word, fc.nat(), fc.array(word, { maxLength: 3 }))
  const data = fc.dictionary(fc.constantFrom(...dataNames), datum, { maxKeys: 35 })
  const anchor = fc.constantFrom(
    null,
    { path: 'table[2]/tr[1]', page: null, box: null },
    { path: '', page: 4, box: null },
  )

  it('are worded in both languages whatever their data', () => {
    fc.assert(
      fc.property(data, anchor, fc.constantFrom(...langs), (given, at, lang) => {
        for (const code of Object.keys(catalogues.zh.notices) as ReadingNoticeCode[])
          expect(renderNotice({ code, anchor: at, data: given }, lang, registry)).not.toMatch(slips)
        for (const code of Object.keys(catalogues.zh.reasons) as ReasonCode[])
          expect(renderReason({ code, data: given }, lang)).not.toMatch(slips)
        for (const code of Object.keys(catalogues.zh.errors) as ErrorCode[])
          expect(renderError({ code, data: given }, lang)).not.toMatch(slips)
      }),
    )
  })

  it('name the place and leave out what is not known', () => {
    const at = { path: 'table[2]/tr[5]', page: 3, box: null }
    const notice = { code: 'unknown_label' as const, anchor: at, data: { table: 't3', label: '待定' } }
    expect(renderNotice(notice, 'zh', registry)).toBe('表三中的“待定”不是该表格的行或列。位置：第3页、table[2]/tr[5]。')
    expect(renderNotice({ ...notice, anchor: null }, 'en', registry)).toBe('“待定” is no row or column of Table 3.')
    const settled = {
      code: 'settled_by_sums' as const,
      anchor: null,
      data: { table: 't4', label: '', text: '21', reading: '2 1' },
    }
    expect(renderNotice(settled, 'zh', registry)).toMatch(/^表四的排列/)
    expect(renderNotice(settled, 'en', registry)).toContain('the figures in Table 4 open')
    for (const code of ['figures_run_together', 'blank_edge_ambiguous', 'fields_cut_off', 'row_shifted'] as const)
      for (const lang of langs)
        expect(renderNotice({ ...settled, code }, lang, registry)).not.toContain(catalogues[lang].parts.unknown)
    expect(renderReason({ code: 'damaged', data: {} }, 'en')).toBe('The file is damaged.')
    expect(renderReason({ code: 'damaged', data: { detail: 'cut [off]' } }, 'en')).toBe(
      'The file is damaged: cut [off].',
    )
    expect(renderReason({ code: 'identity_doubtful', data: { what: ['agency', 'year'] } }, 'zh')).toBe(
      '报告的机关、年度不能确定。',
    )
    expect(renderError({ code: 'store_locked', data: { path: 'data', pid: 7 } }, 'en')).toBe(
      'The store data is in use by another process (number 7). Wait for it to end, or choose another store with --store.',
    )
  })

  it('say limits, kinds and causes in words, and what libraries say on one line', () => {
    const reason = (code: ReasonCode, data: Data, lang: Lang = 'en') => renderReason({ code, data }, lang)
    const bytes = { limit: 'documentBytesMax', max: limits.documentBytesMax }
    expect(reason('limit_exceeded', bytes)).toMatch(/not read: the file is larger than 64 MB\.$/)
    expect(reason('limit_exceeded', bytes, 'zh')).toMatch(/：文件大于64 MB。$/)
    expect(reason('limit_exceeded', { limit: 'cellsMax', max: 200_000 }, 'zh')).toContain('多于200,000个')
    for (const limit of Object.keys(limits))
      for (const lang of langs) expect(reason('limit_exceeded', { limit, max: 7 * 2 ** 20 }, lang)).not.toContain(limit)
    expect(reason('unsupported_format', { kind: 'ole' })).toContain('an Office file in the format of before 2007')
    expect(reason('unreadable_file', { detail: 'EACCES' }, 'zh')).toContain('没有权限')
    const detail = 'error: [xmldom error]\telement parse error: Error: no tag.\n@#[line:undefined,col:undefined]'
    expect(reason('damaged', { detail })).toBe('The file is damaged: element parse error: Error: no tag.')
  })

  it('use the same slots in both languages', () => {
    const slots = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort()
    for (const group of ['findings', 'notices', 'reasons', 'errors', 'limits'] as const) {
      for (const [code, text] of Object.entries(catalogues.zh[group])) {
        const english = Object.entries(catalogues.en[group]).find(([other]) => other === code)?.[1]
        expect([code, slots(english ?? '')]).toEqual([code, slots(text)])
      }
    }
  })
})

describe('labels', () => {
  it('are those of the form that has the cell', () => {
    expect(labelOf('t3.granted.natural_person', registry, 'zh')).toBe('表三“（一）予以公开/自然人”')
    expect(labelOf('t4.cases.review_total', registry, 'en')).toBe('Table 4, Review: total')
    expect(labelOf('t2_art20_9.central_procurement.amount', registry, 'zh')).toBe('表二“政府集中采购/采购总金额”')
    expect(labelOf('t3', registry, 'en')).toBe('Table 3, requests received and processed')
    expect(labelOf('t9.a.b', registry, 'en')).toBe('t9.a.b')
  })
})

describe('docs/findings.md', () => {
  it('names only findings that there can be', () => {
    const text = readFileSync(new URL('../../docs/findings.md', import.meta.url), 'utf8')
    const ids = new Set([...text.matchAll(/`(ogi\d+\.[a-z0-9_.]+)(?:@[^`]*)?`/g)].map((match) => match[1]!))
    expect(ids.size).toBeGreaterThan(8)
    for (const id of ids) {
      const own = registry.forms.find(({ definition }) => rulePrefix(definition) === id.split('.')[0])!
      const known = own.definition.rules.map((rule) => rule.id)
      const tables = [...own.tables.keys()].flatMap((table) =>
        ['missing_cells', 'blank_totals'].map((kind) => `${id.split('.')[0]}.${table}_${kind}`),
      )
      const all = [
        ...known,
        ...known.map((rule) => `${rule}.bodies_missing`),
        ...known.map((rule) => `${rule}.blank_total`),
        ...tables,
        ...['form_blank', 'text_repeats_previous', 'text_repeats_others', 'same_publication'].map(
          (kind) => `${id.split('.')[0]}.${kind}`,
        ),
      ]
      expect(all).toContain(id)
    }
  })
})
