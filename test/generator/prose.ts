/**
 * Reports of nothing but prose, made from the templates: what each sentence states of the report itself is known, so
 * that what is read can be counted as right, wrong or missed. The writer knows the templates and nothing of the reader.
 */
import type { Document, Paragraph } from '../../parsers/document.ts'
import { isHeldOut, lots, type ProseTemplate, type TemplateGroup } from './prose-templates.ts'
import type { Random } from './random.ts'

/** A figure or flag that the prose states of the report itself. */
export type StatedTruth = { readonly field: string; readonly value: number | null; readonly sentence: string }

export type ProseReport = {
  readonly agency: string
  readonly year: number
  readonly document: Document
  readonly stated: readonly StatedTruth[]
}

type Writer = {
  readonly random: Random
  readonly year: number
  readonly agency: string
  readonly selves: readonly string[]
  /** What a government calls itself where it is told from its parts; null for an agency without such parts. */
  readonly own: string | null
  readonly others: readonly string[]
}

const governments = ['清河区', '永宁县', '石原市']
const bureaus = ['财政局', '住房和城乡建设局', '卫生健康委员会', '市场监督管理局']

function makeWriter(random: Random): Writer {
  const place = random.pick(governments)
  const kind = place.at(-1)!
  const year = random.integer(2019, 2024)
  if (random.chance(0.5)) {
    const selves = [`全${kind}`, `我${kind}`, `${kind}政府`, place, `全${kind}共`, '']
    const others = [
      `${kind}教育局`,
      '各镇街',
      `${kind}直各部门`,
      `${place}公安局`,
      '各乡镇',
      `${kind}住建局`,
      '各有关部门',
    ]
    return { random, year, agency: `${place}人民政府`, selves, own: `${kind}政府`, others }
  }
  const bureau = random.pick(bureaus)
  const short = { 财政局: '财政局', 住房和城乡建设局: '住建局', 卫生健康委员会: '卫健委', 市场监督管理局: '市监局' }[
    bureau
  ]!
  const me = bureau.at(-1) === '会' ? '我委' : '我局'
  const selves = [me, '本机关', `${kind}${short}`, `${place}${bureau}`, '']
  const others = [`${kind}教育局`, '局属各单位', '下属事业单位', `${kind}公安局`, '各镇街', `全${kind}各部门`]
  return { random, year, agency: `${place}${bureau}`, selves, own: null, others }
}

const attributes = [
  '',
  '',
  '',
  '公民、法人和其他组织提出的',
  '公民、法人或者其他组织提交的各类',
  '申请人提交的',
  '社会公众提出的有关',
  '通过信函、网络等渠道提交的',
  '自然人、法人及其他组织通过邮寄、网络、当面等方式提交的',
  '各类',
]

const chineseDigits = '零一二三四五六七八九'

/** The number in Chinese numerals, up to 9999. */
export function inChinese(value: number): string {
  if (value === 0) return '零'
  let text = ''
  let gap = false
  for (const [place, power] of [1000, 100, 10, 1].entries()) {
    const digit = Math.floor(value / power) % 10
    if (digit === 0) {
      gap = text !== ''
      continue
    }
    const teen = power === 10 && digit === 1 && text === ''
    text += (gap ? '零' : '') + (teen ? '' : chineseDigits[digit]!) + ['千', '百', '十', ''][place]!
    gap = false
  }
  return text
}

function inFullWidth(text: string): string {
  return text.replace(/\d/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))
}

/** The number as some report prints it. */
function printed({ random }: Writer, value: number): string {
  const style = random.integer(1, 20)
  if (style <= 2 && value < 10_000) return inChinese(value)
  if (style === 3) return inFullWidth(String(value))
  if (style === 4) return ` ${value} `
  if (style <= 8 && value >= 1000) return String(value).replace(/(\d)(\d{3})$/, `$1${random.pick([',', '，'])}$2`)
  return String(value)
}

function amount({ random }: Writer, large: boolean): number {
  const size = random.integer(1, 10)
  if (large) return random.integer(100, 20_000)
  return size === 1 ? 0 : size < 8 ? random.integer(1, 120) : random.integer(121, 3_500)
}

const share = ['12.5%', '51.85%', '100%', '百分之三十', '8.3％']

