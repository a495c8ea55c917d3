/**
 * Whether a figure of a sentence is the report's own for its year: takes the sentence and the place of a statement in it,
 * gives why it is another's, or null. Reports also tell what other bodies did, other years, parts of the whole, running
 * totals, plans. What is in doubt is another's: a missed comparison costs little, a false alarm trust.
 */
import type { OtherReason, StatementDefinition } from '../model.ts'
import { figureMark } from './phrases.ts'

/** Where a statement stands in its sentence. */
export type Saying = {
  /** The sentence up to this part of it: the parts before its semicolon, what stands before a bracket. */
  readonly before: string
  /** This part of the sentence, figures as marks. */
  readonly text: string
  /** Where the statement begins and ends in `text`, and where its figure stands (its end, where it has none). */
  readonly start: number
  readonly end: number
  readonly figure: number
  /** What its gaps go over. */
  readonly gaps: readonly string[]
  /** True where nothing of the statement stands behind its figure. */
  readonly endsInFigure: boolean
}

/** Whose report it is, as far as it is known. */
export type About = { readonly agency: string | null; readonly year: number | null }

const stops = /[，；。：！？]/
const comparison = new RegExp(
  `同比|环比|相比|(?:较|比|与|同)(?:本年|上年|去年|前年|上一年|往年|同期|\\d{4}年)|同期|增加|增多|增长|增幅|减少|下降|降低|上升|回落|净增|[多少]${figureMark}?$`,
)
const plan = /计划|拟[定于将]|预计|力争|争取|目标|如果|^若|假如|应当|应自|不得|可以|凡是|标准|上限|不超过/
const delegated =
  /代表|代为|代办|代[^表，]{0,8}(?:受理|办理|答复|收到|公开)|协助|协查|协办|指导|督办|督促|转办|转来|交办|会办|备案/
/** Words of time, the last of which holds: the report's own year, a part of it, another, several. */
const times = new RegExp(
  [
    '(?<own>本年度?|全年度?|今年|年内|当年|一年来|报告期内?)',
    '(?<period>上半年|下半年|[第前]?[一二三四]季度|(?:\\d{1,2}|[一二三四五六七八九十]{1,3})月份?|每[年月季周日天]|[月日周年]均|平均|当[日月天])',
    '(?<rolling>以来|历年|历史|自[^，]{0,24}(?:起|后)|近[一二三四五六七八九十两几\\d]{1,2}年|[二三四五六七八九十两几\\d]{1,2}年(?:来|间|内)|开通|(?:\\d{4}|上|本)年?[-—–~至到](?:\\d{4}|本)年|十[一二三四]五)',
    '(?<year>上一?年度?|去年度?|前年度?|往年|同期|明年|\\d{4}年度?)',
  ].join('|'),
  'g',
)
const part = /其中|包括|包含|^含|，含|分别/
/** Ways by which requests come in and information goes out. One of them is a part; several are the whole. */
const channels: readonly RegExp[] = [
  /网络|网上|在线|互联网|线上|网站|门户|平台|网页/,
  /信函|邮寄|信件|来信|邮政|挂号/,
  /电子邮[件箱]|邮箱/,
  /传真/,
  /书面|纸质/,
  /当面|现场|窗口|来访|来人|上门/,
  /微博/,
  /微信|公众号/,
  /公报/,
  /报刊|报纸|杂志|期刊/,
  /电视|广播/,
  /电话|热线/,
  /公[示告]栏|查阅点|显示屏/,
  /新媒体|客户端|抖音/,
]
const applicants: readonly RegExp[] = [/公民|自然人|个人/, /法人|企业|公司/, /组织|机构|律师|媒体/]
const topic =
  /涉及(?!政府信息|信息公开|依申请|因)|领域|重点|从[^，]{1,14}看|(?<!各|信息公开|申请|分|同)类(?=的|政府|信息|申请|行政)|方面的(?=申请|信息|政府)/
const manyBodies =
  /各(?:级|地|部门|单位|镇|乡|街|区|县|市|科|处|有关|相关|直属|片区|园区|机关)|所属|下属|下级|直属|区直|市直|县直|省直|系统|部门|乡镇|镇街|街镇|村居|社区|公安机关|税务机关|司法机关|上级|本级/
