/**
 * What a sheet's own rules make of its cells (conditional formats): takes the XML of a sheet and of the styles that rules give,
 * says how a cell may look by what it holds. Rules with conditions that are not read hold or do not, so that a cell has several
 * looks.
 */
import { enforceLimit } from './limits.ts'
import { type Content, columnOf, movedFormula } from './sheetformulas.ts'
import { unescapeXml } from './xmltree.ts'

/** What a rule changes; null for what it leaves. Colours are compared, white is also what nothing paints. */
type Effect = {
  readonly letters: string | null
  readonly ground: string | null
  readonly format: string | null
  /** A bar or a sign stands where the number was. */
  readonly drawn: boolean
}

type Area = { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number }

type Rule = Effect & {
  readonly areas: readonly Area[]
  readonly priority: number
  readonly stops: boolean
  readonly holds: (cell: RuledCell, row: number, column: number) => boolean | null
}

/** What the cells of a sheet look like without its rules. */
type OwnLooks = {
  /** Cells of white letters, and of painted ground. */
  readonly white: ReadonlySet<string>
  readonly painted: ReadonlySet<string>
  /** Whether nothing else paints behind cells. */
  readonly bare: boolean
}

/** The rules of a sheet in the order in which they count, and its cells as they are without them. */
export type SheetRules = OwnLooks & { readonly rules: readonly Rule[] }

/** What a cell holds, where it stands, and what all others hold by their places. */
export type RuledCell = {
  readonly row: number
  readonly column: number
  readonly content: Content
  readonly contentOf: (key: string) => Content
}

/** A look that rules give a cell: `format` is null where they leave its own. */
export type RuledLook = { readonly hidden: boolean; readonly drawn: boolean; readonly format: string | null }

/** Rules of a sheet that change nothing of what is shown. */
export const noRules: SheetRules = { rules: [], white: new Set(), painted: new Set(), bare: true }

const white = 'white'
/** Letters that have their usual colour, and a ground of any colour: no rule names these. */
const usual = 'usual'
const painted = 'painted'

/** True for a colour that is white: stated, of the theme, or the ninth of the palette. */
export function isWhite(colour: string | undefined): boolean {
  if (colour === undefined || /\btint="/.test(colour)) return false
  return /\brgb="(?:ff)?f{6}"/i.test(colour) || /\btheme="0"/.test(colour) || /\bindexed="[19]"/.test(colour)
}

/** Each element of this name in some XML in which they follow one another: up to the next. */
export function piecesOf(xml: string, name: string): string[] {
  return xml.split(new RegExp(`<(?:\\w+:)?${name}(?=[\\s/>])`)).slice(1)
}

/** The first element of this name, without its end tag; nothing where there is none. */
export function partOf(xml: string, name: string): string {
  const start = xml.search(new RegExp(`<(?:\\w+:)?${name}\\b`))
  const end = xml.search(new RegExp(`</(?:\\w+:)?${name}>`))
  return start < 0 || end < start ? '' : xml.slice(start, end)
}

/** What the styles of a workbook are that rules name by their number. */
export function readRuleStyles(styles: string): readonly Effect[] {
  return piecesOf(partOf(styles, 'dxfs'), 'dxf').map(effectOf)
}

function effectOf(style: string): Effect {
  const fill = partOf(style, 'fill')
  const format = /<(?:\w+:)?numFmt\b[^<>]*\bformatCode="([^"]*)"/.exec(style)?.[1]
  return {
    letters: colourOf(/<(?:\w+:)?color\b[^<>]*>/.exec(partOf(style, 'font'))?.[0]),
    ground: groundOf(fill),
    format: format === undefined ? null : unescapeXml(format),
    drawn: false,
  }
}

function groundOf(fill: string): string | null {
  if (fill === '') return null
  const pattern = /\bpatternType="(\w+)"/.exec(fill)?.[1] ?? 'solid'
  if (pattern === 'none') return white
  if (fill.includes('gradientFill') || pattern !== 'solid') return painted
  const [behind, before] = ['bgColor', 'fgColor'].map((name) =>
    colourOf(new RegExp(`<(?:\\w+:)?${name}\\b[^<>]*>`).exec(fill)?.[0]),
  )
  return behind ?? before ?? null
}

function colourOf(tag: string | undefined): string | null {
  if (tag === undefined) return null
  if (isWhite(tag)) return white
  const [, kind, value] = /\b(rgb|theme|indexed)="(?:[fF]{2}(?=\w{6}"))?(\w+)"/.exec(tag) ?? []
  const tint = /\btint="([^"]*)"/.exec(tag)?.[1] ?? ''
  return kind === undefined ? usual : `${kind} ${value!.toUpperCase()} ${tint}`
}

