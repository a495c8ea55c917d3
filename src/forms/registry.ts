/**
 * Forms as data: loads the definitions, checks that each says only what can be true, and gives every cell of a form a
 * fixed index, so that facts can be held as arrays. No row, label or formula stands in code.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { formInvalid } from '../errors.ts'
import type { FormDefinition, Line, RulePack, TableDefinition, ValueKind } from '../model.ts'
import { readCrosswalk, type Series } from './crosswalk.ts'
import { isRulePack, readDefinition, readRulePack, readStatementSet, type StatementSets } from './definition.ts'

/** One cell that a form has, with what it counts. */
export type FormCell = {
  readonly code: string
  readonly table: TableDefinition
  readonly row: Line
  readonly column: Line
  readonly kind: ValueKind
  readonly unit: string | null
  /** False for the subtotals that a form does not ask for but some reports print. */
  readonly required: boolean
}

/** A definition with the addresses of its cells. */
export type Form = {
  readonly definition: FormDefinition
  readonly tables: ReadonlyMap<string, TableDefinition>
  /** All cells in printed order: table, row, column. Their index is their place in stored arrays. */
  readonly cells: readonly FormCell[]
  readonly indexByCode: ReadonlyMap<string, number>
  /** How many cells the form asks for in each table. */
  readonly requiredCounts: ReadonlyMap<string, number>
  /** What the ids of its rules begin with, those of the user too. */
  readonly rulePrefixes: ReadonlySet<string>
}

export type Registry = {
  readonly forms: readonly Form[]
  readonly byId: ReadonlyMap<string, Form>
  /** Which cells of different forms are one series. */
  readonly crosswalk: readonly Series[]
  /** Hash over all definitions: part of the reader's version, since another form is another reading. */
  readonly hash: string
}

const definitionsFolder = new URL('./definitions/', import.meta.url)
const statementsFolder = new URL('./statements/', import.meta.url)

/** The text of a definition, and what it is called in messages. */
export type FormFile = { readonly file: string; readonly json: string }

/**
 * The forms that gouji brings, and the user's own.
 * @throws UserError `form_invalid` with file, path and problem, for the first definition that is wrong
 */
export function loadRegistry(extra: readonly FormFile[] = []): Registry {
  const forms: Form[] = []
  const packs = extra.filter(({ json }) => isRulePack(json))
  const own = filesIn(definitionsFolder)
  for (const { file, json } of [...own, ...extra.filter((one) => !packs.includes(one))]) {
    const form = readForm(file, json)
    checkDistinct(file, form.definition, forms)
    forms.push(form)
  }
  for (const { file, json } of packs) addRules(file, readRulePack(file, json), forms)
  const texts = [...own, ...filesIn(statementsFolder), ...extra].map(({ json }) => json)
  const hash = createHash('sha256')
  // The same forms are the same reader, in whatever order they are named.
  for (const text of [...texts].sort()) hash.update(`${text.length}:`).update(text)
  // Newest first: where two forms fit a table equally well, the newer one is meant.
  forms.sort((a, b) => b.definition.years[0] - a.definition.years[0] || (a.definition.id < b.definition.id ? -1 : 1))
  const byId = new Map(forms.map((form) => [form.definition.id, form]))
  const crosswalk = readFileSync(new URL('./crosswalk.json', import.meta.url), 'utf8')
  return {
    forms,
    byId,
    crosswalk: readCrosswalk('crosswalk.json', crosswalk, byId),
    hash: hash.digest('hex').slice(0, 12),
  }
}

/**
 * One form by itself, with the statements that gouji brings.
 * @throws UserError `form_invalid`
 */
export function readForm(file: string, json: string): Form {
  statementSets ??= new Map(
    filesIn(statementsFolder).map((set) => [set.file.replace(/\.json$/, ''), readStatementSet(set.file, set.json)]),
  )
  return makeForm(readDefinition(file, json, statementSets))
}

/** What prose states is shared by forms, and read once. */
let statementSets: StatementSets | null = null

function filesIn(folder: URL): FormFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ file: name, json: readFileSync(new URL(name, folder), 'utf8') }))
}

