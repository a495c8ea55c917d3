/**
 * When two labels say the same: takes a label as printed, gives the lines of the forms it can stand for. Labels are
 * compared compacted (width, white space, punctuation and numbering gone); where that finds nothing, without their
 * bracketed guidance; and where that finds nothing either, with one character lost, added or wrong.
 */

import { unseen } from '../../parsers/unseen.ts'
import { simplified } from '../chinese.ts'
import type { Line } from '../model.ts'
import { remembering } from './remember.ts'
import type { TableScope } from './scope.ts'

/** What a label can stand for. */
type LabelTarget = {
  readonly scope: TableScope
  readonly axis: 'row' | 'column' | 'heading' | 'corner' | 'units' | 'numbers' | 'unit'
  /** Index into the table's rows or columns; 0 for all else. */
  readonly line: number
}

/** Lines by scope id. */
export type LinesByScope = ReadonlyMap<number, readonly number[]>

/** All that one printed label can stand for. */
export type LabelMatch = {
  /** False where it matched in spite of a lost or wrong character. */
  readonly exact: boolean
  readonly rows: LinesByScope
  readonly columns: LinesByScope
  /** Scopes of which it is a heading or the text of the top left cell. */
  readonly captions: LinesByScope
  /** Scopes in which it heads a column of units, and one of row numbers. */
  readonly units: LinesByScope
  readonly numbers: LinesByScope
  /** Scopes whose column of units prints it. */
  readonly unit: LinesByScope
  /** Scopes of which it names a row or a column. */
  readonly scopes: readonly number[]
  /** Codes of the tables of which it names a column. */
  readonly columnTables: readonly string[]
}

export type LabelIndex = {
  readonly find: (label: string) => LabelMatch
  readonly piece: (text: string) => LabelPiece
}

/** What a text is of a label to the letter, whatever the label names. */
export type LabelPiece = {
  readonly key: string
  readonly whole: boolean
  /** More of the label may follow. */
  readonly begins: boolean
}

const nothing: LabelMatch = matchOf([], true)

/** Shorter labels (规章, 总计, 其他) have too many neighbours one character away. */
const fuzzyLengthMin = 4
/** Longer texts are no labels. */
export const labelCharactersMax = 120
const rememberedMax = 20_000

const enumerator =
  /^(?:[(（[【]?\s*(?:[一二三四五六七八九十]{1,3}|[\d０-９]{1,2})\s*[)）\]】][、.．,，:：]?|[一二三四五六七八九十]{1,3}[、.．,，:：]|[\d０-９]{1,2}[、．,，:：)）]|[\d０-９]{1,2}\.(?![\d０-９])|[①-⑳⑴-⒇⒈-⒛㈠-㈩㊀-㊉][、.．]?)/

/** The number of a label, or the first characters of it. */
const numberAlone = /^\s*[（(]?\s*[一二三四五六七八九十\d]{0,3}\s*[)）、.．]?\s*$/

const spaced = new RegExp(`[\\s${unseen}]+`, 'g')

/** 其中：1.当面申请数 names the same row as 1.当面申请数. */
const ofWhich = /^(?:其中[:：]?|ofwhich[:：]|including[:：])(?=.)/i

/**
 * A label without what printing adds to it: width, white space, numbering, punctuation, traditional characters. `其它`
 * becomes `其他`.
 * Two labels with the same key say the same.
 */
export function labelKey(label: string): string {
  let text = label.replace(spaced, '')
  for (let round = 0; round < 3; round++) {
    const shorter = text.replace(enumerator, '').replace(ofWhich, '')
    if (shorter === text || shorter === '') break
    text = shorter
  }
  const plain = text.normalize('NFKC').replace(/[^\p{L}\p{N}%]+/gu, '')
  const simple = simplified(plain)
  // Converted pages have Taiwan's words with its characters: 規範性檔案.
  const key = simple === plain ? plain : simple.replaceAll('档案', '文件')
  return key.replaceAll('其它', '其他').toLowerCase()
}

/** The same without guidance in brackets; null where there is none or nothing else. */
function bareKey(label: string): string | null {
  const start = label.replace(/^\s+/, '').replace(enumerator, '')
  // A single letter or number in brackets is a part of the name: 7(A).
  const bare = start.replace(/[(（[【〔](?![A-Za-z0-9]{1,2}[)）\]】〕])[^)）\]】〕]*[)）\]】〕]/g, '')
  if (bare === start) return null
  const key = labelKey(bare)
  return key === '' ? null : key
}

