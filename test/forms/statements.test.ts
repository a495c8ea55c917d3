/** What prose states: the real samples by hand, whose a figure is, typography, precision and recall, any text at all. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { loadRegistry, makeForm, readForm } from '../../src/forms/registry.ts'
import { readStatements } from '../../src/forms/statements.ts'
import type { Statement } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { type FieldScore, measureProse, shares } from '../generator/measure-prose.ts'
import { documentOf } from '../generator/prose.ts'

const registry = loadRegistry()
const form = registry.byId.get('ogi_2021')!

function read(
  texts: readonly string[],
  agency: string | null = '清河区人民政府',
  year: number | null = 2023,
): Statement[] {
  return readStatements(documentOf(texts), form, { agency, year })
}

/** `received 12`, `other received 12`, `received_none`. */
function said({ scope, field, value }: Statement): string {
  return `${scope === 'own' ? '' : 'other '}${field}${value === null ? '' : ` ${value}`}`
}

describe('a figure that counts more than the report is about', () => {
  it.each([
    ['全年收到行政复议申请85件，其中涉及政府信息公开12件。', 'review 85'],
    ['2023年行政诉讼案件45件，其中因政府信息公开引发的诉讼案件14件。', 'litigation 45'],
    ['全年受理各类申请事项5600件，其中政府信息公开申请61件。', 'received 5600'],
  ])('%s', (text, wrong) => {
    expect(read([text]).map(said)).not.toContain(wrong)
  })

  it('does not hide one that is about it', () => {
    const text = '全年收到政府信息公开申请85件，其中要求公开政府信息公开指南3件。'
    expect(read([text]).map(said)).toContain('received 85')
  })
})

describe('real reports, by hand', () => {
  it.each([
    ['rundong-2021.txt', ['received_none', 'received_none', 'info_fee']],
    [
      'pingtan-2023.txt',
      [
        'proactive_total 13561',
        'received 81',
        'processed 81',
        'granted_or_partial 42',
        'denied 5',
        'unable 31',
        'not_processed 1',
        'other 2',
        'review 2',
        'litigation 7',
        'info_fee',
      ],
    ],
    // 全年办理政府信息公开申请218件 may be what was received or what was answered, so it is neither.
    ['pingtan-2024.txt', ['other proactive_total 10407', 'info_fee']],
    [
      'shanghai-office-2019.html',
      [
        // Said of requests to the municipal government, for which its office acts.
        'other received 859',
        'other carried_over 18',
        'other processed 805',
        'other carried_forward 72',
        'granted_or_partial 258',
        'denied 35',
        'unable 265',
        'not_processed 158',
        'other 0',
        'review 7',
        'litigation 9',
      ],
    ],
    [
      'huaian-2024.pdf',
      [
        'other proactive_total 5500',
        'received 3119',
        'carried_over 34',
        'processed 3050',
        'carried_forward 103',
        'review 351',
        'litigation 46',
        'info_fee',
        'info_fee_yuan 3940',
      ],
    ],
    ['hongze-2023.pdf', ['other proactive_total 1136', 'received 21', 'info_fee', 'info_fee_yuan 0']],
    [
      'pingtan-2018.html',
      [
        'proactive_total 2069',
        'other proactive_total 1592',
        'other proactive_total 477',
        'received_none',
        'dispute_none',
      ],
    ],
    // The form's own instructions name the fee.
    ['blank-form-2021.docx', ['info_fee']],
    ['huaian-2024.docx', []],
  ] as const)('%s', async (name, expected) => {
    const bytes = readFileSync(new URL(`../../samples/${name}`, import.meta.url))
    const parsed = await parse(bytes, {})
    if (!parsed.ok) throw new Error(parsed.reason)
    const { identity } = await readReport(bytes, { fileName: name }, registry)
    const statements = readStatements(parsed.document, form, identity)
    expect(statements.map(said).sort()).toEqual([...expected].sort())
    for (const { sentence, text } of statements) {
      // Evidence is as printed: the words that matched stand in the sentence, and both in the document.
      expect(sentence).toContain(text)
      expect(JSON.stringify(parsed.document.blocks)).toContain(JSON.stringify(text).slice(1, -1))
    }
  })
})

