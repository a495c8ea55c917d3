/** Findings of real samples as SARIF 2.1.0 and as an ESS validation report, both by their schemas. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import AjvModule from 'ajv-draft-04'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readBaseline } from '../../src/exports/audit/baseline.ts'
import { ess } from '../../src/exports/audit/ess.ts'
import { sarif, uriOf } from '../../src/exports/audit/sarif.ts'
import { decide, listFindings } from '../../src/store/findings.ts'
import type { Store } from '../../src/store/open.ts'
import { listReports } from '../../src/store/reports.ts'
import { auditedStore, registry, requestOf, wholeOf } from './audited.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'gouji-sarif-'))
const schemaFile = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
const schema = JSON.parse(readFileSync(schemaFile, 'utf8'))
const isUri = (text: string): boolean => URL.canParse(text) || URL.canParse(text, 'file:///base/')
const ajv = new AjvModule.default({
  // The published schema has a pattern that is none in the newer reading.
  unicodeRegExp: false,
  strict: false,
  allErrors: true,
  formats: { uri: isUri, 'uri-reference': isUri, 'date-time': true },
})
const isSarif = ajv.compile(schema)
let store: Store

beforeAll(async () => {
  store = await auditedStore(path.join(folder, 'store'))
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

type Result = {
  ruleId: string
  ruleIndex: number
  kind: string
  level: string
  message: { text: string; properties: Record<string, string> }
  locations: {
    physicalLocation: { artifactLocation: { uri: string } }
    logicalLocations?: { fullyQualifiedName: string }[]
  }[]
  partialFingerprints: Record<string, string>
  baselineState?: string
  suppressions: { status: string; justification: string }[]
  properties: { agency: string; fault: string; figures: { actual: number | null; difference: number | null } }
}

async function logOf(more: Parameters<typeof requestOf>[1] = {}) {
  const text = (await wholeOf(sarif, requestOf(store, more))).toString()
  const log = JSON.parse(text)
  expect(isSarif(log), JSON.stringify(isSarif.errors?.slice(0, 3))).toBe(true)
  return { text, run: log.runs[0], results: log.runs[0].results as Result[] }
}

describe('SARIF', () => {
  it('is valid in both languages, declares every rule in both, and names each result by its rule', async () => {
    for (const lang of ['zh', 'en'] as const) {
      const { run, results } = await logOf({ lang })
      const rules: { id: string; shortDescription: { text: string } }[] = run.tool.driver.rules
      const ids = rules.map(({ id }) => id)
      for (const { definition } of registry.forms) for (const { id } of definition.rules) expect(ids).toContain(id)
      expect(new Set(ids).size).toBe(ids.length)
      expect(run.translations[0].rules.map(({ id }: { id: string }) => id)).toEqual(ids)
      expect(run.translations[0].language).not.toBe(run.language)
      expect(results.length).toBeGreaterThan(5)
      for (const { ruleId, ruleIndex } of results) expect(ids[ruleIndex]).toBe(ruleId)
      const titles = rules.map(({ shortDescription }) => shortDescription.text).join('')
      expect(/\p{Script=Han}/u.test(titles)).toBe(lang === 'zh')
    }
  })

  it('has the two wrong totals of a real report with their places and figures', async () => {
    const { results } = await logOf()
    const errors = results.filter(({ level }) => level === 'error')
    expect(errors.map(({ properties }) => properties.figures.difference)).toEqual([-11, -5])
    expect(errors[0]!.locations[0]!.logicalLocations![0]!.fullyQualifiedName).toBe('t4.cases.review_total')
    expect(errors[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe('%3Cb%3Ehongze-2023.html')
    expect(errors[0]!.message.properties['zh-CN']).toContain('表四')
    for (const { kind, level, properties } of results) {
      if (kind !== 'fail') expect(level).toBe('none')
      expect(kind === 'fail').toBe(properties.fault === 'report')
    }
  })

  it('knows what is new, unchanged, updated and gone since a baseline, within what is asked for', async () => {
    const { text } = await logOf()
    const before = JSON.parse(text)
    const [first, second] = before.runs[0].results
    before.runs[0].results.shift()
    second.properties.figures.actual = 4711
    const gone = structuredClone(first)
    gone.partialFingerprints['gouji/v1'] = 'f'.repeat(16)
    gone.ruleIndex = 100_000
    const elsewhere = structuredClone(gone)
    elsewhere.partialFingerprints['gouji/v1'] = 'e'.repeat(16)
    elsewhere.properties.agency = 'another'
    before.runs[0].results.push(gone, elsewhere)
    const baseline = readBaseline('x', JSON.stringify(before))
    const { results } = await logOf({ baseline })
    const states = new Map(results.map((one) => [one.partialFingerprints['gouji/v1'], one.baselineState]))
    expect(states.get(first.partialFingerprints['gouji/v1'])).toBe('new')
    expect(states.get(second.partialFingerprints['gouji/v1'])).toBe('updated')
    expect([...states.values()].sort()).toEqual(
      ['absent', 'absent', 'new', 'updated', ...results.slice(4).map(() => 'unchanged')].sort(),
    )
    const some = await logOf({ baseline, filter: { agency: first.properties.agency, severity: ['error'] } })
    const absent = some.results.filter(({ baselineState }) => baselineState === 'absent')
    expect(absent.map((one) => one.partialFingerprints['gouji/v1'])).toEqual(['f'.repeat(16)])
  })

  it.each(['', '{}', '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"other"}},"results":[]}]}'])(
    'takes no baseline that gouji did not write: %s',
    (text) => expect(() => readBaseline('x', text)).toThrow(expect.objectContaining({ code: 'baseline_invalid' })),
  )

  it('suppresses what was dismissed, with its reason', async () => {
    const { value: first } = await listFindings(store, { severity: ['error'] }).next()
    await decide(store, first!, { action: 'dismissed', reason: 'seen', by: 'me', at: new Date(0) })
    const { results } = await logOf()
    const own = results.filter(({ suppressions }) => suppressions.length > 0)
    expect(own.map((one) => one.partialFingerprints['gouji/v1'])).toEqual([first!.id])
    expect(own[0]!.suppressions).toMatchObject([{ status: 'accepted', justification: 'seen', kind: 'external' }])
    await decide(store, first!, { action: 'reopened', reason: null, by: 'me', at: new Date(1) })
  })

  it.each([
    ['a b/c#d?.html', 'a%20b/c%23d%3F.html'],
    ['/x/报告.docx', 'file:///x/%E6%8A%A5%E5%91%8A.docx'],
    ['C:\\x\\y.doc', 'file:///C:/x/y.doc'],
    ['https://a.cn/b?c=1', 'https://a.cn/b?c=1'],
    ['javascript:alert(1)', 'javascript%3Aalert(1)'],
    ['r.zip!/f/a.docx', 'r.zip!/f/a.docx'],
    ['a\uD800', 'a%EF%BF%BD'],
  ])('writes the place %s as the address %s', (origin, uri) => expect(uriOf(origin)).toBe(uri))
})

/** The published schema 1.0.1, as far as it constrains: https://github.com/data-cleaning/ValidatReport, folder json. */
const keys = { type: 'array', items: { type: 'array', items: { type: 'string' } } }
const texts = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
const event = { type: 'object', properties: texts('time', 'actor'), required: ['time', 'actor'] }
const data = {
  type: 'object',
  properties: { source: keys, target: keys, ...texts('description') },
  required: ['source', 'target'],
}
const rule = {
  type: 'object',
  properties: {
    ...texts('language', 'expression', 'description', 'explanation', 'status'),
    severity: { enum: ['information', 'warning', 'error'] },
    change: { enum: ['up', 'down'] },
  },
  required: ['language', 'expression', 'severity'],
}
const aggregate = {
  type: 'object',
  properties: texts('language', 'expression', 'description'),
  required: ['language', 'expression'],
}
const essSchema = {
  type: 'array',
  items: {
    oneOf: [
      {
        type: 'object',
        properties: {
          ...texts('id'),
          type: { enum: ['validation'] },
          event,
          rule,
          data,
          value: { enum: ['0', '1', 'NA'] },
        },
        required: ['id', 'type', 'event', 'rule', 'data', 'value'],
      },
      {
        type: 'object',
        properties: { ...texts('id', 'value'), type: { enum: ['aggregation'] }, event, aggregate, data },
        required: ['id', 'type', 'event', 'aggregate', 'data', 'value'],
      },
    ],
  },
}