/** An index over all labels of all forms. It remembers labels it has seen, a bounded number of them. */
export function makeLabelIndex(scopes: readonly TableScope[]): LabelIndex {
  const byKey = new Map<string, LabelTarget[]>()
  for (const { label, target } of scopes.flatMap((scope) => [...labelsOf(scope)])) {
    for (const key of new Set([labelKey(label), bareKey(label) ?? ''])) {
      if (key === '') continue
      const targets = byKey.get(key) ?? []
      targets.push(target)
      byKey.set(key, targets)
    }
  }
  const exact = new Map([...byKey].map(([key, targets]) => [key, matchOf(targets, true)]))
  const byLength = new Map<number, [key: string, targets: LabelTarget[]][]>()
  for (const entry of byKey) byLength.set(entry[0].length, [...(byLength.get(entry[0].length) ?? []), entry])
  const keys = { exact, byLength }
  const find = (label: string): LabelMatch => {
    // Labels written downwards have as many line breaks as characters.
    const tooLong = label.length > labelCharactersMax && label.replace(/\s+/g, '').length > labelCharactersMax
    return tooLong || label.length > labelCharactersMax * 4 ? nothing : lookUp(keys, label)
  }
  const beginnings = new Set<string>()
  for (const key of byKey.keys()) for (let end = 1; end < key.length; end++) beginnings.add(key.slice(0, end))
  const piece = (text: string): LabelPiece => {
    if (text.length > labelCharactersMax * 4) return { key: '', whole: false, begins: false }
    const key = labelKey(text)
    return { key, whole: exact.has(key), begins: beginnings.has(key) || numberAlone.test(text) }
  }
  return { find: remembering(rememberedMax, find), piece: remembering(rememberedMax, piece) }
}

function* labelsOf(scope: TableScope): Generator<{ label: string; target: LabelTarget }> {
  const { table } = scope
  for (const label of table.headings) yield { label, target: { scope, axis: 'heading', line: 0 } }
  for (const label of table.corners) yield { label, target: { scope, axis: 'corner', line: 0 } }
  for (const axis of ['units', 'numbers'] as const) {
    for (const label of table.asides[axis]) yield { label, target: { scope, axis, line: 0 } }
  }
  for (const label of scope.unitWords) yield { label, target: { scope, axis: 'unit', line: 0 } }
  for (const axis of ['row', 'column'] as const) {
    const lines = axis === 'row' ? table.rows : table.columns
    for (const [line, { labels }] of lines.entries()) {
      for (const label of labels) yield { label, target: { scope, axis, line } }
      // A group's label in the same cell, right before its line's: （四）无法提供1.本机关不掌握相关政府信息, 行政复议结果维持
      for (const label of withGroups(lines, line)) yield { label, target: { scope, axis, line } }
    }
  }
}

/** The labels of a line behind those of its groups, one group after the other. */
function* withGroups(lines: readonly Line[], line: number): Generator<string> {
  const { labels, parent, abstract } = lines[line]!
  if (abstract) return
  let before = ''
  for (let code = parent; code !== null; ) {
    const group = lines.find((one) => one.code === code)!
    if (!group.abstract) return
    before = `${group.labels[0] ?? ''}${before}`
    for (const label of labels) yield before + label
    code = group.parent
  }
}

type Keys = {
  readonly exact: ReadonlyMap<string, LabelMatch>
  readonly byLength: ReadonlyMap<number, readonly (readonly [key: string, targets: readonly LabelTarget[]])[]>
}

function lookUp({ exact, byLength }: Keys, label: string): LabelMatch {
  const key = labelKey(label)
  const same = exact.get(key)
  if (same) return same
  const bare = bareKey(label)
  const withoutGuidance = bare === null ? undefined : exact.get(bare)
  if (withoutGuidance) return withoutGuidance
  for (const candidate of bare === null ? [key] : [key, bare]) {
    if (candidate.length < fuzzyLengthMin) continue
    const near: LabelTarget[] = []
    for (let length = Math.max(fuzzyLengthMin, candidate.length - 1); length <= candidate.length + 1; length++) {
      for (const [other, targets] of byLength.get(length) ?? []) {
        if (isMisprint(candidate, other)) near.push(...targets)
      }
    }
    if (near.length > 0) return matchOf(near, false)
  }
  return nothing
}

function matchOf(targets: readonly LabelTarget[], exact: boolean): LabelMatch {
  const rows = new Map<number, number[]>()
  const columns = new Map<number, number[]>()
  const captions = new Map<number, number[]>()
  const units = new Map<number, number[]>()
  const numbers = new Map<number, number[]>()
  const unit = new Map<number, number[]>()
  const byAxis = { row: rows, column: columns, heading: captions, corner: captions, units, numbers, unit }
  for (const { axis, scope, line } of targets) {
    const lines = byAxis[axis]
    const known = lines.get(scope.id) ?? []
    if (!known.includes(line))
      lines.set(
        scope.id,
        [...known, line].sort((a, b) => a - b),
      )
  }
  const tables = targets.flatMap(({ axis, scope }) => (axis === 'column' ? [scope.table.code] : []))
  const scopes = [...new Set([...rows.keys(), ...columns.keys()])]
  return { exact, rows, columns, captions, units, numbers, unit, scopes, columnTables: [...new Set(tables)] }
}