const ownWhole = /^全(?:局|委|办|院|厅|镇|乡|街道|街|会|所|中心|馆|校)/
/** The whole of an area, and an area by its name and nothing else. */
const wholeArea = /[全我本]([省市区县州盟旗镇乡])/
const placeName = /^(?:[\u4e00-\u9fff]{1,10}?)([省市区县州盟旗])$/
/** Whose report speaks of the whole area: a government, its office, or one named by its area alone. */
const government = /人民政府|管委会|管理委员会|政府办公[室厅]|[省市区县州盟旗镇乡]$/
const bodyName =
  /[\u4e00-\u9fff]{0,16}?(?:人民政府|政府(?!信息|网|门户|公报|文件|采购|投资|规章|工作|职能|公开|依)|管委会|管理委员会|街道办事处|街道办?|委员会|办公[室厅]|府办|政务办|[发卫文教经民住建]{1,2}委|(?<![布格结邮])局|厅|[镇乡](?![村街镇])|公司|医院|学校|支队|大队|法院|检察院|单位|机关)/g
const timeOrFiller =
  /本年度?|全年度?|今年|年内|当年|上年度?|去年|\d{4}年度?|截至|据统计|经统计|期间|共计?|由|经|在|由于|累计|一共|总共|依法|按时|[《》“”]/g

/** Why the figure is not the report's own; null where it is. */
export function otherReason(
  saying: Saying,
  asked: Pick<StatementDefinition, 'between' | 'apart' | 'whole' | 'acrossYears'>,
  about: About,
): OtherReason | null {
  const { before, text, start, figure, gaps } = saying
  const sentence = before + text.slice(0, figure)
  const clauseStart = lastStop(text, start) + 1
  const leadStart = Math.max(clauseStart, text.lastIndexOf(figureMark, start - 1) + 1)
  const lead = text.slice(leadStart, figure)
  const head = text.slice(clauseStart, start)
  if (delegated.test(head) || gaps.some((gap) => delegated.test(gap))) return 'body'
  if (bodyBefore(before + text.slice(0, clauseStart), head, about) === 'other') return 'body'
  if (comparison.test(lead)) return 'comparison'
  if (plan.test(text.slice(clauseStart, figure))) return 'plan'
  if (!asked.acrossYears) {
    const time = timeOf(sentence, about)
    if (time !== null && time !== 'own') return time
    if (lead.includes('累计') && time !== 'own') return 'rolling'
  }
  if (asked.whole && part.test(sinceSemicolon(sentence))) return 'part'
  if (isOneOf(previousWay(text, clauseStart) + lead)) return 'part'
  if (topic.test(lead) || topic.test(head) || isOfTopic(text.slice(0, clauseStart))) return 'part'
  if (isOfAll(text, clauseStart, saying.end)) return 'qualified'
  if (asked.apart.some((word) => sinceSemicolon(sentence).includes(word))) return 'qualified'
  if (asked.between.length > 0 && !isLedIn(text.slice(leadStart, start), asked.between)) return 'qualified'
  if (!isFilledWith(saying, asked.between)) return 'qualified'
  return null
}

/** True where a clause before counts what is about some matter: 涉及征地的申请12件，予以公开3件. */
function isOfTopic(before: string): boolean {
  return before.split(/[，：]/).some((clause) => clause.includes(figureMark) && topic.test(clause))
}

/** What the reports are about. */
const matter = '信息公开'
const amongThem = new RegExp(`^[^；。！？]*?(?:其中|含|包括)[^，；。！？]*${matter}[^，；。！？]*?${figureMark}`)

/** True where a figure counts more than the report is about: 收到行政复议申请85件，其中涉及政府信息公开12件. */
function isOfAll(text: string, clauseStart: number, end: number): boolean {
  return !text.slice(clauseStart, end).includes(matter) && amongThem.test(text.slice(end))
}

function lastStop(text: string, end: number): number {
  for (let index = end - 1; index >= 0; index--) if (stops.test(text[index]!)) return index
  return -1
}

