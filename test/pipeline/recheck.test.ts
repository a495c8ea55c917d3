/**
 * Rules across years and agencies, and the life of their findings, on both carriers of the store. Reports are a real one
 * with other figures, years and names.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { renderMeant } from '../../src/messages/meant.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { recheckAll, recheckPending, recheckReading } from '../../src/pipeline/recheck.ts'
import { listAgencies, listCoverage, removeAgencies, saveAgencies } from '../../src/store/agencies.ts'
import { decide, decisionsOf, findFinding, listFindings, type StoredFinding } from '../../src/store/findings.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { type SaveResult, saveReading, saveReadingWithin } from '../../src/store/reports.ts'
import { makeDatabase } from '../setup/database.ts'

const registry = loadRegistry()
const template = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')
const printedNames = ['润东区管委会', '润东区']

/** What a report prints in the natural persons' and the total column. */
type Figures = {
  readonly received?: number
  readonly carried?: number
  readonly granted?: number
  readonly forward?: number
}

/** The real report of another body on another year; figures that are left out are 0. */
function makeText(agency: string, year: number, figures: Figures): string {
  const { received = 0, carried = 0, granted = 0, forward = 0 } = figures
  const rows: readonly (readonly [RegExp, number])[] = [
    [/本年新收政府信息公开申请数量/, received],
    [/上年结转政府信息公开申请数量/, carried],
    [/予以公开/, granted],
    [/\(七\) 总计/, granted],
    [/结转下年度继续办理/, forward],
  ]
  let text = template.replaceAll('2021', String(year))
  for (const name of printedNames) text = text.replaceAll(name, agency)
  // What the text says of requests holds for none only.
  text = text.replace(/未收到依申请公开/g, '依法办理依申请公开')
  return text
    .split('\n')
    .map((line) => {
      const row = rows.find(([label]) => label.test(line) && /(?:\t0){7}/.test(line))
      return row === undefined ? line : line.replace(/\t0((?:\t0){5})\t0/, `\t${row[1]}$1\t${row[1]}`)
    })
    .join('\n')
}