describe('the ESS validation report', () => {
  it('is valid, has each finding as a 0 and three numbers for each report', async () => {
    const report = JSON.parse((await wholeOf(ess, requestOf(store))).toString())
    const isEss = ajv.compile(essSchema)
    expect(isEss(report), JSON.stringify(isEss.errors?.slice(0, 3))).toBe(true)
    const validations = report.filter(({ type }: { type: string }) => type === 'validation')
    const found = []
    for await (const { id } of listFindings(store)) found.push(id)
    expect(validations.map(({ id }: { id: string }) => id)).toEqual(found)
    expect(new Set(validations.map(({ value }: { value: string }) => value))).toEqual(new Set(['0']))
    const wrong = validations.find(
      ({ data }: { data: { target: string[][] } }) => data.target[0]?.[3] === 't4.cases.review_total',
    )
    expect(wrong.data.source.slice(0, 2)).toEqual([
      ['ogi_2021', '2023', '淮安市洪泽区人民政府', 't4.cases.review_upheld'],
      ['ogi_2021', '2023', '淮安市洪泽区人民政府', 't4.cases.review_corrected'],
    ])
    expect(new Date(wrong.event.time).toISOString()).toBe(wrong.event.time)
    const counts = report.filter(({ type }: { type: string }) => type === 'aggregation')
    const stored = []
    for await (const { outcomes } of listReports(store)) stored.push(outcomes)
    expect(counts.map(({ value }: { value: string }) => Number(value))).toEqual(
      stored.flatMap(({ holds, broken, not_assessable }) => [holds, broken, not_assessable]),
    )
    expect(stored.some(({ holds }) => holds > 20)).toBe(true)
  })

  it('is an empty report of an empty answer', async () => {
    expect((await wholeOf(ess, requestOf(store, { filter: { agency: 'nobody' } }))).toString()).toBe('[]\n')
  })
})