/** What was said since the last semicolon: 其中 holds no longer than that. */
function sinceSemicolon(sentence: string): string {
  return sentence.slice(sentence.lastIndexOf('；') + 1)
}

/** The clause before, where it tells by what way and states nothing itself: 通过门户网站，主动公开… */
function previousWay(text: string, clauseStart: number): string {
  if (clauseStart < 2) return ''
  const clause = text.slice(lastStop(text, clauseStart - 1) + 1, clauseStart - 1)
  return /^(?:通过|经|从|以|在|利用|依托)/.test(clause) && !clause.includes(figureMark) && clause.length <= 40
    ? clause
    : ''
}

/** True where one way, or one kind of applicant, is named and not several. */
function isOneOf(words: string): boolean {
  const ways = channels.filter((channel) => channel.test(words)).length
  const several =
    (ways > 1 && /[、和或及与]/.test(words)) ||
    /等(?:多种|各种|各类|多个)?(?:方式|渠道|途径|形式|平台|载体|媒体|媒介)|多种|各种|多渠道/.test(words)
  if (ways > 0 && !several) return true
  const kinds = applicants.filter((kind) => kind.test(words)).length
  return kinds === 1 && !/公民|个人|等/.test(words)
}

function timeOf(sentence: string, { year }: About): 'own' | OtherReason | null {
  let time: 'own' | OtherReason | null = null
  for (const match of sentence.matchAll(times)) {
    const { own, period, rolling } = match.groups!
    const behind = sentence.slice(match.index + match[0].length, match.index + match[0].length + 8)
    const ahead = sentence.slice(Math.max(0, match.index - 1), match.index)
    if (own !== undefined) time = 'own'
    else if (period !== undefined) time = 'period'
    else if (rolling !== undefined) time = 'rolling'
    // 较上年, 上年结转: said of another year for this one's sake.
    else if (/[较比与同和]/.test(ahead) || /^(?:同期)?(?:相比|持平)|^[^，]{0,4}结转/.test(behind)) continue
    // Without knowing the report's year, a year that is named may be it.
    else if (year === null && /^\d{4}/.test(match[0])) continue
    else time = 'year'
  }
  return time
}

/** True where the report is of a government, and of this level: in a city's report 全省 is another's. */
function isOwnArea(level: string, agency: string | null): boolean {
  if (agency === null) return true
  const own = agency.match(/[省市区县州盟旗镇乡]/g)?.at(-1)
  return government.test(agency) && own === level
}

type Body = 'own' | 'other' | null

/** Whose doings the sentence tells at this place: the last body that was named as a subject. */
function bodyBefore(before: string, head: string, about: About): Body {
  let body: Body = null
  for (const clause of before.split(/[，；。：！？（）]/)) {
    const states = clause.includes(figureMark)
    const subject = states ? clause.slice(0, clause.indexOf(figureMark)) : clause
    const told = bodyIn(subject, about)
    // A clause that states nothing may speak of others on the way; it makes them the subject only where it is short.
    if (told === null || (told === 'other' && !states && clause.replace(timeOrFiller, '').length > 8)) continue
    body = told
  }
  return bodyIn(head, about) ?? body
}

function bodyIn(subject: string, { agency }: About): Body {
  const text = subject.replace(timeOrFiller, '')
  if (/(?:我|本)(?:局|厅|委|办|院|所|会|街|机关|单位|中心|部门|级?政府|馆)/.test(text)) {
    return /及(?:其)?(?:各|所属|下属)|本级/.test(text) ? 'other' : 'own'
  }
  if (manyBodies.test(text)) return 'other'
  if (ownWhole.test(text)) return 'own'
  const area = wholeArea.exec(text) ?? placeName.exec(text)
  if (area !== null) return isOwnArea(area[1]!, agency) ? 'own' : 'other'
  let body: Body = null
  for (const [name] of text.matchAll(bodyName)) body = isOwnName(name, agency) ? 'own' : 'other'
  return body
}

/** A place as names of agencies begin with it: 宿城区王官集镇人民政府 lies in 王官集镇. */
const placeInName = /(?!城[乡市镇]|乡[村镇])[^和与及省市区县州盟旗镇乡]{1,10}(?:[省市州盟旗镇乡]|[区县](?!域))/y
const placeLevel = /[省市区县州盟旗镇乡]/