/**
 * The rules of a sheet; `noRules` where none of them can hide what a cell shows. `styles`: what rules name by number.
 */
export function readSheetRules(xml: string, styles: readonly Effect[], own: OwnLooks): SheetRules {
  const rules: Rule[] = []
  for (const [, attributes, inside] of xml.matchAll(
    /<(?:\w+:)?conditionalFormatting\b([^<>]*)>([\s\S]*?)<\/(?:\w+:)?conditionalFormatting>/g,
  )) {
    const reach = /\bsqref="([^"]*)"/.exec(attributes!)?.[1] ?? /<(?:\w+:)?sqref>([^<]*)</.exec(inside!)?.[1] ?? ''
    const areas = reach.split(/\s+/).flatMap(areaOf)
    if (areas.length > 0) rules.push(...piecesOf(inside!, 'cfRule').map((rule) => ruleOf(rule, areas, styles)))
  }
  const tells =
    own.white.size > 0 ||
    rules.some(({ drawn, format, letters, ground }) => drawn || format !== null || letters === (ground ?? white))
  return tells ? { rules: rules.sort((one, other) => one.priority - other.priority), ...own } : noRules
}

function areaOf(reference: string): Area[] {
  const [, left, top, right = left, bottom = top] =
    /^\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?$/.exec(reference) ?? []
  if (left === undefined) return []
  return [{ top: Number(top) - 1, left: columnOf(left), bottom: Number(bottom) - 1, right: columnOf(right!) }]
}

function ruleOf(rule: string, areas: readonly Area[], styles: readonly Effect[]): Rule {
  const tag = rule.slice(0, rule.indexOf('>'))
  const stated = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]
  const type = stated('type') ?? ''
  const formulas = [...rule.matchAll(/<(?:\w+:)?(?:formula|f)>([^<]*)</g)].map(([, text]) => unescapeXml(text!).trim())
  const plain: Effect = { letters: null, ground: null, format: null, drawn: false }
  const own = partOf(rule, 'dxf')
  const drawn = /^(?:dataBar|iconSet)$/.test(type) && /\bshowValue="(?:0|false)"/.test(rule)
  const scales = type === 'colorScale' || (type === 'dataBar' && !drawn)
  const named = own === '' ? (styles[Number(stated('dxfId') ?? -1)] ?? plain) : effectOf(own)
  const priority = Number(stated('priority'))
  return {
    ...(drawn ? { ...plain, drawn } : scales ? { ...plain, ground: painted } : named),
    areas,
    priority: Number.isFinite(priority) ? priority : Number.MAX_SAFE_INTEGER,
    stops: /^(?:1|true)$/.test(stated('stopIfTrue') ?? ''),
    holds: conditionOf(type, stated('operator') ?? '', formulas, drawn),
  }
}

function conditionOf(type: string, operator: string, formulas: readonly string[], drawn: boolean): Rule['holds'] {
  if (drawn || type === 'colorScale') return ({ content }) => typeof content === 'number'
  if (type === 'containsBlanks') return ({ content }) => (content === 'other' ? null : content === 'blank')
  if (type === 'notContainsBlanks') return ({ content }) => (content === 'other' ? null : content !== 'blank')
  if (type === 'containsErrors') return ({ content }) => content === 'error'
  if (type === 'notContainsErrors') return ({ content }) => content !== 'error'
  if (type === 'cellIs') {
    return (cell, row, column) => {
      const [first, second] = formulas.map((formula) => operandOf(formula, cell, row, column))
      return comparesSo(operator, cell.content, first ?? null, second ?? null)
    }
  }
  if (type !== 'expression') return () => null
  const [, left, sign, right] = /^([^<>=]+)(<=|>=|<>|=|<|>)([^<>=]+)$/.exec(formulas[0] ?? '') ?? []
  const asked = /^(ISERROR|ISBLANK)\(([^()]+)\)$/i.exec(formulas[0] ?? '')
  return (cell, row, column) => {
    const [one, other] = [left ?? asked?.[2], right].map((text) =>
      text === undefined ? null : operandOf(text.trim(), cell, row, column),
    )
    if (asked !== null && one !== null) return one === (asked[1]!.toUpperCase() === 'ISBLANK' ? 'blank' : 'error')
    return sign === undefined ? null : comparesSo(operatorOf[sign]!, one ?? null, other ?? null, null)
  }
}

/** The names of operators of comparison. */
export const operatorOf: Readonly<Record<string, string>> = {
  '=': 'equal',
  '<>': 'notEqual',
  '>': 'greaterThan',
  '>=': 'greaterThanOrEqual',
  '<': 'lessThan',
  '<=': 'lessThanOrEqual',
}