describe('whose figure it is', () => {
  it.each([
    ['2023年，全区共收到政府信息公开申请1,204件，其中区政府本级112件。', ['received 1204']],
    ['区政府办代表区政府受理政府信息公开申请35件。', ['other received 35']],
    [
      '区教育局受理政府信息公开申请35件，答复30件；我局受理12件。',
      ['other received 35', 'other processed 30', 'received 12'],
    ],
    ['各镇街收到政府信息公开申请35件。', ['other received 35']],
    ['全省受理政府信息公开申请35件。', ['other received 35']],
    ['2022年收到政府信息公开申请35件，2023年收到政府信息公开申请36件。', ['other received 35', 'received 36']],
    ['收到政府信息公开申请36件，较上年增加1件。', ['received 36']],
    ['上半年收到政府信息公开申请36件。', ['other received 36']],
    ['自2019年以来，累计受理政府信息公开申请360件。', ['other received 360']],
    ['全年累计受理政府信息公开申请36件。', ['received 36']],
    ['收到政府信息公开申请15件（其中网上申请12件）。', ['received 15']],
    ['通过门户网站收到政府信息公开申请12件。', ['other received 12']],
    ['通过网络、信函等渠道收到政府信息公开申请12件。', ['received 12']],
    ['力争全年受理政府信息公开申请12件。', ['other received 12']],
    ['受理行政许可申请12件，办结12件。', ['other received 12']],
    ['政府信息公开申请答复率100%，答复咨询12件。', ['other processed 12']],
    ['制发公文100件，其中主动公开60件，不予公开20件。', ['other denied 20', 'other proactive_total 60']],
    ['结转至2024年继续办理的政府信息公开申请3件，2022年结转2件。', ['carried_forward 3', 'carried_over 2']],
    ['收到并答复政府信息公开申请12件。', ['received 12', 'processed 12']],
    ['政府信息公开行政复议、行政诉讼案件共5件。', []],
    ['因政府信息公开被申请行政复议5件，其中维持3件、纠正1件。', ['review 5']],
    ['未收到政府信息公开行政复议申请。', []],
    ['未发生因政府信息公开被申请行政复议、提起行政诉讼的情况。', ['dispute_none']],
    ['未发生政府信息公开行政诉讼败诉、行政复议被纠正的情况。', []],
    ['第一季度未收到政府信息公开申请。', ['other received_none']],
    ['区教育局未收到政府信息公开申请。', ['other received_none']],
    ['主动公开政府信息1.2万余条。', ['proactive_total 12000']],
    // Worded as real reports word it, with other figures.
    ['2023年，区政府共受理9份政府信息公开申请，均为自然人申请。其中，予以公开3件。', ['received 9', 'granted 3']],
    [
      '上半年全区受理政府信息公开申请90件。其中同意公开或部分公开共8件。',
      ['other received 90', 'other granted_or_partial 8'],
    ],
    [
      '共受理依申请公开7件。其中，已主动公开和同意公开的4件，不属于本机关公开的3件。',
      ['received 7', 'other granted 4'],
    ],
    [
      '全年共制作政府信息40条，其中主动公开信息0条，依申请公开信息30条，不予公开信息10条。',
      ['other proactive_total 0'],
    ],
    ['在主动公开的信息中，动态70条，其他应主动公开信息4条。', ['other proactive_total 4']],
    ['未接到书面方式提出的政府信息公开申请。', ['other received_none']],
    ['未收到法人或者其他组织对依申请公开政府信息的申请。', ['received_none']],
    ['未发生针对政府信息公开事务的复议、诉讼和申诉。', ['dispute_none']],
    ['收到依申请公开45件，除2件结转下年办理外，均依法答复。', ['received 45', 'carried_forward 2']],
    [
      '共接到社会公众依申请公开84件，上年结转办理1件。年内共办结82件，结转下年度继续办理3件。',
      ['received 84', 'carried_over 1', 'processed 82', 'carried_forward 3'],
    ],
    ['全年共收到并按时办结16件政府信息公开申请。', ['received 16', 'processed 16']],
    ['收到来信、依申请公开等26件，其中依申请公开7件。', ['other received 26']],
    ['政府信息公开申请不予公开、部分公开的合计9件。', ['other denied 9']],
    ['网上答复政府信息公开申请7件，书面邮寄答复3件。', ['other processed 7', 'other processed 3']],
    ['不予公开3件、部分公开67；', ['denied 3', 'partially_granted 67']],
  ] as const)('%s', (text, expected) => {
    expect(read(['（二）依申请公开情况', text]).map(said).sort()).toEqual([...expected].sort())
  })

  it('says why a figure is another’s', () => {
    const why = (text: string): (string | null)[] => read(['（二）依申请公开情况', text]).map((one) => one.why)
    expect(why('各部门受理政府信息公开申请35件。')).toEqual(['body'])
    expect(why('2022年受理政府信息公开申请35件。')).toEqual(['year'])
    expect(why('上半年受理政府信息公开申请35件。')).toEqual(['period'])
    expect(why('近三年受理政府信息公开申请35件。')).toEqual(['rolling'])
    expect(why('通过信函受理政府信息公开申请35件。')).toEqual(['part'])
    expect(why('计划受理政府信息公开申请35件。')).toEqual(['plan'])
    expect(why('受理补正后的政府信息公开申请35件。')).toEqual(['qualified'])
    expect(why('受理政府信息公开申请三五件。')).toEqual(['unreadable'])
  })

  it('without agency and year believes what names neither', () => {
    const words = (text: string): string[] => read(['（二）依申请公开情况', text], null, null).map(said)
    expect(words('2023年，我局收到政府信息公开申请12件。')).toEqual(['received 12'])
    expect(words('2023年，区财政局收到政府信息公开申请12件。')).toEqual(['other received 12'])
  })

  it('knows a body by its short name', () => {
    const words = (agency: string): string[] => read(['区住建局收到政府信息公开申请12件。'], agency).map(said)
    expect(words('清河区住房和城乡建设局')).toEqual(['received 12'])
    expect(words('清河区财政局')).toEqual(['other received 12'])
  })
})

