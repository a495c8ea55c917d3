/** The pages on rules say what the program does. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pages, rulesPage } from '../../scripts/rules-doc.ts'
import { readRulePack } from '../../src/forms/definition.ts'
import { loadRegistry, makeForm, rulePackSchema } from '../../src/forms/registry.ts'
import { compileRules } from '../../src/rules/evaluate.ts'
import { runExamples } from '../../src/rules/examples.ts'
import { functionNames } from '../../src/rules/formula.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('docs/rules.md', () => {
  it.each(Object.entries(pages))('%s is that of the forms', (file, lang) => {
    expect(read(`docs/${file}`), `docs/${file} is out of date: npm run docs:rules`).toBe(rulesPage(lang))
  })
})

describe('docs/own-rules.md', () => {
  const docs = read('docs/own-rules.md')
  const sample = read('samples/rules/city.json')

  it('has the first rule of the sample, whose examples hold', () => {
    const shown = readRulePack('own-rules.md', docs.split('```json\n')[1]!.split('```')[0]!)
    expect(shown.rules).toEqual(readRulePack('city.json', sample).rules.slice(0, 1))
    const { definition } = loadRegistry().byId.get(shown.form)!
    const results = runExamples(compileRules(makeForm({ ...definition, rules: shown.rules })))
    expect(results.map(({ found }) => found)).toEqual(['holds', 'broken', 'not_assessable'])
  })

  it('names every field of the schema and every function', () => {
    type Part = { properties?: object; enum?: string[] }
    const { properties, $defs } = JSON.parse(rulePackSchema()) as Part & { $defs: Record<string, Part> }
    const fields = [properties, ...Object.values($defs).map((part) => part.properties)].flatMap((one) =>
      Object.keys(one ?? {}),
    )
    for (const name of new Set(fields)) expect(docs).toContain(name)
    for (const name of functionNames) expect(docs).toContain(`${name}(`)
    const rule = $defs.rule!.properties as Record<string, Part>
    const choices = ['severity', 'category', 'nullPolicy'].flatMap((field) => rule[field]?.enum ?? [])
    expect(choices.length).toBeGreaterThan(15)
    for (const choice of choices) expect(docs).toContain(`\`${choice}\``)
  })
})
