/**
 * Rules across years and agencies, and the life of their findings, on both carriers of the store. Reports are a real one
 * with other figures, years and names.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { recheckAll, recheckPending, recheckReading } from '../../src/pipeline/recheck.ts'
import { saveAgencies } from '../../src/store/agencies.ts'
import { decide, decisionsOf, findFinding, listFindings, type StoredFinding } from '../../src/store/findings.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { saveReading } from '../../src/store/reports.ts'

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
    const target = carrier === 'embedded' ? join(folder, 'data') : inject('postgresUrl')
    store = await openStore(target, { blobs: join(folder, 'blobs') })
  })
  afterAll(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(() => {
    town = `${'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳'[count++]}水县人民政府`
  })

  const publish = async (agency: string, year: number, figures: Figures, reader = 'r1', note = ''): Promise<void> => {
    const bytes = Buffer.from(makeText(agency, year, figures) + note)
    const reading = await readReport(bytes, { fileName: null }, registry)
    expect(reading.identity).toMatchObject({ agency, year })
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const input = { sha256, bytes: bytes.length, path: `${year}.txt`, reader, reading, seenAt: new Date() }
    const saved = await saveReading(store, registry, input)
    if (saved.outcome === 'stored') await recheckReading(saved.reading, reading.identity, { store, registry, now })
  }
  const allFindings = (agency: string, states?: readonly StoredFinding['state'][]): Promise<StoredFinding[]> =>
    collect(listFindings(store, { agency, ...(states && { states }) }))
  // All reports here are one text with other names and figures.
  const findings = async (agency: string, states?: readonly StoredFinding['state'][]): Promise<StoredFinding[]> =>
    (await allFindings(agency, states)).filter(({ rule }) => !/repeats|same_publication/.test(rule))
  const carryOver = async (agency: string): Promise<StoredFinding[]> =>
    (await findings(agency)).filter(({ rule }) => rule.includes('carry_over'))

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
      const bytes = Buffer.from(withoutTable(year))
      const reading = await readReport(bytes, { fileName: null }, registry)
      expect(reading.tables.map(({ table }) => table)).not.toContain('t3')
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const input = { sha256, bytes: 1, path: `${year}`, reader: 'r1', reading, seenAt: new Date() }
      const saved = await saveReading(store, registry, input)
      await recheckReading(saved.reading, reading.identity, { store, registry, now })
      // Last year's report no longer says what was carried forward: this year's figure is as open as before.
      if (year === 2021) expect((await findFinding(store, carried.id)).state).toBe('open')
    }
    expect((await findFinding(store, sum.id)).state).toBe('unchecked')
    expect((await findings(town, ['unchecked'])).map(({ id }) => id)).toContain(sum.id)
  })

  it('opens a decision again when what it was about changes, be it no figure', async () => {
    const late = (day: string): string => `\n发布日期：${day}\n`
    const publishOn = async (day: string): Promise<void> => {
      const bytes = Buffer.from(late(day) + makeText(town, 2021, {}))
      const reading = await readReport(bytes, { fileName: null }, registry)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      await saveReading(store, registry, { sha256, bytes: 1, path: day, reader: 'r1', reading, seenAt: new Date() })
    }
    await publishOn('2022-02-05')
    const [finding] = await findings(town)
    expect(finding).toMatchObject({ rule: 'ogi2021.published_in_time', fault: 'undecided' })
    await decide(store, finding!, { action: 'dismissed', reason: '假期', by: 'x', at: now() })
    await publishOn('2022-09-30')
    expect(await findFinding(store, finding!.id)).toMatchObject({ state: 'open', outdated: true })
  })

  it('stores what stands for NUL as the text that it is, and NUL as a mark', async () => {
    const bytes = Buffer.from(makeText(town, 2021, {}).replace('一、总体情况', '一、总体情况\n受理申请\\u0000共3件。'))
    const reading = await readReport(bytes, { fileName: null }, registry)
    const stated = { ...reading.findings[0], key: 'x', rule: 'x', severity: 'info' as const, fault: 'report' as const }
    const quotes = [{ text: '\\u0000', sentence: 'a\0b\\u0000c', anchor: null }]
    const nothing = { codes: [], expected: null, actual: null, difference: null, terms: [], meant: null, data: {} }
    const odd = { ...reading, findings: [{ ...stated, ...nothing, quotes }] }
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await saveReading(store, registry, { sha256, bytes: 1, path: 'a', reader: 'r', reading: odd, seenAt: now() })
    expect((await findings(town))[0]!.quotes).toEqual([{ text: '\\u0000', sentence: 'a\ufffdb\\u0000c', anchor: null }])
  })

  it('withdraws what a better reading of the same bytes no longer finds', async () => {
    const bytes = Buffer.from(makeText(town, 2021, { received: 10, granted: 7, forward: 2 }))
    const reading = await readReport(bytes, { fileName: null }, registry)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const input = { sha256, bytes: bytes.length, path: 'a.txt', seenAt: now() }
    await saveReading(store, registry, { ...input, reader: 'r1', reading })
    const [sum] = await findings(town)
    await saveReading(store, registry, { ...input, reader: 'r2', reading: { ...reading, findings: [] } })
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
    const silent = Buffer.from(
      makeText(bodies[2]!, 2021, {}).replace(/三、收到和处理[\s\S]*(?=四、政府信息公开行政复议)/, ''),
    )
    const reading = await readReport(silent, { fileName: null }, registry)
    const sha256 = createHash('sha256').update(silent).digest('hex')
    const saved = await saveReading(store, registry, {
      sha256,
      bytes: 1,
      path: 'x',
      reader: 'r1',
      reading,
      seenAt: new Date(),
    })
    await recheckReading(saved.reading, reading.identity, { store, registry, now })
    expect((await parents()).map(({ data }) => data.at_r)).toEqual(open.map(({ data }) => data.at_r))
    // From 2021 on the last body is no longer part of it.
    await saveAgencies(store, [{ name: bodies[2]!, parent: town, countedInParent: true, ...about, until: 2020 }])
    await recheckAll({ store, registry, now })
    expect(await parents()).toEqual([])
  })

  it('knows who may make regulations only where the user says so', async () => {
    const text = makeText(town, 2021, {}).replace(/规章\t0\t0\t0/, '规章\t2\t0\t2')
    const reading = await readReport(Buffer.from(text), { fileName: null }, registry)
    const sha256 = createHash('sha256').update(text).digest('hex')
    const saved = await saveReading(store, registry, {
      sha256,
      bytes: 1,
      path: 'a',
      reader: 'r',
      reading,
      seenAt: now(),
    })
    await recheckReading(saved.reading, reading.identity, { store, registry, now })
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
    const bytes = Buffer.from(makeText(town, 2022, { received: 5, granted: 5 }))
    const reading = await readReport(bytes, { fileName: null }, registry)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await saveReading(store, registry, { sha256, bytes: 1, path: 'a', reader: 'r1', reading, seenAt: now() })
    expect(await carryOver(town)).toEqual([])
    await recheckPending({ store, registry, now })
    expect(await carryOver(town)).toHaveLength(2)
  })
})
