/**
 * A report before it becomes a file: title, prose with figures of its own, section titles and tables, in order. The
 * prose says nothing that contradicts the tables; its other figures and years are there to mislead a careless reader.
 */
import { layoutAnnex } from './annex.ts'
import { formOf, type PrintedCell, type Truth } from './figures.ts'
import { type Labeler, type LabelStyle, makeLabeler, retypeHeading } from './labels.ts'
import { type Layout, layoutTable, stack, widen, withHeading } from './layout.ts'
import type { Random } from './random.ts'

export type Part =
  | { readonly kind: 'title'; readonly lines: readonly string[] }
  | { readonly kind: 'section'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'table'; readonly layout: Layout }

export type ReportOptions = {
  readonly labels: LabelStyle
  /** Table 2 as one grid, as a grid for each of its blocks, or with value cells whose spans differ from row to row. */
  readonly table2: 'one' | 'several' | 'uneven'
  /** False where the heading lines over the blocks of table 2 are missing. */
  readonly headings?: boolean
}

/** The report's parts in printed order. */
export function composeReport(truth: Truth, options: ReportOptions, random: Random): Part[] {
  const form = formOf(truth.form)
  if (truth.form === 'ogi_2014') return composeAnnexed(truth, options, random)
  const parts: Part[] = [{ kind: 'title', lines: printTitle(truth, random) }]
  if (random.chance(0.7)) parts.push({ kind: 'paragraph', text: preamble(truth, random) })
  for (const section of form.definition.sections) {
    parts.push({
      kind: 'section',
      text: options.labels.level === 'official' ? section.titles[0]! : random.pick(section.titles),
    })
    if (section.number === 1) parts.push(...overview(truth, random).map(paragraph))
    if (section.number === 2) parts.push(...proactiveTables(truth, options, random))
    if (section.number === 3 || section.number === 4) {
      const table = form.tables.get(`t${section.number}`)!
      parts.push({ kind: 'table', layout: layoutTable(table, truth.cells, makeLabeler(options.labels, random)) })
    }
    if (section.number === 5) parts.push(...problems(truth, random).map(paragraph))
    if (section.number === 6) parts.push(...otherMatters(truth, random).map(paragraph))
  }
  return parts
}

/** A report of 2014 to 2018: chapters in words, and the table behind them. */
function composeAnnexed(truth: Truth, options: ReportOptions, random: Random): Part[] {
  const [table] = formOf(truth.form).definition.tables
  const label = makeLabeler(options.labels, random)
  const known = new Set(table!.rows.flatMap((row) => row.labels.map(labelKey)))
  // A lost character can make the label of another row: 不同意公开答复数. Then nobody could read it.
  const safe: Labeler = (line) => {
    const text = label(line)
    return known.has(labelKey(text)) && !line.labels.some((one) => labelKey(one) === labelKey(text))
      ? line.labels[0]!
      : text
  }
  return [
    { kind: 'title', lines: printTitle(truth, random) },
    { kind: 'paragraph', text: preamble(truth, random) },
    { kind: 'section', text: '一、概述' },
    ...overview(truth, random).map(paragraph),
    { kind: 'section', text: random.pick(['附表：', '附件：', '']) + table!.title.zh },
    { kind: 'table', layout: layoutAnnex(table!, truth.cells, safe, random) },
  ]
}

/** Labels compared without what printing adds to them. */
function labelKey(text: string): string {
  return text.replace(/^(?:其中：|[一二三四五六七八九]、|（[一二三四]）|\d\.)+/, '').replace(/[^\p{Script=Han}]/gu, '')
}

function paragraph(text: string): Part {
  return { kind: 'paragraph', text }
}

function proactiveTables(truth: Truth, options: ReportOptions, random: Random): Part[] {
  const label = makeLabeler(options.labels, random)
  const tables = formOf(truth.form).definition.tables.filter((table) => table.section === 2)
  const layouts = tables.map((table) => layoutTable(table, truth.cells, label))
  const uneven = options.table2 === 'uneven'
  const width = Math.max(...layouts.map((layout) => layout.columnCount)) + (uneven ? 1 : 0)
  const headed = layouts.map((layout, index) => {
    const heading = retypeHeading(tables[index]!.headings[0]!, options.labels, random)
    const wide = widen(layout, width, uneven ? random : null)
    return options.headings === false ? wide : withHeading(wide, heading)
  })
  if (options.table2 !== 'several') return [{ kind: 'table', layout: stack(headed) }]
  return headed.map((layout) => ({ kind: 'table', layout }))
}

function printTitle(truth: Truth, random: Random): string[] {
  const { agency, year } = truth
  const subject = random.pick([
    '政府信息公开工作年度报告',
    '政府信息公开工作年度报告',
    '政府信息公开年度报告',
    '政府信息公开工作的年度报告',
    '政府信息公开工作年报',
  ])
  return random.pick([
    [`${agency}${year}年${subject}`],
    [`${agency}${year}年${subject}`],
    [`${agency}${year}年度${subject}`],
    [`${year}年${agency}${subject}`],
    [`${year}年度${agency}${subject}`],
    [agency, `${year}年${subject}`],
    [`${agency}${year}年`, subject],
  ])
}

