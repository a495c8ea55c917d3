/** Definitions of forms: what is wrong is said with file, path, what and why; reader and JSON Schema agree on the shape. */
import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { readDefinition } from '../../src/forms/definition.ts'
import { formSchema, loadRegistry, makeForm, readForm } from '../../src/forms/registry.ts'
import { formWarnings } from '../../src/forms/warnings.ts'
import { catalogues, renderError, renderFormWarning, renderProblem } from '../../src/messages/render.ts'
import { compileRules } from '../../src/rules/evaluate.ts'

const folder = new URL('../../src/forms/definitions/', import.meta.url)
const validate = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(formSchema()))

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const small = {
  id: 'my_form',
  title: 'My form',
  source: 'a notice',
  years: [2020, null],
  titles: ['{agency} report for {year}'],
  marks: ['<1'],
  sections: [{ code: 'one', number: 1, kind: 'table', titles: ['One'] }],
  statements: [
    {
      code: 'received',
      title: 'Received',
      kind: 'count',
      units: ['requests'],
      patterns: ['received ~ {n}', '(收到|受理)(了)?~{n}'],
      unless: ['appeals'],
      between: ['the', 'in all'],
      context: ['requests'],
      apart: ['letters'],
      sections: [1],
      whole: true,
      acrossYears: false,
    },
    { code: 'none', title: 'None', kind: 'flag', patterns: ['(no|not)~received'] },
  ],
  tables: [
    {
      code: 'my_table',
      section: 1,
      title: { zh: '表', en: 'Table' },
      headings: ['Table 1'],
      corners: ['Office'],
      asides: { units: ['Unit'], numbers: ['No.'] },
      kind: 'count',
      unit: 'cases',
      rows: [
        { code: 'group', title: 'Group', labels: ['Group'], abstract: true, optionalSubtotal: true },
        { code: 'a', title: 'A', labels: ['Alpha'], parent: 'group', unit: 'cases' },
        { code: 'b', title: 'B', labels: ['Beta'], parent: 'group', kind: 'measure' },
        { code: 'all', title: 'All', labels: ['In all'], totalOf: ['a', 'b'], note: 'as printed' },
      ],
      columns: [{ code: 'number', title: 'Number', labels: ['Number'] }],
    },
  ],
  rules: [
    {
      id: 'mine.sum',
      severity: 'error',
      category: 'calculation',
      formula: 'my_table.all.$c = sum(my_table.{a,b}.$c)',
      foreach: { c: 'my_table.columns' },
      tolerance: 0,
      nullPolicy: 'blank_as_zero',
      message: { zh: '合计不等', en: 'The sum differs' },
      reason: 'a total',
      source: 'the form',
      exceptions: ['none known'],
    },
  ],
} satisfies Json

/** The definition with the value at a JSON pointer changed; undefined takes it away. */
function changed(path: string, value: Json | undefined): string {
  const copy = JSON.parse(JSON.stringify(small)) as Json
  const names = path.split('/').slice(1)
  const last = names.pop()!
  let at = copy as { [name: string]: Json }
  for (const name of names) at = at[name] as { [name: string]: Json }
  if (value === undefined) delete at[last]
  else at[last] = value
  return JSON.stringify(copy)
}

function problemsOf(json: string): UserError | null {
  try {
    compileRules(makeForm(readDefinition('my.json', json)), 'my.json')
    return null
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
}

/** Every place in the small definition. */
function* paths(value: Json, path = ''): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    yield `${path}/${name}`
    yield* paths(inner, `${path}/${name}`)
  }
}

