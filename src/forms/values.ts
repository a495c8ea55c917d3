/**
 * The text of one cell as a value: takes what is printed, gives number, blank or mark, or null where the text is no
 * value at all but words. It converts only what has one reading; anything that could be two numbers stays unreadable
 * with both named. Variants seen in real reports: full width digits, thousands separators, a unit behind the figure, a
 * remark in brackets, a dash or slash for "does not apply".
 */

import { withoutUnseen } from '../../parsers/unseen.ts'
import { simplified } from '../chinese.ts'
import type { Value } from '../model.ts'
import { remembering } from './remember.ts'

/** A value with what else its cell printed. */
export type CellValue = Value & {
  /** The unit printed behind the figure; null where there is none. */
  readonly unit: string | null
  /** A remark that followed the figure, such as （其中修订16件）. */
  readonly remark: string | null
}

const marks = new Set(
  '/ // ∕ ⁄ \\ - -- --- — —— ——— – − ‐ ‑ ― ─ ── _ __ * ** × ... ...... . 、 ~ ～ 无 无。 暂无 没有 不涉及 未涉及 不适用 无此项 未发生 N/A n/a NA N.A. nil'.split(
    ' ',
  ),
)

const units = '亿元|万元|千元|元|万|万件|件次|件|项次|项|条|个|份|次|人次|人|宗|起|例|篇|部|家|户|批次|批|万字|页'

const blank: CellValue = { state: 'blank', value: null, unit: null, remark: null }
const mark: CellValue = { state: 'mark', value: null, unit: null, remark: null }
const digits: readonly CellValue[] = Array.from({ length: 1000 }, (_, value) => numberOf(value, null, null))

const figure = new RegExp(`^([+-]|增加?|减少?)?(\\d[\\d, ']*(?:\\.\\d+)?) ?(${units})?$`)
const figureWithRemark = new RegExp(
  `^([+-]|增加?|减少?)?(\\d[\\d, ']*(?:\\.\\d+)?) ?(${units})?[,，;；]?\\(([^()]*(?:\\([^()]*\\)[^()]*)*)\\)$`,
)
/** A remark that may state what counts: 本年4, 更正为4, 全区4. */
const rivalRemark =
  /^(?:本年度?|今年|当年|本期|全年|全[省市区县州盟旗镇乡局系]统?|[省市区县]?本级|总?合计|共计?|总计|(?:数据|数值|数字)?(?:应当?|更正|改正?|订正|修正|修改|调整|勘误|实际?|正确)[^\d,;]{0,6}?)[为是数]{0,2}[:=]?\s*(\d[\d, ]*(?:\.\d+)?)/