describe('typography', () => {
  it.each([
    ['全年收到政府信息公开申请１，２０４件。', 1204],
    ['全年收到政府信息公开申请 1,204 件。', 1204],
    ['全年收到政府信息公开申请一千二百零四件。', 1204],
    ['全年收到政府信息公开申请两件。', 2],
    ['全年收到政府信息公开申请〇件。', 0],
    ['全年收到政府信息公开申请十五件。', 15],
    ['全年收到政府信息公开申请3千件。', 3000],
    ['2023年，我区全年共收到公民、法人提出的政府信息公\n开申请120\n4件。', 1204],
    ['全年收到政府信息公開申請12件。', 12],
    ['二〇二三年收到政府信息公开申请12件。', 12],
    ['二〇二二年收到政府信息公开申请12件。', null],
  ])('%j is %j', (text, value) => {
    expect(
      read([text])
        .filter(({ scope }) => scope === 'own')
        .map((one) => one.value),
    ).toEqual(value === null ? [] : [value])
  })

  it('a space between digits makes one number or two, so none', () => {
    expect(read(['收到政府信息公开申请1 204件。'])).toMatchObject([{ scope: 'other', why: 'unreadable', value: null }])
  })

  it('marks what is about so many, and what is counted up', () => {
    expect(read(['全年累计收到政府信息公开申请120余件。'])).toMatchObject([
      { value: 120, approximate: true, cumulative: true, unit: '件' },
    ])
    expect(read(['六、其他需要报告的事项', '收取信息处理费1.2万元。'])).toMatchObject([
      { field: 'info_fee' },
      { field: 'info_fee_yuan', value: 12000, unit: '元', approximate: false },
    ])
  })

  it('a sentence cut by the end of a page is one, and labels and tables are none', () => {
    const cut = ['经统计，2023年本机关全年共收到政府信息公', '开申请12件，均已答复。']
    expect(read(cut).map(said)).toEqual(['received 12'])
    const anchor = { path: 'table[1]', page: null, box: null }
    const cell = (text: string, column: number) =>
      ({ row: 0, column, rowSpan: 1, columnSpan: 1, text, filler: false, doubt: null, anchor }) as const
    const table = {
      kind: 'grid',
      rowCount: 1,
      columnCount: 2,
      columns: 'aligned',
      cells: [cell('收到政府信息公开申请12件', 0), cell('本年度我区共收到政府信息公开申请13件，答复13件。', 1)],
      pageBreaks: [],
      anchor,
    } as const
    const found = readStatements({ ...documentOf([]), blocks: [table] }, form, { agency: '清河区人民政府', year: 2023 })
    expect(found.map(said)).toEqual(['received 13', 'processed 13'])
  })
})