describe('definitions of forms', () => {
  it.each(readdirSync(folder))(
    '%s is valid by its schema, and nothing in it warrants a warning but its own print',
    (name) => {
      const json = readFileSync(new URL(name, folder), 'utf8')
      validate(JSON.parse(json))
      expect(validate.errors ?? []).toEqual([])
      const form = readForm(name, json)
      const warnings = formWarnings(form, []).map(({ code }) => code)
      expect(warnings.filter((code) => !['row_like_column', 'lines_near'].includes(code))).toEqual([])
    },
  )

  it('the small form is valid', () => {
    expect(problemsOf(JSON.stringify(small))).toBeNull()
    expect(validate(small)).toBe(true)
    expect(formWarnings(makeForm(readDefinition('my.json', JSON.stringify(small))), loadRegistry().forms)).toEqual([])
  })

  it.each([
    ['/id', 'My form', '/id', 'not_a_code'],
    ['/id', undefined, '/id', 'missing'],
    ['/idd', 'x', '/idd', 'unknown_field'],
    ['/years', [2020], '/years', 'not_years'],
    ['/years', [2020, 2019], '/years', 'not_years'],
    ['/titles/0', 'report', '/titles/0', 'not_a_template'],
    ['/titles/0', '{agency}{agency} report', '/titles/0', 'not_a_template'],
    ['/titles/0', '{agency}: {year}', '/titles/0', 'not_a_template'],
    ['/tables', [], '/tables', 'no_cells'],
    ['/tables/0/rows', {}, '/tables/0/rows', 'not_a_list'],
    ['/tables/0/rows/1/labels', 'Alpha', '/tables/0/rows/1/labels', 'not_a_list'],
    ['/tables/0/rows/1/labels/0', '', '/tables/0/rows/1/labels/0', 'not_a_text'],
    ['/tables/0/rows/1/abstract', 'no', '/tables/0/rows/1/abstract', 'not_true_or_false'],
    ['/tables/0/rows/1/parent', 'b', '/tables/0/rows/1/parent', 'not_before'],
    ['/tables/0/rows/3/totalOf/1', 'c', '/tables/0/rows/3/totalOf/1', 'no_such_line'],
    ['/tables/0/rows/3/totalOf/1', 'all', '/tables/0/rows/3/totalOf/1', 'total_of_itself'],
    ['/tables/0/rows/3/totalOf/1', 'group', '/tables/0/rows/3/totalOf/1', 'total_of_heading'],
    ['/tables/0/rows/2/code', 'a', '/tables/0/rows/2', 'twice'],
    ['/tables/0/columns/0/labels', [], '/tables/0/columns/0/labels', 'no_labels'],
    ['/tables/0/columns/0/abstract', true, '/tables/0/columns', 'no_cells'],
    ['/tables/0/kind', 'euros', '/tables/0/kind', 'not_one_of'],
    ['/tables/0/title', { zh: '表' }, '/tables/0/title/en', 'missing'],
    ['/tables/0/asides/unit', ['x'], '/tables/0/asides/unit', 'unknown_field'],
    ['/statements/0/patterns', [], '/statements/0/patterns', 'no_patterns'],
    ['/statements/0/patterns/0', 'received{n}*', '/statements/0/patterns/0', 'pattern_character'],
    ['/statements/0/patterns/0', '(received.*)+{n}', '/statements/0/patterns/0', 'pattern_character'],
    ['/statements/0/patterns/0', 'received', '/statements/0/patterns/0', 'pattern_figure'],
    ['/statements/0/patterns/0', 'received{n}or{n}', '/statements/0/patterns/0', 'pattern_figure'],
    ['/statements/0/patterns/0', '(received{n})', '/statements/0/patterns/0', 'pattern_figure'],
    ['/statements/1/patterns/0', 'none{n}', '/statements/1/patterns/0', 'pattern_figure'],
    ['/statements/0/patterns/0', '(received', '/statements/0/patterns/0', 'pattern_brackets'],
    ['/statements/0/patterns/0', 'a|received{n}', '/statements/0/patterns/0', 'pattern_brackets'],
    ['/statements/0/patterns/0', '(received|){n}', '/statements/0/patterns/0', 'pattern_empty'],
    ['/statements/0/patterns/0', '(received)?{n}', '/statements/0/patterns/0', 'pattern_empty'],
    ['/statements/0/patterns/0', '~received{n}', '/statements/0/patterns/0', 'pattern_gap'],
    ['/statements/0/patterns/0', 'a~b~c~d~e{n}', '/statements/0/patterns/0', 'pattern_gap'],
    ['/statements/0/patterns/0', '(a?b?c?)(d?e?f?)(g?h?i?)(j?k?l?)xy{n}', '/statements/0/patterns/0', 'pattern_costly'],
    ['/statements/0/units/0', 'a+b', '/statements/0/units/0', 'not_words'],
    ['/statements/0/kind', 'number', '/statements/0/kind', 'not_one_of'],
    ['/statements', 'mine', '/statements', 'no_such_statements'],
    ['/statements/1/code', 'received', '/statements/1', 'twice'],
    ['/rules/0/id', 'sum', '/rules/0/id', 'not_a_rule_id'],
    ['/rules/0/tolerance', '0', '/rules/0/tolerance', 'not_a_number'],
    ['/rules/0/formula', 'my_table.all.$c =', '/rules/0/formula', 'formula'],
    ['/rules/0/formula', 'my_table.none.$c = 0', '/rules/0/formula', 'no_such_cell'],
    ['/rules/0/formula', 'my_table.all.$d = 0', '/rules/0/formula', 'no_such_variable'],
    ['/rules/0/foreach/c', 'my_table.everything', '/rules/0/foreach', 'no_such_set'],
    ['/rules/0/foreach/c', 'other.columns', '/rules/0/foreach', 'no_such_table'],
  ] as const)('%s = %j: %s %s', (at, value, path, code) => {
    const error = problemsOf(changed(at, value as Json | undefined))
    expect(error?.problems.map((problem) => [problem.path, problem.code])).toContainEqual([path, code])
    for (const lang of ['zh', 'en'] as const) {
      const said = renderError(error!, lang)
      expect(said).toContain('my.json')
      expect(said).toContain(path)
      expect(said).not.toMatch(/\b(?:undefined|unknown)\b|未知|\{(?:text|choices|known|rule|expected|found)\}/)
    }
  })

  it('says all that is wrong at once', () => {
    const json = changed('/tables/0/rows/1', { code: 'A', labels: 3, parent: 'nobody', colour: 'red' })
    const error = problemsOf(json)!
    expect(error.problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '/tables/0/rows/1/code',
        '/tables/0/rows/1/title',
        '/tables/0/rows/1/labels',
        '/tables/0/rows/1/parent',
        '/tables/0/rows/1/colour',
        '/tables/0/rows/3/totalOf/0',
      ]),
    )
    expect(renderError(error, 'en').split('\n').length).toBe(error.problems.length + 1)
  })

  it('names what is no JSON, and takes a byte order mark', () => {
    expect(problemsOf('{"id":')?.problems[0]).toMatchObject({ path: '', code: 'not_json' })
    const comma = problemsOf('{\n  "id": "x",\n}')!
    expect(comma.problems[0]?.data).toMatchObject({ line: 3, character: 1 })
    expect(renderError(comma, 'en')).toContain('(line 3, character 1)')
    expect(problemsOf(`\uFEFF${JSON.stringify(small)}`)).toBeNull()
  })

  it('whatever stands wherever, it ends in a form or in problems, and the schema refuses what it refuses by shape', () => {
    const everywhere = [...paths(small)]
    // What depends on other places of the definition, no schema can say.
    const beyondShape =
      /^(?:twice|no_such_.*|not_before|total_of_.*|no_cells|no_labels|several_unlabelled|formula|prefix_.*|too_many_.*|not_years|not_a_template|not_a_mark|pattern_.*)$/
    fc.assert(
      fc.property(fc.constantFrom(...everywhere), fc.option(fc.jsonValue(), { nil: undefined }), (path, value) => {
        const json = changed(path, value as Json | undefined)
        const problems = problemsOf(json)?.problems ?? []
        const byShape = problems.filter(({ code }) => !beyondShape.test(code))
        const valid = validate(JSON.parse(json))
        if (byShape.length > 0) expect({ path, value, valid }).toEqual({ path, value, valid: false })
        if (problems.length === 0) expect({ path, value, valid }).toEqual({ path, value, valid: true })
      }),
      { numRuns: 1500 },
    )
  })

  it('a mark is nothing that reads as a figure or as blank', () => {
    for (const own of ['5', '1,234', ' ', '\u200b'])
      expect(problemsOf(changed('/marks', ['n.k.', own]))?.problems).toMatchObject([
        { path: '/marks/1', code: 'not_a_mark' },
      ])
    for (const own of ['<5', '..', 'c', '(D)', '*', '1-4']) expect(problemsOf(changed('/marks', [own]))).toBeNull()
  })

  it('no sum is a part of itself, by other sums neither, and no part is named twice', () => {
    const rows = '/tables/0/rows'
    expect(problemsOf(changed(`${rows}/1/totalOf`, ['all']))?.problems).toMatchObject([
      { path: `${rows}/1/totalOf/0`, code: 'total_of_itself' },
      { path: `${rows}/3/totalOf/0`, code: 'total_of_itself' },
    ])
    expect(problemsOf(changed(`${rows}/3/totalOf`, ['a', 'b', 'a']))?.problems).toMatchObject([
      { path: `${rows}/3/totalOf/2`, code: 'twice' },
    ])
  })

  it('ids and prefixes belong to one form', () => {
    const load = (json: string): UserError | null => {
      try {
        loadRegistry([{ file: 'my.json', json }])
        return null
      } catch (error) {
        return error as UserError
      }
    }
    expect(load(JSON.stringify(small))).toBeNull()
    expect(load(changed('/id', 'ogi_2021'))?.problems).toMatchObject([{ path: '/id', code: 'id_taken' }])
    expect(load(changed('/rules/0/id', 'ogi2021.sum'))?.problems).toMatchObject([
      { path: '/rules/0/id', code: 'prefix_taken', data: { form: 'ogi_2021' } },
    ])
  })

  it('the same forms in another order are the same reader, other forms are another', () => {
    const one = { file: 'a.json', json: JSON.stringify(small) }
    const two = { file: 'b.json', json: changed('/id', 'second').replace('mine.sum', 'second.sum') }
    expect(loadRegistry([one, two]).hash).toBe(loadRegistry([two, one]).hash)
    expect(loadRegistry([one]).hash).not.toBe(loadRegistry([one, two]).hash)
    expect(loadRegistry([one]).hash).not.toBe(loadRegistry().hash)
  })

  it.each([
    ['/tables/0/rows/2/labels', ['Alpha'], 'lines_alike'],
    ['/tables/0/rows/2/labels', ['Alphas'], 'lines_near'],
    ['/tables/0/rows/2/labels', ['Number'], 'row_like_column'],
    ['/tables/0/rows/2/labels', ['2021'], 'label_unreachable'],
    ['/tables/0/rows/2/labels', ['—'], 'label_unreachable'],
    ['/tables/0/code', 't3', 'table_of_other'],
    ['/tables/1', { ...small.tables[0]!, code: 'twin' }, 'tables_alike'],
  ] as const)('%s = %j warrants the warning %s', (path, value, code) => {
    const json = changed(path, value as Json).replace('"rules":[{', '"note":[{')
    const form = makeForm(readDefinition('my.json', json))
    const warnings = formWarnings(form, loadRegistry().forms)
    expect(warnings.map((one) => one.code)).toContain(code)
    for (const warning of warnings)
      for (const lang of ['zh', 'en'] as const) expect(renderFormWarning(warning, lang)).not.toMatch(/unknown|未知/)
  })

  it('each problem is worded in both languages', () => {
    for (const code of Object.keys(catalogues.zh.formProblems) as (keyof typeof catalogues.zh.formProblems)[]) {
      const problem = { path: '/x', code, data: { text: 'T', rule: 'r.r', max: 3, choices: ['a', 'b'], known: ['k'] } }
      expect(renderProblem(problem, 'zh')).toMatch(/[\u4e00-\u9fff]/)
      expect(renderProblem(problem, 'en')).not.toMatch(/[\u4e00-\u9fff]/)
    }
    expect(Object.keys(catalogues.zh.formProblems).sort()).toEqual(Object.keys(catalogues.en.formProblems).sort())
  })
})