/** One sentence of a template, and what it states of the report itself. */
function write(writer: Writer, template: ProseTemplate): { text: string; stated: StatedTruth[] } {
  const { random, year } = writer
  const stated: { field: string; value: number | null }[] = []
  let text = template.text
  for (let turn = 0; turn < 4 && text.includes('['); turn++) {
    text = text.replace(/\[([^[\]]*)\]/g, (_, options: string) => random.pick(options.split('|')))
  }
  text = text.replace(/\{([a-zA-Z_0-9+-]+)\}/g, (_, slot: string) => {
    if (slot === 'Y') return random.pick([`${year}年`, `${year}年度`, `${year}年`, `${year}年，`, '本年度', '全年'])
    const earlier = /^Y-(\d)$/.exec(slot)
    if (earlier !== null) return `${year - Number(earlier[1])}年`
    if (slot === 'year') return String(year)
    if (slot === 'who') return random.pick(writer.selves)
    if (slot === 'own') return writer.own!
    if (slot === 'other') return other(writer)
    if (slot === 'attr') return random.pick(attributes)
    if (slot === 'sent') return random.pick(['', '依法', '已', '共'])
    if (slot === 'pct') return random.pick(share)
    if (slot === 'x') return printed(writer, amount(writer, false))
    const field = slot === 'info_fee_wan' ? 'info_fee_yuan' : slot === 'proactive_wan' ? 'proactive_total' : slot
    if (slot.endsWith('_wan')) {
      const tenths = random.integer(11, 99)
      stated.push({ field, value: tenths * 1000 })
      return String(tenths / 10)
    }
    const both = /^(\w+)\+(\w+)$/.exec(field)
    if (both !== null) {
      const value = amount(writer, false)
      stated.push({ field: both[1]!, value }, { field: both[2]!, value })
      return printed(writer, value)
    }
    const value = amount(writer, field === 'proactive_total' || field === 'info_fee_yuan')
    stated.push({ field: field.replace(/\d$/, ''), value })
    return printed(writer, value)
  })
  // 全年全年, 2023年，，: what two choices side by side make of each other.
  text = text
    .replace(/，，/g, '，')
    .replace(/全年(全年|本年度|\d{4}年度?)/g, '$1')
    .replace(/共共/g, '共')
  for (const flag of template.flags ?? []) stated.push({ field: flag, value: null })
  return { text, stated: stated.map((one) => ({ ...one, sentence: text })) }
}

function other({ random, others }: Writer): string {
  return random.pick(others)
}

const headings: Readonly<Record<TemplateGroup, string>> = {
  proactive: '（一）主动公开情况',
  requests: '（二）依申请公开情况',
  results: '（三）政府信息公开申请办理情况',
  disputes: '（四）行政复议和行政诉讼情况',
  noise: '（五）监督保障情况',
  fees: '六、其他需要报告的事项',
}

/** The templates of a group on one side of the line between tuned and held back, with their places. */
export function templatesOf(lot: number, group: TemplateGroup, heldOut: boolean): readonly ProseTemplate[] {
  const all: readonly ProseTemplate[] = lots[lot]![group]
  return all.filter((_, place) => isHeldOut(place) === heldOut)
}

/** A report of sentences all tuned on, or all held back. */
export function makeProse(random: Random, lot: number, heldOut: boolean): ProseReport {
  const writer = makeWriter(random)
  const stated: StatedTruth[] = []
  const texts: string[] = [`${writer.agency}${writer.year}年政府信息公开工作年度报告`, '一、总体情况']
  const groups: readonly TemplateGroup[] = ['proactive', 'requests', 'results', 'disputes', 'noise', 'fees']
  for (const group of groups) {
    const fit = templatesOf(lot, group, heldOut).filter(({ text }) => writer.own !== null || !text.includes('{own}'))
    const others = templatesOf(lot, 'noise', heldOut)
    const run = random.chance(0.4)
    let paragraph = ''
    texts.push(headings[group])
    for (let count = random.integer(2, 4); count > 0; count--) {
      const sentence = write(writer, random.pick(random.chance(0.2) ? others : fit))
      stated.push(...sentence.stated)
      if (run) paragraph += sentence.text
      else texts.push(sentence.text)
    }
    if (run) texts.push(paragraph)
  }
  return { agency: writer.agency, year: writer.year, document: documentOf(texts), stated }
}

/** Paragraphs as a document. */
export function documentOf(texts: readonly string[]): Document {
  const blocks = texts.map((text, index): Paragraph => {
    const anchor = { path: `line[${index + 1}]`, page: null, box: null }
    return { kind: 'paragraph', text, heading: null, anchor }
  })
  return {
    format: 'text',
    mediaType: 'text/plain',
    engine: 'test',
    encoding: 'utf-8',
    title: null,
    metadata: [],
    blocks,
    notices: [],
  }
}