function preamble(truth: Truth, random: Random): string {
  const { agency, year } = truth
  const period = random.pick([
    `自${year}年1月1日起至${year}年12月31日止`,
    `为${year}年1月1日至${year}年12月31日`,
    `从${year}年1月1日起，到${year}年12月31日止`,
  ])
  const notice = {
    ogi_2021: '国办公开办函〔2021〕30号',
    ogi_2019: '国办公开办函〔2019〕60号',
    ogi_2014: '国办发〔2014〕32号',
  }[truth.form]
  const contact = random.chance(0.5)
    ? `如对本报告有疑问，请与${agency}联系（地址：文化路${random.integer(1, 300)}号；邮编：23${random.integer(1000, 9999)}；电话：0551-${random.integer(2000000, 8999999)}）。`
    : ''
  return `根据《中华人民共和国政府信息公开条例》（国务院令第711号）和《中华人民共和国政府信息公开工作年度报告格式》（${notice}）要求，编制本报告。本报告所列数据的统计期限${period}。${contact}`
}

function overview(truth: Truth, random: Random): string[] {
  const { year } = truth
  // The form of 2014 counts in its table what its text states.
  const disclosed = truth.cells.get('t1.proactive_total.value')?.value ?? random.integer(20, 20000)
  const pieces = [
    `${year}年，我们坚持以公开为常态、不公开为例外，认真贯彻落实《中华人民共和国政府信息公开条例》，政府信息公开工作取得新成效。`,
    `（一）主动公开情况。全年主动公开政府信息${disclosed}条，其中概况类信息${random.integer(1, 90)}条、政务动态${random.integer(10, 999)}条，同比增长${random.integer(1, 60)}.${random.integer(1, 9)}%。发布政策解读${random.integer(2, 180)}篇，12345热线受理群众诉求${random.integer(100, 99999)}件，办结率99.${random.integer(0, 9)}%。`,
    `（二）依申请公开情况。${requestsInProse(truth, random)}`,
    `（三）政府信息管理情况。坚持“先审查、后公开”，对${year - 1}年以前的${random.integer(10, 400)}份文件开展清理。`,
    `（四）政府信息公开平台建设情况。微信公众号推送信息${random.integer(10, 3000)}条，总阅读量${random.integer(1, 90)}.${random.integer(1, 9)}万次。`,
    `（五）监督保障情况。组织业务培训${random.integer(1, 12)}次，参加${random.integer(10, 600)}人次；开展季度通报4次。`,
  ]
  return random.chance(0.3) ? [pieces.join('')] : pieces
}

/** Sentences about requests that agree with what table 3 prints. */
function requestsInProse(truth: Truth, random: Random): string {
  const printed = (code: string): PrintedCell | undefined => truth.cells.get(code)
  const total = (row: string): number | null => printed(`t3.${row}.total`)?.value ?? null
  const received = printed('t1.requests_received.value')?.value ?? total('new_received')
  const said: string[] = []
  if (received !== null && received > 0 && random.chance(0.5)) said.push(`本年度共收到政府信息公开申请${received}件。`)
  const forward = total('carried_forward')
  if (forward !== null && forward > 0 && random.chance(0.4)) said.push(`结转下年度继续办理${forward}件。`)
  const none = [...truth.cells]
    .filter(([code]) => code.startsWith('t3.') || code === 't1.requests_received.value')
    .every(([, cell]) => cell.value === 0 || cell.value === null)
  if (none && random.chance(0.5)) said.push('本年度未收到政府信息公开申请。')
  return `严格按照时限要求规范办理。${said.join('')}`
}

function problems(truth: Truth, random: Random): string[] {
  const next = truth.year + 1
  return [
    '存在的主要问题：一是公开意识还不够强；二是公开内容的质量有待提高；三是专业力量不足。',
    `改进情况：${next}年，将重点抓好以下${random.integer(2, 4)}个方面：一是加大公开力度；二是丰富公开形式；三是加强业务培训，全年培训不少于${random.integer(2, 6)}次。`,
  ]
}

function otherMatters(truth: Truth, random: Random): string[] {
  const fee = random.pick([
    `${truth.year}年，未收取信息处理费。`,
    `根据《政府信息公开信息处理费管理办法》（国办函〔2020〕109号），本年度没有发出收费通知，未收取信息处理费。`,
    '本年度，未发生政府信息公开申请收费情况，信息处理费为0元。',
  ])
  const more = `${truth.year}年办理人大代表建议${random.integer(1, 40)}件、政协提案${random.integer(1, 60)}件，办结率100%。`
  return random.chance(0.5) ? [fee, more] : [fee]
}