/** What a constant says, or the cell that is named holds; null where that is not read. */
function operandOf(text: string, { contentOf }: RuledCell, rows: number, columns: number): Content | null {
  if (/^[-+]?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text)
  if (/^"[^"]*"$/.test(text)) return 'other'
  if (!/^\$?[A-Z]{1,3}\$?\d{1,7}$/.test(text)) return null
  const [, column, row] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(movedFormula(text, rows, columns) ?? '') ?? []
  return row === undefined ? null : contentOf(`${Number(row) - 1} ${columnOf(column!)}`)
}

/** Whether what a cell holds compares so with one or two others; null where that is not known. */
export function comparesSo(
  operator: string,
  value: Content | null,
  low: Content | null,
  high: Content | null,
): boolean | null {
  const first = orderOf(value, low)
  const not = (answer: boolean | null): boolean | null => (answer === null ? null : !answer)
  switch (operator) {
    case 'equal':
      return first === null ? null : first === 0
    case 'notEqual':
      return first === null ? null : first !== 0
    case 'greaterThan':
      return first === null ? null : first > 0
    case 'greaterThanOrEqual':
      return first === null ? null : first >= 0
    case 'lessThan':
      return first === null ? null : first < 0
    case 'lessThanOrEqual':
      return first === null ? null : first <= 0
    case 'between':
    case 'notBetween': {
      const second = orderOf(value, high)
      const between = first === null || second === null ? null : first >= 0 && second <= 0
      return operator === 'between' ? between : not(between)
    }
    default:
      return null
  }
}

/** How what two cells hold compares; words come after all numbers, blank is 0. Null where that is not known. */
function orderOf(one: Content | null, other: Content | null): number | null {
  if (one === null || other === null || one === 'error' || other === 'error') return null
  if (one === 'other' || other === 'other') return one === other ? null : one === 'other' ? 1 : -1
  return (one === 'blank' ? 0 : one) - (other === 'blank' ? 0 : other)
}

/** So many rules whose conditions are not read are tried one by one. */
const openRulesMax = 20

/** The looks that a cell may have by the rules of its sheet. `steps` counts on, for all cells of a workbook. */
export function looksByRules(sheet: SheetRules, cell: RuledCell, steps: { count: number }): readonly RuledLook[] {
  const key = `${cell.row} ${cell.column}`
  const letters = sheet.white.has(key) ? white : usual
  const grounds = sheet.bare ? [sheet.painted.has(key) ? painted : white] : [white, painted]
  const covering: { readonly rule: Rule; readonly holds: boolean | null }[] = []
  for (const rule of sheet.rules) {
    steps.count += rule.areas.length
    const covers = ({ top, left, bottom, right }: Area): boolean =>
      cell.row >= top && cell.row <= bottom && cell.column >= left && cell.column <= right
    if (!rule.areas.some(covers)) continue
    const holds = conditionFor(rule, cell)
    if (holds !== false) covering.push({ rule, holds })
  }
  enforceLimit('coveringMax', steps.count)
  const open = covering.filter(({ holds }) => holds === null).slice(0, openRulesMax)
  const worlds = [new Set<unknown>(), new Set<unknown>(open), ...open.map((one) => new Set<unknown>([one]))]
  const looks = new Map<string, RuledLook>()
  for (const world of open.length === 0 ? worlds.slice(0, 1) : worlds) {
    const holding = covering.filter((one) => one.holds === true || world.has(one)).map(({ rule }) => rule)
    for (const ground of grounds) {
      const look = lookOf(holding, { letters, ground })
      looks.set(JSON.stringify(look), look)
    }
  }
  return [...looks.values()]
}

/** Formulas are written for the first cell of what a rule covers; where several could be that, they are not read. */
function conditionFor(rule: Rule, cell: RuledCell): boolean | null {
  const [first] = rule.areas
  const top = Math.min(...rule.areas.map((area) => area.top))
  const left = Math.min(...rule.areas.map((area) => area.left))
  const certain = first!.top === top && first!.left === left
  return rule.holds(cell, certain ? cell.row - top : Number.NaN, certain ? cell.column - left : Number.NaN)
}

function lookOf(rules: readonly Rule[], own: { readonly letters: string; readonly ground: string }): RuledLook {
  let [letters, ground, format]: (string | null)[] = [null, null, null]
  let drawn = false
  for (const rule of rules) {
    letters ??= rule.letters
    ground ??= rule.ground
    format ??= rule.format
    drawn ||= rule.drawn
    if (rule.stops) break
  }
  const hidden = (letters ?? own.letters) === (ground ?? own.ground)
  return { hidden, drawn, format: format ?? null }
}