/** A figure in brackets on a line of its own, beneath another. */
const figureBeneath = /[\d０-９]\s*[\n\r]\s*[(（]\s*(\d+(?:\.\d+)?)\s*[)）]\s*$/
const figures = /^[\d\s.,、;；/]+$/
/** Two figures on two lines of a cell, or one figure broken over them. */
const broken = /[\d０-９]\s*[\n\r]\s*[\d０-９]/
/** Not a number but a bound for one: <1, ≥10. */
const bound = /^(?:[<>≤≥]=?|不足|少于|低于|超过)\s*\d+(?:\.\d+)?$/
/** A footnote's number behind a figure. NFKC would make it part of the figure. */
const footnoted = /^(.*[\d０-９])\s*([¹²³⁰⁴-⁹①-⑳⑴-⒇❶-❿*※]+)$/s
const raised = /[¹²³⁰⁴-⁹①-⑳⑴-⒇❶-❿]/
const zero = /^[〇○零]$/
const misreadZero = /^[OoＯｏ]$/
const strayMark = /^[?？·.,'`|~^*_]\s*(\d+)$|^(\d+)\s*[?？·,'`|~^*_]$/

/**
 * The value that `text` states, or null where it states words. A number is as printed, in the unit printed: nothing is
 * scaled. Numbers of more than 15 digits are unreadable, since they cannot be held exactly.
 */
export function readValue(text: string): CellValue | null {
  if (text.length <= 3) {
    const quick = readShort(text)
    if (quick !== undefined) return quick
  }
  return text.length > rememberedLengthMax ? readAnew(text) : readRemembered(text)
}

/** Reports repeat few short texts: a dash, a unit, the labels of the form. */
const rememberedLengthMax = 40
const readRemembered = remembering(4_000, readAnew)

function readAnew(text: string): CellValue | null {
  // No mark is longer than this, and without a digit nothing longer is a number.
  if (text.length > 200 || (text.length > 12 && !/[\d０-９]/.test(text))) return null
  if (text.includes(rightToLeft)) return readTurned(text)
  if (raised.test(text) || /\d\s*[*※]+\s*$/.test(text)) return readFootnoted(text.trim())
  const plain = simplify(text)
  if (plain === '') return blank
  if (marks.has(plain)) return mark
  if (zero.test(plain)) return numberOf(0, null, null)
  if (misreadZero.test(plain)) return unreadable([0])
  if (plain === '(0)') return unreadable([0])
  // The number of a label that stands in a cell of its own: 1. or 1、
  if (!/\d/.test(plain) || /^\d{1,2}[.、]$/.test(plain)) return null
  if (broken.test(text)) return readBroken(plain)
  const match = figure.exec(plain) ?? figureWithRemark.exec(plain)
  if (match) {
    const value = readFigure(match[1], match[2]!, match[3] ?? null, match[4] ?? null)
    const rival =
      match[4] === undefined ? undefined : (rivalRemark.exec(match[4])?.[1] ?? figureBeneath.exec(text)?.[1])
    return rival === undefined ? value : eitherOf(value, Number(rival.replace(/[, ]/g, '')))
  }
  const stray = strayMark.exec(plain)
  if (stray) return unreadable([Number(stray[1] ?? stray[2])])
  if (figures.test(plain) || bound.test(plain)) return unreadable([])
  return null
}

/** White space between the characters of a narrow cell included. */
const unitCharactersMax = 24
const onlyUnit = new RegExp(`^(?:${units})$`)

/** True where the text is nothing but a unit. */
export function isUnit(text: string): boolean {
  return text.length <= unitCharactersMax && onlyUnit.test(simplify(text).replaceAll(' ', ''))
}

/** A text as marks are compared. */
export function markKey(text: string): string {
  return simplify(text).toLowerCase()
}

/** What `text` states, as readValue tells, where some texts are `marks` that only forms print in place of a figure, by markKey. */
export function readValueOrMark(text: string, marks: ReadonlySet<string>): CellValue | null {
  return marks.size > 0 && marks.has(markKey(text)) ? mark : readValue(text)
}

/** True where the text can only be a figure, certain or not. */
export function isFigure(value: CellValue | null): boolean {
  return value !== null && (value.state === 'number' || value.state === 'unreadable')
}

function readShort(text: string): CellValue | undefined {
  if (text === '') return blank
  let amount = 0
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return undefined
    amount = amount * 10 + digit
  }
  // "007" is no count: somebody's code or a slip, so the slow path looks at it.
  return text.length > 1 && text.charCodeAt(0) === 48 ? undefined : digits[amount]
}

/** The figure without its footnote's number; words where the number is all there is, or stands within. */
function readFootnoted(text: string): CellValue | null {
  const match = footnoted.exec(text)
  if (match === null || raised.test(match[1]!)) return null
  const value = readValue(match[1]!)
  return value === null ? null : { ...value, remark: match[2]! }
}

/** U+202E, right-to-left override (UAX 9): what follows it is shown from its end. */
const rightToLeft = '\u202e'

/** What is shown the other way round than it is written: whether that was meant, nobody knows. */
function readTurned(text: string): CellValue | null {
  const value = readAnew(text.replaceAll(rightToLeft, ''))
  if (value?.state !== 'number' || value.value === null) return value
  const written = String(value.value)
  const shown = [...written].reverse().join('')
  return written === shown ? value : unreadable([value.value, Number(shown)].filter(Number.isFinite))
}

/** Figures on several lines: one broken figure, or several; never decided here. Null for words. */
function readBroken(plain: string): CellValue | null {
  if (!/^[\d\s.,+-]+$/.test(plain)) return null
  const joined = plain.replace(/\s/g, '')
  return unreadable(/^\d{1,15}$/.test(joined) ? [Number(joined)] : [])
}

/** Width, spaces and look-alikes made one; inner single spaces stay, since they may separate two figures. */
function simplify(text: string): string {
  return withoutUnseen(simplified(text.normalize('NFKC')))
    .replace(/\s+/g, ' ')
    .replace(/[−–—―ー](?=\d)/g, '-')
    .trim()
}

function readFigure(sign: string | undefined, body: string, unit: string | null, remark: string | null): CellValue {
  const compact = body.trim()
  if (/^\d+(\.\d+)?$/.test(compact)) return amountOf(sign, compact, unit, remark)
  // 1,234,567 and 1 234 567: only whole groups of three are separators; anything else may be two figures.
  if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(compact) || /^\d{1,3}( \d{3})+(\.\d+)?$/.test(compact)) {
    return amountOf(sign, compact.replace(/[, ]/g, ''), unit, remark)
  }
  const joined = compact.replace(/[, ']/g, '')
  return unreadable(/^\d{1,15}$/.test(joined) ? [Number(joined)] : [])
}

function amountOf(sign: string | undefined, body: string, unit: string | null, remark: string | null): CellValue {
  if (body.replace('.', '').length > 15) return unreadable([])
  if (/^0\d/.test(body)) return Number(body) === 0 ? unreadable([0]) : unreadable([Number(body)])
  const amount = Number(body)
  const negative = sign !== undefined && /^(-|减)/.test(sign)
  return numberOf(negative && amount !== 0 ? -amount : amount, unit, remark)
}

function numberOf(value: number, unit: string | null, remark: string | null): CellValue {
  return { state: 'number', value, unit, remark }
}

function unreadable(candidates: readonly number[]): CellValue {
  return { state: 'unreadable', value: null, candidates, unit: null, remark: null }
}

/** A figure of which it is not known whether it or another one counts. */
function eitherOf({ value }: CellValue, other: number): CellValue {
  return unreadable([...new Set([...(value === null ? [] : [value]), other])])
}

/** A row may print its number and that of its group; more are the figures of one whose label stands behind them. */
export const rowNumbersMax = 2

/** The number that some tables print before a row's label, in a cell of its own. */
export function isRowNumber({ value }: { readonly value: CellValue | null }): boolean {
  return (
    value?.state === 'number' &&
    value.unit === null &&
    Number.isInteger(value.value) &&
    value.value >= 0 &&
    value.value < 100
  )
}
