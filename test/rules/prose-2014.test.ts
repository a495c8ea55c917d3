/**
 * Prose of reports on 2014 to 2018 against their table: sentences with the table's figures among others that are not the
 * report's own. Where the text agrees no rule may be broken; where one of its figures is changed, the rule for it is.
 */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readStatements } from '../../src/forms/statements.ts'
import { compileRegistry } from '../../src/rules/evaluate.ts'
import { documentOf } from '../generator/prose.ts'
import { makeRandom, type Random } from '../generator/random.ts'
import { evaluateFacts, numberFact } from './report.ts'

const registry = loadRegistry()
const rules = compileRegistry(registry)
const form = registry.byId.get('ogi_2014')!
const agency = '清河区财政局'
const year = 2016

/** Rows of the table, by the rule that the sentences below are held against. */
const rows = {
  received: 'requests_received',
  processed: 'requests_answered',
  granted: 'answered_granted',
  partially_granted: 'answered_partial',
  denied: 'answered_denied',
  review: 'review_total',
  litigation: 'litigation_total',
  proactive_total: 'proactive_total',
} as const
type Field = keyof typeof rows
const fields = Object.keys(rows) as Field[]

const sentences: Record<string, readonly string[]> = {
  requests: [
    '2016年，我局共收到政府信息公开申请{received}件，已答复{processed}件。',
    '全年受理依申请公开政府信息申请{received}件，答复政府信息公开申请{processed}件。',
  ],
  results: [
    '在答复的政府信息公开申请中，同意公开{granted}件，同意部分公开{partially_granted}件，不同意公开{denied}件。',
    '按答复结果分，政府信息公开申请同意公开{granted}件、部分公开{partially_granted}件、不予公开{denied}件，信息不存在{x}件。',
  ],
  disputes: [
    '2016年，因政府信息公开引起的行政复议{review}件，行政诉讼{litigation}件。',
    '全年发生政府信息公开行政复议案件{review}件。针对我局的政府信息公开行政诉讼案件{litigation}件。',
  ],
  disclosure: [
    '2016年，我局主动公开政府信息{proactive_total}条。',
    '全年主动公开政府信息共{proactive_total}条，其中概况类{x}条。',
  ],
}

const distractors = [
  '2015年收到政府信息公开申请{x}件，同意公开{x}件。',
  '各镇街共收到政府信息公开申请{x}件，不予公开{x}件。',
  '12345热线受理群众来电{x}件，办结{x}件。',
  '公文制发时确定不予公开{x}件、依申请公开{x}件。',
  '办理人大代表建议{x}件，其中同意公开答复文本{x}件。',
  '区政府行政复议机关受理行政复议案件{x}件，维持{x}件。',
  '“十二五”以来累计主动公开政府信息{x}条。',
  '召开新闻发布会{x}次，发布政策解读稿件{x}篇。',
]

function write(random: Random, stated: ReadonlyMap<string, number>): string[] {
  const chosen = Object.values(sentences).map((all) => random.pick(all))
  const mixed = chosen.flatMap((one) => [one, random.pick(distractors), random.pick(distractors)])
  return mixed.map((text) =>
    text.replace(/\{(\w+)\}/g, (_, field: string) => String(stated.get(field) ?? random.integer(200, 900))),
  )
}

/** The narrative rules that are broken where the text states these figures. */
function brokenBy(truth: ReadonlyMap<string, number>, texts: readonly string[]): string[] {
  const facts = form.cells.map(({ code }) => numberFact(code, 0))
  for (const [field, value] of truth) {
    const code = `t1.${rows[field as Field]}.value`
    facts[facts.findIndex((fact) => fact.code === code)] = numberFact(code, value)
  }
  const closed = `t1.requests_closed.value`
  facts[facts.findIndex((fact) => fact.code === closed)] = numberFact(closed, truth.get('processed')! - 1)
  const stated = readStatements(documentOf(texts), form, { agency, year }).map((one) => ({
    field: one.field,
    value: one.value,
    section: one.section,
    quote: { text: one.text, sentence: one.sentence, anchor: one.anchor },
    comparable: one.scope === 'own' && !one.approximate,
  }))
  const { findings } = evaluateFacts(rules, form, facts, { around: { stated }, meta: { reportYear: year } })
  return findings.flatMap(({ rule }) => (rule.startsWith('ogi2014.narr_') ? [rule.slice('ogi2014.narr_'.length)] : []))
}

function figures(random: Random): Map<string, number> {
  return new Map(fields.map((field) => [field, random.integer(2, 150)]))
}

describe('prose of 2014 to 2018', () => {
  it('agrees with the table where it states its figures, whatever stands beside them', () => {
    for (let seed = 0; seed < 150; seed++) {
      const random = makeRandom(seed)
      const truth = figures(random)
      const texts = write(random, truth)
      expect(brokenBy(truth, texts), texts.join('')).toEqual([])
    }
  })

  it.each(fields)('is found to disagree where it states another figure: %s', (field) => {
    let found = 0
    for (let seed = 0; seed < 60; seed++) {
      const random = makeRandom(1_000 + seed)
      const truth = figures(random)
      const texts = write(random, new Map(truth).set(field, truth.get(field)! + 160))
      const broken = brokenBy(truth, texts)
      expect(broken.filter((rule) => rule !== field)).toEqual([])
      found += broken.length
    }
    expect(found).toBeGreaterThanOrEqual(0.9 * 60)
  })

  it('takes either of what was closed and what was answered for what was dealt with', () => {
    const truth = figures(makeRandom(1))
    const closed = truth.get('processed')! - 1
    expect(brokenBy(truth, [`全年办结政府信息公开申请${closed}件。`])).toEqual([])
  })

  it('contradicts the table where it denies disputes that the table counts', () => {
    const truth = figures(makeRandom(2))
    expect(brokenBy(truth, ['2016年，我局未发生因政府信息公开引起的行政复议和行政诉讼。'])).toEqual(['dispute_none'])
  })
})
