/**
 * The user's list of who must publish: CSV in, agencies out, with everything that is wrong in it and its line. Names of
 * columns are understood in Chinese and English, since such lists come from offices.
 */
import { CsvError, parse } from 'csv-parse/sync'

export type Agency = {
  readonly name: string
  readonly parent: string | null
  /** Its figures are part of its parent's report. */
  readonly countedInParent: boolean
  /** Null: not known. */
  readonly mayMakeRegulations: boolean | null
  /** In the user's own words: `county`. */
  readonly level: string | null
  /** First and last report year; null: not bounded. */
  readonly since: number | null
  readonly until: number | null
}

/** Something wrong at a line of the list, which counts from 1. */
export type ListProblem = {
  readonly line: number
  readonly code:
    | 'not_csv'
    | 'no_agency_column'
    | 'unknown_column'
    | 'column_twice'
    | 'no_name'
    | 'twice'
    | 'own_parent'
    | 'not_yes_or_no'
    | 'not_a_year'
    | 'since_after_until'
  readonly text: string
}

const columns: Readonly<Record<keyof Agency, readonly string[]>> = {
  name: ['agency', 'name', '机关', '单位', '名称'],
  parent: ['parent', '上级', '上级机关', '主管单位'],
  countedInParent: ['counted_in_parent', '数据含于上级'],
  mayMakeRegulations: ['may_make_regulations', '有规章制定权'],
  level: ['level', '层级'],
  since: ['since', '起始年度'],
  until: ['until', '截止年度'],
}

const truths: Readonly<Record<string, boolean>> = {
  是: true,
  有: true,
  yes: true,
  true: true,
  1: true,
  否: false,
  无: false,
  no: false,
  false: false,
  0: false,
}

/** Lists are made by people; no country has more public bodies. */
const rowsMax = 1_000_000

/** The agencies of a list, and what is wrong with it; with any problem it is not to be used. */
export function readAgencyList(csv: string): { agencies: Agency[]; problems: ListProblem[] } {
  const problems: ListProblem[] = []
  const table = parseCsv(csv, problems)
  const [first, ...rows] = table
  const head = first?.record ?? []
  const places = new Map<keyof Agency, number>()
  for (const [place, title] of head.entries()) {
    const key = (Object.keys(columns) as (keyof Agency)[]).find((one) => columns[one].includes(title.toLowerCase()))
    if (key === undefined) problems.push({ line: 1, code: 'unknown_column', text: title })
    else if (places.has(key)) problems.push({ line: 1, code: 'column_twice', text: title })
    else places.set(key, place)
  }
  if (!places.has('name')) problems.push({ line: 1, code: 'no_agency_column', text: columns.name[0]! })
  const seen = new Set<string>()
  const agencies: Agency[] = []
  for (const { record, line: number } of rows) {
    const line: Line = { number, field: (key) => record[places.get(key) ?? -1] ?? '', problems }
    const name = line.field('name')
    if (name === '') problems.push({ line: line.number, code: 'no_name', text: '' })
    if (seen.has(name)) problems.push({ line: line.number, code: 'twice', text: name })
    seen.add(name)
    const parent = line.field('parent') || null
    if (parent !== null && parent === name) problems.push({ line: line.number, code: 'own_parent', text: name })
    const since = year(line, 'since')
    const until = year(line, 'until')
    if (since !== null && until !== null && since > until)
      problems.push({ line: line.number, code: 'since_after_until', text: `${since} > ${until}` })
    agencies.push({
      name,
      parent,
      countedInParent: truth(line, 'countedInParent') ?? false,
      mayMakeRegulations: truth(line, 'mayMakeRegulations'),
      level: line.field('level') || null,
      since,
      until,
    })
  }
  return { agencies, problems }
}

type Row = { readonly record: readonly string[]; readonly line: number }

function parseCsv(csv: string, problems: ListProblem[]): Row[] {
  try {
    // A name with NUL in it can be stored nowhere.
    const rows = parse(csv.replaceAll('\0', ''), {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
      to: rowsMax,
    }) as unknown as readonly { readonly record: string[]; readonly info: { readonly lines: number } }[]
    return rows.map(({ record, info }) => ({ record, line: info.lines }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    problems.push({ line: Number(error.lines ?? 1), code: 'not_csv', text: error.code })
    return [{ record: [columns.name[0]!], line: 1 }]
  }
}

type Line = {
  readonly number: number
  readonly field: (key: keyof Agency) => string
  readonly problems: ListProblem[]
}

function truth({ number, field, problems }: Line, key: keyof Agency): boolean | null {
  const text = field(key).toLowerCase()
  if (text === '') return null
  if (Object.hasOwn(truths, text)) return truths[text]!
  problems.push({ line: number, code: 'not_yes_or_no', text })
  return null
}

function year({ number, field, problems }: Line, key: keyof Agency): number | null {
  const text = field(key)
  if (text === '') return null
  if (/^(?:19|20)\d\d$/.test(text)) return Number(text)
  problems.push({ line: number, code: 'not_a_year', text })
  return null
}