/**
 * The first lot was written before the reader. The second was written after it, to be harder: as first met, its two parts
 * were read with a precision of 0.89 and 1.00 and a recall of 0.91 and 0.75; then the first part was tuned on.
 */
describe('measured on sentences written for it', () => {
  const all: FieldScore[] = []
  it.each([
    [0, false, 0.99, 0.97],
    [0, true, 0.99, 0.97],
    [1, false, 0.99, 0.95],
    [1, true, 0.99, 0.85],
  ] as const)('lot %i, held back: %s: precision from %d, recall from %d', (lot, heldOut, precision, recall) => {
    const { fields, wrong } = measureProse(120, 4_000, lot, heldOut)
    const score = shares(fields.values())
    expect(score.stated).toBeGreaterThan(500)
    expect(score.precision, wrong.join('\n')).toBeGreaterThanOrEqual(precision)
    expect(score.recall).toBeGreaterThanOrEqual(recall)
    all.push(...fields.values())
  })

  it('precision of 0.99 and recall of 0.9 over all', () => {
    expect(shares(all).precision).toBeGreaterThanOrEqual(0.99)
    expect(shares(all).recall).toBeGreaterThanOrEqual(0.9)
  })
})

describe('any text', () => {
  const words = fc.constantFrom(
    ...'收到|受理|政府信息公开申请|依申请公开|12|一百|三千余|件|条|万|元|，|。|；|：|（|）|\n| |其中|2022年|上年|结转|各部门|未收到|行政复议|诉讼|信息处理费|六、其他需要报告的事项|《|》|1,204|主动公开|部分公开|0'.split(
      '|',
    ),
  )

  it('gives statements whose evidence stands in it, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 6 })), { maxLength: 80 }), (pieces) => {
        const text = pieces.join('')
        for (const one of read([text])) {
          expect(text).toContain(one.text)
          expect(one.value === null || (Number.isFinite(one.value) && one.value >= 0)).toBe(true)
          expect(one.scope === 'own').toBe(one.why === null)
          if (one.scope === 'own' && one.kind !== 'flag') expect(one.value).not.toBeNull()
        }
      }),
      { numRuns: 600 },
    )
  })

  it.each([
    ['收到', 100_000],
    ['收到政府信息公开申请15件', 20_000],
    ['1,', 100_000],
    ['1\n', 60_000],
    ['（', 100_000],
    ['（收到申请1件）', 10_000],
    ['一', 100_000],
    ['收到政府信息公开申请15件。', 20_000],
    ['一、总体情况', 20_000],
    ['行政复议行政复议行政复议诉讼1件，', 10_000],
  ])('%j so many times ends, with a bounded answer', (piece, times) => {
    expect(read([piece.repeat(times)]).length).toBeLessThanOrEqual(2_100)
  })
})

describe('forms', () => {
  it('one of one’s own asks after its own statements, any words between where it names none', () => {
    const json = JSON.stringify({
      id: 'mine',
      title: 'Mine',
      source: 'a notice',
      years: [2020, null],
      statements: [{ code: 'visits', title: 'Visits', kind: 'count', units: ['人次'], patterns: ['接待 ~ {n}'] }],
      tables: [
        {
          code: 't',
          title: 'T',
          headings: ['T'],
          kind: 'count',
          rows: [{ code: 'a', title: 'A', labels: ['甲'] }],
          columns: [{ code: 'n', title: 'N', labels: ['数量'] }],
        },
      ],
    })
    const mine = readForm('mine.json', json)
    const found = readStatements(documentOf(['全年接待办事群众120人次，较上年增加3人次。']), mine)
    expect(found.map(said)).toEqual(['visits 120'])
    expect(
      readStatements(documentOf(['全年接待办事群众120人次。']), makeForm({ ...mine.definition, statements: [] })),
    ).toEqual([])
  })

  it('the three forms of one Regulation share theirs', () => {
    for (const id of ['ogi_2014', 'ogi_2019', 'ogi_2021']) {
      expect(registry.byId.get(id)!.definition.statements).toEqual(form.definition.statements)
    }
  })
})