/** Prose of a report's own, another in each edition, of words that no other has. */
function makeProse(seed: string): (edition: number) => string {
  return (edition) => {
    let state = [...`${seed}${edition}`].reduce((sum, one) => (sum * 31 + one.codePointAt(0)!) % 2_147_483_647, 7)
    const next = (): string => {
      state = (state * 48_271) % 2_147_483_647
      return String.fromCodePoint(0x4e00 + (state % 5_000))
    }
    const sentence = (): string => `${Array.from({ length: 20 }, next).join('')}。`
    return `\n五、存在的主要问题及改进情况\n${Array.from({ length: 300 }, sentence).join('')}\n`
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe.each(['embedded', 'server'] as const)('recheck, %s', (carrier) => {
  let store: Store
  let folder: string
  let count = 0
  let town = ''
  const now = () => new Date('2026-03-01T00:00:00Z')

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gouji-recheck-'))
    const target = carrier === 'embedded' ? join(folder, 'data') : await makeDatabase()
    store = await openStore(target, { blobs: join(folder, 'blobs') })
  })
  afterAll(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    town = `${'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥'[count++]}水县人民政府`
  })

  const read = (text: string): Promise<Reading> => readReport(Buffer.from(text), { fileName: null }, registry)
  /** Saves a reading of a text, which need not be what the text says. */
  const save = (text: string, reading: Reading, reader = 'r1', seenAt = new Date()): Promise<SaveResult> => {
    const sha256 = createHash('sha256').update(text).digest('hex')
    return saveReading(store, registry, { sha256, bytes: text.length, path: 'a.txt', reader, reading, seenAt })
  }
  /** What `ingest` does with a text. */
  const take = async (text: string, reader = 'r1'): Promise<Reading> => {
    const reading = await read(text)
    const saved = await save(text, reading, reader)
    if (saved.outcome === 'stored') await recheckReading(saved.reading, { store, registry, now })
    return reading
  }
  const publish = async (agency: string, year: number, figures: Figures, reader = 'r1', note = ''): Promise<void> => {
    expect((await take(makeText(agency, year, figures) + note, reader)).identity).toMatchObject({ agency, year })
  }
  const allFindings = (agency: string, states?: readonly StoredFinding['state'][]): Promise<StoredFinding[]> =>
    collect(listFindings(store, { agency, ...(states && { state: states }) }))
  // All reports here are one text with other names and figures.
  const findings = async (agency: string, states?: readonly StoredFinding['state'][]): Promise<StoredFinding[]> =>
    (await allFindings(agency, states)).filter(({ rule }) => !/repeats|same_publication/.test(rule))
  const carryOver = async (agency: string): Promise<StoredFinding[]> =>
    (await findings(agency)).filter(({ rule }) => rule.includes('carry_over'))

  it('says when the reading that shows a finding was judged last', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 2 })
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    await publish(town, 2022, { received: 5, carried: 4, granted: 9 })
    const found = await carryOver(town)
    expect(found).not.toEqual([])
    expect(found.map(({ judgedAt }) => judgedAt)).toEqual(found.map(() => now().toISOString()))
  })

  it('compares what was carried over with the year before, in whatever order reports come', async () => {
    const years: readonly (readonly [number, Figures])[] = [
      [2021, { received: 10, granted: 7, forward: 3 }],
      [2022, { received: 5, carried: 4, granted: 9 }],
      [2023, { received: 6, granted: 6 }],
    ]
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]
    const seen = []
    for (const [turn, order] of orders.entries()) {
      const agency = `${town[0]}${'东南西'[turn]}县人民政府`
      for (const index of order) await publish(agency, ...years[index]!)
      seen.push(
        (await carryOver(agency)).map(({ key, severity, expected, actual, report }) => [
          report.year,
          key,
          severity,
          expected,
          actual,
        ]),
      )
    }
    expect(seen[0]).toEqual([
      [2022, 'ogi2021.t3_carry_over_prev_total', 'error', 3, 4],
      [2022, 'ogi2021.t3_carry_over_prev_by_applicant@c=natural_person', 'warning', 3, 4],
    ])
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
  })

  it('compares two years that are saved at the same moment', async () => {
    // What all reports share stands in the store already, and makes nobody wait.
    await publish(town, 2012, {})
    const texts = [
      makeText(town, 2021, { received: 10, granted: 7, forward: 3 }),
      makeText(town, 2022, { received: 5, granted: 5 }),
    ]
    const [former, later] = await Promise.all(texts.map(read))
    let commit = (): void => {}
    const held = new Promise<void>((resolve) => {
      commit = resolve
    })
    const input = (text: string, reading: Reading) => {
      const sha256 = createHash('sha256').update(text).digest('hex')
      return { sha256, bytes: text.length, path: 'a.txt', reader: 'r1', reading, seenAt: now() }
    }
    let written = (): void => {}
    const isWritten = new Promise<void>((resolve) => {
      written = resolve
    })
    const first = store.sql.transaction(async (sql) => {
      await saveReadingWithin(sql, store, registry, input(texts[0]!, former!))
      written()
      await held
    })
    await isWritten
    const second = saveReading(store, registry, input(texts[1]!, later!))
    // Whoever saves the later year must wait for the former one, or the year is judged without it and never again.
    const saved = await Promise.race([second.then(() => true), setTimeout(500, false)])
    if (saved) await recheckPending({ store, registry, now })
    commit()
    await Promise.all([first, second])
    await recheckPending({ store, registry, now })
    expect((await carryOver(town)).map(({ report, expected, actual }) => [report.year, expected, actual])).toEqual([
      [2022, 3, 0],
      [2022, 3, 0],
    ])
  })

  it('shows last year’s figure as such, and counts the finding with the report’s own', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    await publish(town, 2022, { received: 5, granted: 5 })
    const [total] = await carryOver(town)
    expect(total).toMatchObject({ beyond: true, fault: 'report', state: 'open' })
    expect(total!.terms).toEqual([
      { code: 't3.carried_over.total', side: 'left', sign: 1, state: 'number', value: 0 },
      { code: 't3.carried_forward.total', of: 'previous', side: 'right', sign: 1, state: 'number', value: 3 },
    ])
    const sql = 'SELECT errors, warnings, infos FROM public.reports WHERE agency = $1 AND year = 2022'
    const [row] = await store.sql.query(sql, [town])
    const listed = (await allFindings(town)).filter(({ report }) => report.year === 2022)
    const count = (severity: string): number => listed.filter((one) => one.severity === severity).length
    expect(row).toEqual({ errors: 1, warnings: count('warning'), infos: count('info') })
  })

  it('is fixed when either year’s report is corrected, and says so', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    await publish(town, 2022, { received: 5, carried: 4, granted: 9 })
    const [before] = await carryOver(town)
    await publish(town, 2021, { received: 11, granted: 7, forward: 4 }, 'r1', '\n更正')
    expect(await carryOver(town)).toEqual([])
    expect((await findings(town, ['fixed'])).map(({ id }) => id)).toContain(before!.id)
    expect((await findFinding(store, before!.id)).state).toBe('fixed')
    // And is there again when the correction is taken back.
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 }, 'r1', '\n再更正')
    expect((await carryOver(town)).map(({ id }) => id)).toContain(before!.id)
    expect((await findings(town, ['fixed'])).filter(({ id }) => id === before!.id)).toEqual([])
  })

  it('keeps what was decided over readings and until the figures change', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 2 })
    const [sum] = await findings(town)
    expect(sum).toMatchObject({ state: 'open', actual: 2 + 7, expected: 10, decision: null })
    await decide(store, sum!, { action: 'returned', reason: '请核实', by: '审计员', at: now() })
    await publish(town, 2021, { received: 10, granted: 7, forward: 2 }, 'r2')
    const again = await findFinding(store, sum!.id.slice(0, 9))
    expect(again).toMatchObject({ state: 'returned', outdated: false, decision: { by: '审计员', reason: '请核实' } })
    await publish(town, 2021, { received: 10, granted: 7, forward: 1 }, 'r2', '\n更正')
    expect(await findFinding(store, sum!.id)).toMatchObject({ state: 'open', outdated: true, actual: 8 })
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 }, 'r2', '\n再更正')
    const fixed = await findFinding(store, sum!.id)
    expect(fixed).toMatchObject({ state: 'fixed', decision: { reason: '请核实' } })
    expect((await decisionsOf(store, fixed)).map(({ action }) => action)).toEqual(['returned'])
    await expect(decide(store, fixed, { action: 'confirmed', reason: null, by: 'x', at: now() })).rejects.toMatchObject(
      {
        code: 'finding_gone',
      },
    )
  })

  it('does not call fixed what the present report does not let one check', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    await publish(town, 2022, { received: 5, carried: 4, granted: 8 })
    const before = await findings(town)
    const sum = before.find(({ rule }) => rule === 'ogi2021.t3_balance')!
    const carried = before.find(({ rule }) => rule === 'ogi2021.t3_carry_over_prev_total')!
    const withoutTable = (year: number): string =>
      makeText(town, year, {}).replace(
        /三、收到和处理[\s\S]*(?=四、政府信息公开行政复议)/,
        '三、收到和处理政府信息公开申请情况\n见附件。\n',
      )
    for (const year of [2021, 2022]) {
      expect((await take(withoutTable(year))).tables.map(({ table }) => table)).not.toContain('t3')
      // Last year's report no longer says what was carried forward: this year's figure is as open as before.
      if (year === 2021) expect((await findFinding(store, carried.id)).state).toBe('open')
    }
    expect((await findFinding(store, sum.id)).state).toBe('unchecked')
    expect((await findings(town, ['unchecked'])).map(({ id }) => id)).toContain(sum.id)
  })

  it('opens a decision again when what it was about changes, be it no figure', async () => {
    const late = (day: string): string => `\n发布日期：${day}\n`
    await take(late('2022-02-05') + makeText(town, 2021, {}))
    const [finding] = await findings(town)
    expect(finding).toMatchObject({ rule: 'ogi2021.published_in_time', fault: 'undecided' })
    await decide(store, finding!, { action: 'dismissed', reason: '假期', by: 'x', at: now() })
    await take(late('2022-09-30') + makeText(town, 2021, {}))
    expect(await findFinding(store, finding!.id)).toMatchObject({ state: 'open', outdated: true })
  })

  it('stores what stands for NUL as the text that it is, and NUL as a mark', async () => {
    const text = makeText(town, 2021, {}).replace('一、总体情况', '一、总体情况\n受理申请\\u0000共3件。')
    const reading = await read(text)
    const stated = { ...reading.findings[0], key: 'x', rule: 'x', severity: 'info' as const, fault: 'report' as const }
    const quotes = [{ text: '\\u0000', sentence: 'a\0b\\u0000c\ud800', anchor: null }]
    const nothing = { codes: [], expected: null, actual: null, difference: null, terms: [], meant: null, data: {} }
    await save(text, { ...reading, findings: [{ ...stated, ...nothing, quotes }] })
    expect((await findings(town))[0]!.quotes).toEqual([
      { text: '\\u0000', sentence: 'a\ufffdb\\u0000c\ufffd', anchor: null },
    ])
  })

  it('says of last year’s figure whether that report bears it out itself', async () => {
    const waysOf = async (): Promise<string[]> => {
      const [finding] = (await carryOver(town)).filter(({ rule }) => rule.endsWith('prev_total'))
      return [...renderMeant(finding!.meant, registry, 'en'), ...renderMeant(finding!.meant, registry, 'zh')]
    }
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    await publish(town, 2022, { received: 5, carried: 4, granted: 9 })
    const held = await waysOf()
    expect(held).toContain(
      'The figures of this report would add up if last year’s figure were 4 (printed: 3, which that report’s own sums bear out).',
    )
    expect(held).toContain('若上年报告中的数字为4（现填报3，与上年报告自身各数相符），则本报告各数勾稽一致。')
    await publish(town, 2021, { received: 10, granted: 7, forward: 2 })
    const contradicted = await waysOf()
    expect(contradicted).toContain('若上年报告中的数字为4（现填报2，与上年报告自身各数不符），则本报告各数勾稽一致。')
  })

  it('shows what is past, and what was decided, with the document that it was about', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 2 })
    const [balance] = await findings(town)
    await decide(store, balance!, { action: 'confirmed', reason: '已核', by: '甲', at: now() })
    await publish(town, 2021, { received: 10, granted: 7, forward: 1 }, 'r2')
    const open = await findFinding(store, balance!.id)
    expect(open).toMatchObject({ state: 'open', outdated: true, decision: { action: 'confirmed', by: '甲' } })
    expect(open.report).toMatchObject({ revision: 2, reader: 'r2' })
    expect(open.report.sha256).not.toBe(balance!.report.sha256)
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    const [listed] = (await findings(town, ['fixed'])).filter(({ id }) => id === balance!.id)
    for (const fixed of [await findFinding(store, balance!.id), listed!]) {
      expect(fixed).toMatchObject({ state: 'fixed', report: open.report, decision: { action: 'confirmed' } })
      expect(await decisionsOf(store, fixed)).toEqual([
        {
          action: 'confirmed',
          reason: '已核',
          by: '甲',
          at: now().toISOString(),
          sha256: balance!.report.sha256,
          origin: 'a.txt',
          reader: 'r1',
          expected: balance!.expected,
          actual: balance!.actual,
        },
      ])
    }
  })

  it('withdraws what a better reading of the same bytes no longer finds', async () => {
    const text = makeText(town, 2021, { received: 10, granted: 7, forward: 2 })
    const reading = await take(text)
    const [sum] = await findings(town)
    await save(text, { ...reading, findings: [] }, 'r2')
    expect(await findings(town)).toEqual([])
    expect(await findFinding(store, sum!.id)).toMatchObject({ state: 'withdrawn', id: sum!.id })
  })

  it('adds up the bodies that a report contains, and names those that are missing', async () => {
    const bodies = ['东局', '西局', '北局'].map((name) => `${town.slice(0, 3)}${name}`)
    const about = { level: null, since: null, until: null, mayMakeRegulations: null }
    await saveAgencies(
      store,
      bodies.map((name) => ({ name, parent: town, countedInParent: true, ...about })),
    )
    await publish(town, 2021, { received: 9, granted: 9 })
    const parents = async (): Promise<StoredFinding[]> =>
      (await findings(town)).filter(({ rule }) => rule.includes('parent_total'))
    expect(await parents()).toMatchObject([
      { rule: 'ogi2021.parent_total.bodies_missing', severity: 'info', data: { missing_bodies: [...bodies].sort() } },
    ])
    await publish(bodies[0]!, 2021, { received: 4, granted: 4 })
    await publish(bodies[1]!, 2021, { received: 5, granted: 5 })
    expect((await parents()).map(({ rule, data }) => [rule, data.missing_bodies])).toEqual([
      ['ogi2021.parent_total.bodies_missing', [bodies[2]]],
    ])
    // A total that a body leaves blank is no 0: that line cannot be compared.
    const blank = makeText(bodies[2]!, 2021, { received: 1, granted: 1 })
      .split('\n')
      .map((line) => (line.includes('(七) 总计') ? line.replace(/1(\D*)$/, '$1') : line))
      .join('\n')
    const { findings: own } = await take(blank)
    expect(own.map(({ rule }) => rule)).toEqual(['ogi2021.t3_total_processed.blank_total'])
    expect((await parents()).map(({ data }) => data.at_r)).toEqual(['new_received', 'granted'])
    await publish(bodies[2]!, 2021, { received: 1, granted: 1 })
    const open = await parents()
    expect(open.every(({ severity }) => severity === 'info')).toBe(true)
    expect(open.map(({ data, actual, expected }) => [data.at_r, actual, expected])).toEqual([
      ['new_received', 9, 10],
      ['granted', 9, 10],
      ['total_processed', 9, 10],
    ])
    expect(open.every(({ fault }) => fault === 'undecided')).toBe(true)
    // A body whose report does not say leaves nothing to compare.
    await take(makeText(bodies[2]!, 2021, {}).replace(/三、收到和处理[\s\S]*(?=四、政府信息公开行政复议)/, ''))
    expect((await parents()).map(({ data }) => data.at_r)).toEqual(open.map(({ data }) => data.at_r))
    // From 2021 on the last body is no longer part of it.
    await saveAgencies(store, [{ name: bodies[2]!, parent: town, countedInParent: true, ...about, until: 2020 }])
    await recheckAll({ store, registry, now })
    expect(await parents()).toEqual([])
  })

  it('knows who may make regulations only where the user says so', async () => {
    await take(makeText(town, 2021, {}).replace(/规章\t0\t0\t0/, '规章\t2\t0\t2'))
    expect(await findings(town)).toEqual([])
    const about = { parent: null, countedInParent: false, level: null, since: null, until: null }
    await saveAgencies(store, [{ name: town, mayMakeRegulations: false, ...about }])
    await recheckAll({ store, registry, now })
    expect(await findings(town)).toMatchObject([{ rule: 'ogi2021.t2_regulations_power', severity: 'warning' }])
  })

  it('tells a year that stands far from all earlier ones, as a hint', async () => {
    for (const [index, received] of [100, 96, 110, 104].entries())
      await publish(town, 2021 + index, { received, granted: received })
    expect((await findings(town)).filter(({ rule }) => rule.includes('usual'))).toEqual([])
    await publish(town, 2025, { received: 1040, granted: 1040 })
    const told = (await findings(town)).filter(({ rule }) => rule.includes('usual'))
    expect(told.map(({ rule, severity, report }) => [rule, severity, report.year])).toEqual([
      ['ogi2021.t3_usual_received', 'info', 2025],
      ['ogi2021.t3_usual_processed', 'info', 2025],
    ])
    expect(told[0]!.data.earlier).toEqual(['2024: 104', '2023: 110', '2022: 96', '2021: 100'])
  })

  it('tells text that repeats last year’s, other agencies’, and one publication under two names', async () => {
    const repeats = async (agency: string): Promise<StoredFinding[]> =>
      (await allFindings(agency)).filter(({ rule }) => /repeats|same_publication/.test(rule))
    const own = makeProse(town)
    await publish(town, 2021, { received: 3, granted: 3 }, 'r1', own(0))
    await publish(town, 2022, { received: 4, granted: 4 }, 'r1', own(0))
    await publish(town, 2023, { received: 5, granted: 5 }, 'r1', own(1))
    expect(
      (await repeats(town)).map(({ rule, report, severity, fault }) => [rule, report.year, severity, fault]),
    ).toEqual([['ogi2021.text_repeats_previous', 2022, 'warning', 'undecided']])
    const other = `${town[0]}南县人民政府`
    const twin = `${town[0]}北县人民政府`
    await publish(other, 2022, { received: 9, granted: 9 }, 'r1', own(0))
    await publish(twin, 2022, { received: 4, granted: 4 }, 'r1', own(0))
    // Texts of other agencies are held against each other when all is judged, since that is as much work as there are.
    expect(await repeats(other)).toEqual([])
    await recheckAll({ store, registry, now })
    expect((await repeats(other)).map(({ rule, data }) => [rule, data.count])).toEqual([
      ['ogi2021.text_repeats_others', 3],
    ])
    expect((await repeats(twin)).map(({ rule, data }) => [rule, data.count, data.others])).toEqual([
      ['ogi2021.same_publication', 1, [`${town}@2022 100%`]],
      ['ogi2021.text_repeats_others', 2, [`${other}@2022 100%`, `${town}@2021 100%`].sort()],
    ])
    // What was found so stays when a report that comes later is compared with the agency's own.
    await publish(town, 2024, { received: 6, granted: 6 }, 'r1', own(2))
    expect((await repeats(town)).map(({ rule, report }) => [rule, report.year])).toEqual([
      ['ogi2021.text_repeats_others', 2021],
      ['ogi2021.text_repeats_previous', 2022],
      ['ogi2021.same_publication', 2022],
      ['ogi2021.text_repeats_others', 2022],
    ])
  })

  it('compares afterwards what a run that was cut off left', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    const text = makeText(town, 2022, { received: 5, granted: 5 })
    await save(text, await read(text))
    expect(await carryOver(town)).toEqual([])
    await recheckPending({ store, registry, now })
    expect(await carryOver(town)).toHaveLength(2)
  })

  it('lets decisions follow a document that is read as another report, and judges both places anew', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    await publish(town, 2023, { received: 5, granted: 5 })
    await publish(town, 2024, { received: 5, granted: 5 })
    // What is of 2022 by its first reading, and of 2023 by its second: 2023 lacks what 2022 carries forward.
    const text = makeText(town, 2022, { received: 10, carried: 3, granted: 7, forward: 2 })
    const reading = await take(text)
    const total = async (year: number): Promise<StoredFinding | undefined> =>
      (await carryOver(town)).find(({ rule, report }) => rule.endsWith('_total') && report.year === year)
    expect(await total(2023)).toMatchObject({ expected: 2, actual: 0 })
    const [sum] = (await findings(town)).filter(({ rule }) => rule === 'ogi2021.t3_balance')
    expect(sum!.report.year).toBe(2022)
    await decide(store, sum!, { action: 'confirmed', reason: null, by: '甲', at: now() })
    await decide(store, sum!, { action: 'returned', reason: '请核实', by: '乙', at: now() })
    const moved = { ...reading, identity: { ...reading.identity, year: 2023 } }
    const saved = await save(text, moved, 'r2', new Date(Date.now() + 1_000))
    // Until both are judged, nothing is said to be withdrawn that may yet hold.
    expect(
      (await findings(town, ['withdrawn'])).filter(({ beyond, report }) => beyond && report.year !== 2022),
    ).toEqual([])
    await recheckReading(saved.reading, { store, registry, now })
    const there = (await findings(town)).find(({ key, report }) => key === sum!.key && report.year === 2023)!
    expect(there).toMatchObject({ state: 'returned', outdated: false, decision: { by: '乙', reason: '请核实' } })
    expect(there.id).not.toBe(sum!.id)
    expect((await decisionsOf(store, there)).map(({ action, by }) => [action, by])).toEqual([
      ['confirmed', '甲'],
      ['returned', '乙'],
    ])
    // Its former report has no document any more; its finding and history are kept.
    const former = await findFinding(store, sum!.id)
    expect(former).toMatchObject({ state: 'withdrawn', report: { year: 2022 } })
    expect(await decisionsOf(store, former)).toHaveLength(2)
    // The year after the former one has nothing to be compared with; the one after the new one has.
    expect(await total(2023)).toBeUndefined()
    expect(await total(2024)).toMatchObject({ expected: 2, actual: 0 })
    // And back: everything is as it was, and nothing is there twice.
    const back = await save(text, reading, 'r3', new Date(Date.now() + 2_000))
    await recheckReading(back.reading, { store, registry, now })
    expect(await findFinding(store, sum!.id)).toMatchObject({ state: 'returned' })
    expect(await decisionsOf(store, sum!)).toHaveLength(2)
    expect(await total(2024)).toBeUndefined()
    expect(await total(2023)).toMatchObject({ expected: 2, actual: 0 })
  })

  it('does not let a decision follow to other figures', async () => {
    const text = makeText(town, 2022, { received: 10, granted: 7, forward: 2 })
    const reading = await take(text)
    const [sum] = await findings(town)
    await decide(store, sum!, { action: 'dismissed', reason: '已说明', by: '甲', at: now() })
    const changed = reading.findings.map((one) => ({ ...one, actual: 8 }))
    await save(text, { ...reading, findings: changed, identity: { ...reading.identity, year: 2023 } }, 'r2')
    const there = (await findings(town)).find(({ key }) => key === sum!.key)
    expect(there).toMatchObject({ state: 'open', outdated: false, decision: null, report: { year: 2023 } })
  })

  it('judges the neighbours of a former report later where the run was cut off before', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    await publish(town, 2022, { received: 5, granted: 5 })
    expect(await carryOver(town)).toHaveLength(2)
    const text = makeText(town, 2021, { received: 10, granted: 7, forward: 3 })
    const reading = await read(text)
    await save(text, { ...reading, identity: { ...reading.identity, year: 2015 } }, 'r2')
    const { reports } = await recheckPending({ store, registry, now })
    expect(reports).toBeGreaterThanOrEqual(2)
    // Of the former year nothing is known now: what was found is as open as before, since nobody can tell.
    expect((await carryOver(town)).map(({ report }) => report.year)).toEqual([2022, 2022])
    expect(await recheckPending({ store, registry, now })).toMatchObject({ reports: 0, unjudged: [] })
  })

  it('keeps what other reports show until a new reading is judged, and calls nothing withdrawn before', async () => {
    await publish(town, 2021, { received: 10, granted: 7, forward: 3 })
    const text = makeText(town, 2022, { received: 5, granted: 5 })
    const reading = await take(text)
    const [total] = await carryOver(town)
    await decide(store, total!, { action: 'confirmed', reason: null, by: '甲', at: now() })
    const states = async (): Promise<string> => (await findFinding(store, total!.id)).state
    const saved = await save(text, reading, 'r2')
    expect(await states()).toBe('unchecked')
    // A reading in between, that was never judged, changes nothing of that.
    const again = await save(text, reading, 'r3')
    expect(await states()).toBe('unchecked')
    expect(await findings(town, ['withdrawn', 'fixed'])).toEqual([])
    await recheckReading(saved.reading, { store, registry, now })
    expect(await states()).toBe('confirmed')
    expect(await recheckReading(again.reading, { store, registry, now })).toMatchObject({ changed: 0 })
    // A reading that finds the figure carried over: our mistake, and said only once it is judged.
    const corrected = {
      ...reading,
      facts: reading.facts.map((fact) =>
        /^t3\.carried_over\.(?:total|natural_person)$/.test(fact.code)
          ? { ...fact, state: 'number' as const, value: 3, text: '3' }
          : fact,
      ),
    }
    const better = await save(text, corrected, 'r4')
    expect(await states()).toBe('unchecked')
    await recheckReading(better.reading, { store, registry, now })
    expect(await states()).toBe('withdrawn')
  })

  it('keeps what is known of repeated text while text and figures stay the same, and is not sure of it after', async () => {
    const own = makeProse(town)
    const twin = `${town[0]}北县人民政府`
    await publish(twin, 2022, { received: 4, granted: 4 }, 'r1', own(0))
    await publish(town, 2022, { received: 4, granted: 4 }, 'r1', own(0))
    await recheckAll({ store, registry, now })
    const [same] = (await allFindings(town)).filter(({ rule }) => rule.endsWith('.same_publication'))
    await decide(store, same!, { action: 'returned', reason: null, by: '甲', at: now() })
    const counted = async (): Promise<unknown> =>
      (await store.sql.query('SELECT errors, warnings, infos FROM public.reports WHERE agency = $1', [town]))[0]
    const before = await counted()
    await publish(town, 2022, { received: 4, granted: 4 }, 'r2', own(0))
    expect(await findFinding(store, same!.id)).toMatchObject({ state: 'returned' })
    expect(await counted()).toEqual(before)
    await publish(town, 2022, { received: 5, granted: 5 }, 'r2', own(1))
    expect(await findFinding(store, same!.id)).toMatchObject({ state: 'unchecked' })
    expect((await allFindings(town)).map(({ id }) => id)).not.toContain(same!.id)
    await recheckAll({ store, registry, now })
    expect(await findFinding(store, same!.id)).toMatchObject({ state: 'fixed' })
  })

  it('follows the list of agencies when a body is taken off it', async () => {
    const [east, west] = ['东局', '西局'].map((name) => `${town.slice(0, 3)}${name}`) as [string, string]
    const about = { level: null, since: null, until: null }
    const bodies = [east, west].map((name) => ({ name, parent: town, countedInParent: true, ...about }))
    const own = { name: town, parent: null, countedInParent: false, mayMakeRegulations: false, ...about }
    await saveAgencies(store, [own, ...bodies.map((one) => ({ ...one, mayMakeRegulations: null }))])
    await take(makeText(town, 2021, { received: 9, granted: 9 }).replace(/规章\t0\t0\t0/, '规章\t2\t0\t2'))
    await publish(east, 2021, { received: 4, granted: 4 })
    const rules = async (): Promise<string[]> =>
      (await findings(town)).filter(({ beyond }) => beyond).map(({ rule }) => rule)
    expect(await rules()).toEqual(['ogi2021.t2_regulations_power', 'ogi2021.parent_total.bodies_missing'])
    const [power, missing] = await findings(town)
    await removeAgencies(store, [west])
    expect(await recheckPending({ store, registry, now })).toMatchObject({ changed: 1 })
    // East alone is contained now, and its figures are fewer.
    expect(await rules()).toEqual([
      'ogi2021.t2_regulations_power',
      'ogi2021.parent_total',
      'ogi2021.parent_total',
      'ogi2021.parent_total',
    ])
    expect(await findFinding(store, missing!.id)).toMatchObject({ state: 'fixed' })
    await expect(removeAgencies(store, [east, '无此机关'])).rejects.toMatchObject({
      code: 'agency_not_listed',
      data: { names: ['无此机关'] },
    })
    expect((await listAgencies(store)).map(({ name }) => name)).toContain(east)
    await removeAgencies(store, [east, town])
    await recheckPending({ store, registry, now })
    expect(await rules()).toEqual([])
    // No publication mended it: what it rested on is said no more.
    expect(await findFinding(store, power!.id)).toMatchObject({ state: 'withdrawn' })
  })

  it('replaces the list where that is asked for, and says who is off it', async () => {
    const about = {
      parent: null,
      countedInParent: false,
      mayMakeRegulations: null,
      level: null,
      since: null,
      until: null,
    }
    const before = await listAgencies(store)
    const [one, two] = [`${town}一`, `${town}二`] as [string, string]
    expect(
      await saveAgencies(
        store,
        [one, two].map((name) => ({ name, ...about })),
      ),
    ).toEqual([])
    const kept = [...before, { name: two, ...about }]
    expect(await saveAgencies(store, kept, { replace: true })).toEqual([one])
    expect((await listCoverage(store, 2021)).map(({ agency }) => agency)).not.toContain(one)
    // What did not change is not judged anew.
    expect(await recheckPending({ store, registry, now })).toMatchObject({ reports: 0 })
  })
})