/** 区住建局 is 清河区住房和城乡建设局: all its characters, in order; 清河区政府 is no town's government within it. */
export function isOwnName(name: string, agency: string | null): boolean {
  const bare = name.replace(/^(?:和|及|与|对|向|以|按|因|被)+/, '')
  if (/^(?:各|该|有关|相关|行政)?(?:机关|单位)$/.test(bare)) return true
  if (agency === null) return false
  const [from, to] = innermostPlace(agency)
  let at = 0
  let namesPlace = !placeLevel.test(bare)
  for (const [index, one] of [...agency].entries()) {
    if (one !== bare[at]) continue
    at++
    namesPlace ||= index >= from && index < to
  }
  return at === bare.length && (namesPlace || from === 0)
}

/** Where the last of the places stands that an agency's name begins with; at the start where there is one at most. */
function innermostPlace(agency: string): readonly [number, number] {
  let [from, to] = [0, 0]
  for (;;) {
    placeInName.lastIndex = to
    const match = placeInName.exec(agency)
    if (match === null) return [from, to]
    ;[from, to] = [to, placeInName.lastIndex]
  }
}

/** True where a text speaks of the whole of an area that is not the report's: 全区 in the report of a town. */
export function isWholeOfOthers(text: string, agency: string | null): boolean {
  const level = /^全([省市区县州盟旗镇乡])/.exec(text)?.[1]
  return level !== undefined && agency !== null && government.test(agency) && !isOwnArea(level, agency)
}

/** What may stand right before a statement besides the words of its definition: adverbs, and what bodies are called. */
const leadsIn =
  /(?:^|[共已并均又还也另再仅只后全累计总新的各年度月底止内间来中以则含除有])$|(?:依法|按时|按期|及时|妥善|规范|分别|主动|直接|实际|合计|登记|依规|统一|正式|成功|一共|总共|共有|其中|其中[，：]?|先后|期间|办理|原因|等|所|我|本)$|(?:[局委办厅镇乡街道院会所处室队站社区县市省州旗盟]|政府|机关|单位|部门|中心|公司|系统|学校|医院)$/
const joins = /[和或及与、]$/

/**
 * True where what stands right before the statement leads to it: 其他应主动公开 is not 主动公开, and 同意公开 behind
 * 主动公开和 is the half of something.
 */
function isLedIn(lead: string, between: readonly string[]): boolean {
  const words = lead.replace(/^[\u4e00-\u9fff]{0,2}、/, '').replace(/[《》“”\s]/g, '')
  if (words === '') return true
  if (joins.test(words)) return false
  return leadsIn.test(words) || between.some((word) => words.endsWith(word))
}

/** True where gaps, and what follows the figure, hold nothing but words that change nothing. */
function isFilledWith({ text, end, gaps, endsInFigure }: Saying, between: readonly string[]): boolean {
  if (between.length === 0) return true
  const tail = endsInFigure ? text.slice(end, nextStop(text, end)) : ''
  const tailFine =
    /^(?:(?:和|及|以及|且|也)?未|以及|较|比|同比|环比|与|均|全部|已|并|占|约占|办结|答复|其中|含|包括|左右|以上|（)/.test(
      tail,
    ) || isMadeOf(tail, between)
  return tailFine && gaps.every((gap) => isMadeOf(gap, between))
}

function nextStop(text: string, from: number): number {
  for (let index = from; index < text.length; index++) {
    if (stops.test(text[index]!) || text[index] === '、' || text[index] === '）' || text[index] === '\n') return index
    if (text[index] === figureMark) return index
  }
  return text.length
}

/** True where a text is words of the list one after another. */
export function isMadeOf(text: string, words: readonly string[]): boolean {
  const reached = new Uint8Array(text.length + 1)
  reached[0] = 1
  for (let at = 0; at < text.length; at++) {
    if (reached[at] === 0) continue
    for (const word of words) if (text.startsWith(word, at)) reached[at + word.length] = 1
  }
  return reached[text.length] === 1
}