/**
 * True where a printed key may be a known one misprinted: one character off, and no other number, year or sense: 7(A) is not
 * 7(B), 上年 is not 本年, 不属于 is not 属于, and 失效 is not 有效.
 */
export function isMisprint(printed: string, known: string): boolean {
  return (
    isWithinOneEdit(printed, known) &&
    numbersIn(printed) === numbersIn(known) &&
    senseOf(printed) === senseOf(known) &&
    !nameYears(printed, known) &&
    !areOpposed(printed, known) &&
    !denies(printed, known)
  )
}

/** Characters of which one for another turns a label into another's opposite; those side by side mean the same. */
const opposites: readonly (readonly string[])[] = [
  ['本今当', '上去前', '下明次'],
  ['有生', '无没失'],
  ['已', '未'],
  ['增加升', '减降'],
  ['新', '旧老'],
  ['收受', '发'],
  ['制立', '废'],
  ['内', '外'],
  ['多', '少'],
  ['正', '负'],
  ['入', '出支'],
  ['准', '驳'],
  ['开', '闭'],
  ['胜', '败'],
]

/** True for keys of which the part that differs says the opposite, however much else is alike: 有效 and 失效. */
function areOpposed(a: string, b: string): boolean {
  const [one, other] = differing(a, b)
  if (one === '' || other === '') return false
  return opposites.some((senses) => {
    const [own, its] = [one, other].map((text) => senses.filter((sense) => [...sense].some((it) => text.includes(it))))
    return own!.length > 0 && its!.length > 0 && !own!.some((sense) => its!.includes(sense))
  })
}

/** True where `printed` is `known` but for a character that denies it; one that is lost may be a misprint. */
function denies(printed: string, known: string): boolean {
  const [more, less] = differing(printed, known)
  return /^[不未非无没]$/.test(more) && /^[予应可能须已]?$/.test(less)
}

/** What is left of two keys without what both begin and end with. */
function differing(a: string, b: string): readonly [string, string] {
  let start = 0
  const shorter = Math.min(a.length, b.length)
  while (start < shorter && a[start] === b[start]) start++
  let end = 0
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)]
}

/**
 * True where two labels have the same numbers in them, those in front apart: a figure behind a label is not part of it. One in
 * front stays one where what parts it from the label is lost, as 1属于国家秘密.
 */
export function haveSameNumbers(a: string, b: string): boolean {
  if (numbersIn(labelKey(a)) === numbersIn(labelKey(b))) return true
  const [one, other] = [a, b].map((label) => numbersIn(label.normalize('NFKC')))
  return one === other && numberInFront(a) !== null && numberInFront(a) === numberInFront(b)
}

function numberInFront(label: string): string | null {
  return /^\s*[([]?\s*(\d+)/.exec(label.normalize('NFKC'))?.[1] ?? null
}

/** What turns a label into its opposite where it begins with it. */
function senseOf(key: string): string {
  return /^.?[未不非]/.exec(key)?.[0].at(-1) ?? ''
}

/** True where both keys name a year, and not the same. */
function nameYears(a: string, b: string): boolean {
  const [one, other] = [a, b].map((key) => key.match(/[本上前去今下明](?=一?年)/g)?.join('') ?? '')
  return one !== '' && other !== '' && one !== other
}

function numbersIn(key: string): string {
  return key.match(/\d+[a-z]?/g)?.join() ?? ''
}

/** True where one insertion, deletion or substitution at most makes `a` of `b`. */
function isWithinOneEdit(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  const [one, other] = differing(a, b)
  return Math.max(one.length, other.length) <= 1
}

/** Labels so much alike are taken for one another where order leaves nothing else. */
const similarityMin = 0.5

/** True where `label` is much like one of `labels`: for where order and group leave a single line that it can stand for. */
export function isLikeOneOf(label: string, labels: readonly string[]): boolean {
  return labels.some((one) => labelSimilarity(one, label) >= similarityMin)
}

/**
 * How much of two labels is the same, 0 to 1: twice the length of their longest common subsequence over both lengths; 0 for
 * opposites.
 */
export function labelSimilarity(a: string, b: string): number {
  const left = labelKey(a).slice(0, labelCharactersMax)
  const right = labelKey(b).slice(0, labelCharactersMax)
  if (left === '' || right === '' || areOpposed(left, right)) return 0
  let previous = new Uint16Array(right.length + 1)
  for (let row = 1; row <= left.length; row++) {
    const current = new Uint16Array(right.length + 1)
    for (let column = 1; column <= right.length; column++) {
      current[column] =
        left[row - 1] === right[column - 1]
          ? previous[column - 1]! + 1
          : Math.max(previous[column]!, current[column - 1]!)
    }
    previous = current
  }
  return (2 * previous[right.length]!) / (left.length + right.length)
}
