/** docs/forms.md does what it says. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readDefinition } from '../../src/forms/definition.ts'
import { formSchema, loadRegistry, makeForm } from '../../src/forms/registry.ts'
import { formWarnings } from '../../src/forms/warnings.ts'
import { renderFinding } from '../../src/messages/render.ts'
import { readReport } from '../../src/pipeline/read.ts'

const docs = readFileSync(new URL('../../docs/forms.md', import.meta.url), 'utf8')
const block = (language: string): string => docs.split(`\`\`\`${language}\n`)[1]!.split('```')[0]!

describe('docs/forms.md', () => {
  it('has an example that reads its report as it says', async () => {
    const json = block('json')
    const registry = loadRegistry([{ file: 'my-form.json', json }])
    const form = makeForm(readDefinition('my-form.json', json))
    expect(formWarnings(form, loadRegistry().forms)).toEqual([])
    const reading = await readReport(new TextEncoder().encode(block('text')), { fileName: null }, registry)
    expect(reading.status).toBe('ok')
    expect(reading.identity).toMatchObject({ agency: 'Riverside', year: 2023 })
    expect(reading.facts.map(({ value, state }) => (state === 'number' ? value : state))).toEqual([
      1200,
      800,
      700,
      'mark',
      300,
      90,
      1500,
      900,
      17.5,
      12,
    ])
    expect(docs).toContain(`one finding: \`${renderFinding(reading.findings[0]!, registry, 'en')}\``)
    expect(reading.findings.length).toBe(1)
    expect(reading.notices).toEqual([])
  })

  it('names every field of the schema', () => {
    const schema = JSON.parse(formSchema()) as { properties: object; $defs: Record<string, { properties?: object }> }
    const fields = [schema.properties, ...Object.values(schema.$defs).map(({ properties }) => properties ?? {})]
    for (const field of new Set(fields.flatMap((one) => Object.keys(one)))) {
      if (field !== '$schema' && field !== 'zh' && field !== 'en') expect(docs).toContain(field)
    }
  })
})