/** The JSON Schema (2020-12) of a definition, as text. */
export function formSchema(): string {
  return readFileSync(new URL('./form.schema.json', import.meta.url), 'utf8')
}

/** Parts of the form's schema that a rule is made of. */
const ruleParts = ['text', 'code', 'label', 'rule', 'figures', 'example']

/** The JSON Schema (2020-12) of a file of rules, as text: its rules are those of a form. */
export function rulePackSchema(): string {
  const { $schema, $defs } = JSON.parse(formSchema()) as { $schema: string; $defs: Record<string, unknown> }
  const schema = {
    $schema,
    $id: 'urn:gouji:rules:1',
    title: 'Rules of your own for a form of gouji',
    type: 'object',
    required: ['id', 'title', 'form', 'rules'],
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      note: { description: 'For those who maintain the rules; nothing reads it' },
      id: { $ref: '#/$defs/code' },
      title: { $ref: '#/$defs/label' },
      form: { $ref: '#/$defs/code', description: 'Id of the form that they are for: gouji forms lists them' },
      rules: { type: 'array', items: { $ref: '#/$defs/rule' } },
    },
    $defs: Object.fromEntries(ruleParts.map((name) => [name, $defs[name]])),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

/** Ids stand in every stored reading, and rules are found again by what their ids begin with. */
function checkDistinct(file: string, { id, rules }: FormDefinition, others: readonly Form[]): void {
  if (others.some(({ definition }) => definition.id === id)) {
    throw formInvalid(file, [{ path: '/id', code: 'id_taken', data: { text: id } }])
  }
  for (const [index, rule] of rules.entries()) {
    const prefix = rule.id.split('.')[0]!
    const other = others.find(({ rulePrefixes }) => rulePrefixes.has(prefix))
    if (other === undefined) continue
    const data = { text: prefix, form: other.definition.id }
    throw formInvalid(file, [{ path: `/rules/${index}/id`, code: 'prefix_taken', data }])
  }
}

/** Rules that a user adds to a form stand behind its own. */
function addRules(file: string, { form: id, rules }: RulePack, forms: Form[]): void {
  const place = forms.findIndex(({ definition }) => definition.id === id)
  if (place < 0) {
    const choices = forms.map(({ definition }) => definition.id)
    throw formInvalid(file, [{ path: '/form', code: 'not_one_of', data: { choices } }])
  }
  const { definition } = forms[place]!
  const prefix = rules[0]?.id.split('.')[0] ?? ''
  const taken = forms.find((form) => form.rulePrefixes.has(prefix))
  if (taken !== undefined) {
    const data = { text: prefix, form: taken.definition.id }
    throw formInvalid(file, [{ path: '/rules/0/id', code: 'prefix_taken', data }])
  }
  forms[place] = makeForm({ ...definition, rules: [...definition.rules, ...rules] })
}

/** What the ids of a form's rules begin with: `ogi2021`. */
export function rulePrefix({ id, rules }: FormDefinition): string {
  return rules[0]?.id.split('.')[0] ?? id.replaceAll('_', '')
}

/** A definition with its cells listed and indexed. */
export function makeForm(definition: FormDefinition): Form {
  const cells: FormCell[] = []
  for (const table of definition.tables) {
    for (const row of table.rows) {
      if (row.abstract && !row.optionalSubtotal) continue
      for (const column of table.columns) {
        if (column.abstract) continue
        cells.push({
          code: `${table.code}.${row.code}.${column.code}`,
          table,
          row,
          column,
          kind: column.kind ?? row.kind ?? table.kind,
          unit: column.unit ?? row.unit ?? table.unit,
          required: !row.abstract,
        })
      }
    }
  }
  const requiredCounts = new Map<string, number>()
  for (const { table, required } of cells) {
    if (required) requiredCounts.set(table.code, (requiredCounts.get(table.code) ?? 0) + 1)
  }
  return {
    definition,
    requiredCounts,
    rulePrefixes: new Set([rulePrefix(definition), ...definition.rules.map(({ id }) => id.split('.')[0]!)]),
    tables: new Map(definition.tables.map((table) => [table.code, table])),
    cells,
    indexByCode: new Map(cells.map((cell, index) => [cell.code, index])),
  }
}
