/**
 * How agencies print a label: officially, as one of the variants that the form's definition knows, with other brackets,
 * numbering and spaces, or with one character lost or wrong. Takes a line of the definition, gives a text.
 */
import type { Line } from '../../src/model.ts'
import type { Random } from './random.ts'

export type LabelStyle = {
  /** Each level may do what the one before it does. */
  readonly level: 'official' | 'alias' | 'typography' | 'damaged'
  /** White space that may be put inside a label; empty where a shape gives spaces a meaning. */
  readonly spaces: readonly string[]
}

export type Labeler = (line: Line) => string

const numbering = /^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\([一二三四五六七八九十]+\)|\d+[.、．])\s*/

/** What the form's instructions say in brackets behind a label, and some reports leave there; figures included. */
const guidance: ReadonlyMap<string, string> = new Map([
  ['regulations', '设区的市、自治州人民政府应提供相关数据'],
  ['normative_documents', '以文件形式制发的'],
  ['items_previous', '项'],
  ['items_change', '减少用负值表示，如-8'],
  ['penalties', '一般程序'],
])

/** A function that prints lines of a table in the given style; each call draws again. */
export function makeLabeler(style: LabelStyle, random: Random): Labeler {
  return (line) => {
    const official = line.labels[0]
    if (official === undefined) return ''
    if (style.level === 'official') return official
    const label = random.chance(0.4) ? random.pick(line.labels) : official
    if (style.level === 'alias') return label
    const hint = guidance.get(line.code)
    if (hint !== undefined && random.chance(0.15)) return label.includes('（') ? label : `${label}（${hint}）`
    if (style.level === 'damaged' && random.chance(0.25)) return damage(label, random)
    return random.chance(0.6) ? retype(label, style.spaces, random) : label
  }
}

/** The label of one of the form's own headings (`第二十条第（一）项`) in another hand. */
export function retypeHeading(heading: string, style: LabelStyle, random: Random): string {
  if (style.level === 'official' || style.level === 'alias' || random.chance(0.5)) return heading
  return random.pick([narrowBrackets(heading), ...style.spaces.map((space) => heading.replace('条', `条${space}`))])
}

function retype(label: string, spaces: readonly string[], random: Random): string {
  const changes: ((text: string) => string)[] = [
    narrowBrackets,
    (text) => text.replace(/[‘’“”「」"']/g, ''),
    (text) => text.replaceAll('其他', '其它'),
    (text) => renumber(text, random),
    (text) => renumber(text, random),
    (text) => text.replace(numbering, '') || text,
  ]
  for (const space of spaces) {
    changes.push((text) => insert(text, random.integer(1, text.length), space))
    changes.push((text) => text.replace(numbering, (mark) => `${mark}${space}`))
  }
  const first = random.pick(changes)(label)
  return random.chance(0.3) ? random.pick(changes)(first) : first
}

function renumber(label: string, random: Random): string {
  return label.replace(/^(\d+)[.、．]/, (_, digits: string) =>
    random.pick([`${digits}、`, `${digits}．`, `${digits}. `, `（${digits}）`, `(${digits})`, `${digits}.`]),
  )
}

function narrowBrackets(text: string): string {
  return text.replaceAll('（', '(').replaceAll('）', ')').replaceAll('，', ',')
}

function insert(text: string, at: number, piece: string): string {
  return text.slice(0, at) + piece + text.slice(at)
}

/** One character lost or wrong, where the label without its number has at least five, so that it stays nearest to itself. */
function damage(label: string, random: Random): string {
  const mark = numbering.exec(label)?.[0] ?? ''
  const core = label.slice(mark.length)
  const places = [...core].flatMap((one, index) => (/\p{Script=Han}/u.test(one) ? [index] : []))
  if (places.length < 5) return label
  const at = random.pick(places)
  const wrong = random.chance(0.5) ? '' : random.pick([...'囗丨某乜昰冇卞'])
  return mark + core.slice(0, at) + wrong + core.slice(at + 1)
}
