/**
 * One line of text as the title of an annual report: takes the text, gives agency, year and the title itself, or null
 * where it is none. Word order and most words are free in life: year before or behind the agency, 工作 and 的 left out,
 * 政务 for 政府, a breadcrumb or a heading mark glued in front.
 */

import { unseen } from '../../parsers/unseen.ts'
import { simplified } from '../chinese.ts'

/** What a title says. Each part is null where it does not say it. */
export type TitleReading = {
  readonly agency: string | null
  readonly year: number | null
  /** The part of the text that is the title. */
  readonly title: string
}

/** Longer texts are no titles. */
export const titleCharactersMax = 90
/** Nor are texts shorter than 信息公开年报. */
const titleCharactersMin = 6

const year = '(?<year>(?:19|20)\\d{2}|[二两]?[〇○零Ｏ0一二三四五六七八九]{4})\\s*年?\\s*度?'
const period = '(?:1月1日(?:起|[-—至到~～])+(?:(?:19|20)\\d{2}年)?12月31日(?:止)?)?'
const subject = '(?:法定主动公开内容[:：]?)?(?:政府|政务|信息)(?:信息)?公开(?:工作)?(?:情况)?(?:的)?'
const report = '(?:年度)?(?:工作)?(?:年度)?(?:的)?(?:报告|年报)'
const summary = '(?:年度)?(?:工作)?(?:报告|年报|总结)'
const body = '(?<agency>[^,，。；;]{2,40}?)'

/** With a year, tried in this order; the last one only names the agency. */
const patterns = [
  `^\\s*${year}${period}(?<agency>[^,，。；;]{0,40}?)${subject}${report}(?<behind>[(（][^()（）]{2,30}[)）])?`,
  `^${body}(?:关于)?(?:的)?${year}${period}(?:的)?${subject}(?:${report}|${summary})`,
  `^(?<agency>[^,，。；;\\d]{2,40}?)${subject}${report}[(（]?${year}[)）]?`,
  `^(?<agency>[^,，。；;\\d]{2,40}?)${subject}年度报告`,
].map((pattern) => new RegExp(pattern))
const anyTitle = new RegExp(`${subject}(?:${report}|${summary})`)
/** A year before another one. */
const severalYears = /(?:20\d{2}|二[〇○零][〇○零一二三四五六七八九]{2})年?度?[-—–―~～至到、和与]+$/
/** What tells of a report in another shape, before its title. */
const retold =
  /^[[【(]?(?:图文?|文字|政策|视频)?(?:图解|解读|读懂)[\]】)]?[:：|]?|^[[【(]?一图(?:读懂|看懂|了解)[\]】)]?[:：|]?/
/** Texts that speak of such reports and are none: notices, rules, news. */
const about = /指南|制度|办法|通知|目录|规定|要点|方案|(?:做好|开展|报送|编报|填报|编制)/
const spaced = new RegExp(`[\\s${unseen}]+`, 'g')
const gap = `[\\s${unseen}]*`
const mentionsDisclosure = new RegExp(`公${gap}[开開]`)
const otherPage = /^(?:上|下)\s*一?\s*[篇条页个则]/

const reportWords = new RegExp(`[报報总總]${gap}[告结結]|年${gap}[报報]`)

/** True where a text has the word that ends every title, however spaced. */
export function mentionsReport(text: string): boolean {
  return reportWords.test(text)
}

/** The title that a text is, or begins with; null where it is none. */
export function readTitle(text: string): TitleReading | null {
  if (text.length < titleCharactersMin || text.length > titleCharactersMax * 2) return null
  // Most texts are told by this, which needs no copy of them.
  if (!mentionsReport(text) || !mentionsDisclosure.test(text) || otherPage.test(text.trim())) return null
  const printed = compact(text)
    .replace(/^(?:标题|標題|题名|題名|信息名称|名称):/, '')
    .replace(/^[^\p{L}\p{N}\ufffd]+/u, '')
  const plain = simplified(printed)
  if (!anyTitle.test(plain)) return null
  for (const pattern of patterns) {
    const match = pattern.exec(plain)
    if (match === null) continue
    const { agency = '', year: digits = null, behind = '' } = match.groups ?? {}
    // A name of which a character could not be read is no name.
    const lost = match[0].includes('\ufffd') || printed.slice(0, match.index).endsWith('\ufffd')
    const named = lost
      ? null
      : (cleanAgency(agency) ?? (agency.trim() === '' ? cleanAgency(behind.slice(1, -1)) : null))
    // 2023-2024年: which of them the report is of, the title does not say.
    const only = severalYears.test(agency) ? null : toYear(digits)
    return { agency: asPrinted(named, plain, printed), year: only, title: printed.slice(0, match[0].length) }
  }
  return null
}

/** Reads one line as a title; null where it is none. */
type ReadTitle = (text: string) => TitleReading | null

/** What knows titles: `read` those of every kind; `readOwn` those that forms word themselves, null where none does. */
export type TitleReader = { readonly read: ReadTitle; readonly readOwn: ReadTitle | null }

/** Longer than Chinese titles: other languages need more letters. */
const templateTitleCharactersMax = 200

/**
 * What reads titles as `readTitle` does, and those that forms word: `{agency} Annual Report {year}`. Case, white space
 * and the punctuation between words do not count in them.
 */
export function makeTitleReader(templates: readonly string[]): TitleReader {
  if (templates.length === 0) return { read: readTitle, readOwn: null }
  const expressions = templates.map(templateExpression)
  const readOwn: ReadTitle = (text) => {
    if (text.length > templateTitleCharactersMax) return null
    const plain = text.normalize('NFKC').replace(/\s+/g, ' ').trim()
    for (const expression of expressions) {
      const match = expression.exec(plain)
      if (match === null) continue
      const { agency = null, year: digits = null } = match.groups ?? {}
      return { agency: agency && cleanTemplateAgency(agency), year: toYear(digits), title: plain }
    }
    return null
  }
  return { read: (text) => readOwn(text) ?? readTitle(text), readOwn }
}

/** Every quantifier in it is bounded, and so is the text. */
function templateExpression(template: string): RegExp {
  const between = '[\\s_,:;.\\u2013\\u2014-]{0,6}'
  const parts = template
    .normalize('NFKC')
    .split(/(\{agency\}|\{year\}|[\s,:;.\u2013\u2014-]+)/)
    .filter((part) => part !== '')
  const source = parts.map((part) => {
    if (part === '{agency}') return '(?<agency>[^{}]{2,120}?)'
    if (part === '{year}') return '(?<year>(?:19|20)\\d{2})'
    return /^[\s,:;.\u2013\u2014-]+$/.test(part) ? between : part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  })
  return new RegExp(`^${source.join('')}[\\s.]{0,3}$`, 'iu')
}

/** Without the path that a page's title puts in front. */
function cleanTemplateAgency(text: string): string | null {
  const name = text
    .replace(/^.*[|»›>]/, '')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .trim()
  return /\p{L}/u.test(name) ? name : null
}

/** The name in the characters of the page. */
function asPrinted(name: string | null, plain: string, printed: string): string | null {
  const at = name === null ? -1 : plain.indexOf(name)
  return at < 0 ? name : printed.slice(at, at + name!.length)
}

/** True where the text is the title of such a report, whoever published it. */
export function isReportTitle(text: string): boolean {
  return text.length <= titleCharactersMax && anyTitle.test(simplified(compact(text))) && !isAboutReports(text)
}

/** True for a text that speaks about such reports, as notices and rules do. */
export function isAboutReports(text: string): boolean {
  return about.test(simplified(text))
}

/** A year in Arabic or Chinese digits, 1990 to 2099; null where it is none. */
export function toYear(text: string | null): number | null {
  if (text === null) return null
  const digits = [...text.replace(/[零○Ｏ]/g, '〇')].map((one) => {
    const value = '〇一二三四五六七八九'.indexOf(one)
    return value >= 0 ? String(value) : one
  })
  const value = Number(digits.join('').slice(0, 4))
  return value >= 1990 && value <= 2099 ? value : null
}

/** A text without white space, in one width. */
export function compact(text: string): string {
  return text.normalize('NFKC').replace(spaced, '')
}

const region = /^(?:[\p{Script=Han}]{1,8}?(?:省|自治区|市|自治州|州|盟|地区|区|县|旗|镇|乡))+$/u

/** True where the text is nothing but a region's name: 盐城市大丰区. */
export function isRegion(text: string): boolean {
  return text.length <= 20 && region.test(text)
}

/** The agency's name without what titles put around it; null where nothing is left that could be a name. */
function cleanAgency(text: string): string | null {
  const place = /(?:首页|位置|站点)/.test(text) ? /.*[>＞»|｜_/／:：→-]/ : /.*[>＞»|｜_/／→]/
  const name = text
    .replace(place, '')
    .replace(retold, '')
    .replace(severalYears, '')
    // A column's name that a page title puts in front: 江阴市人民政府政府信息公开年报江阴市商务局.
    .replace(/.*(?:年报|专栏|平台|门户网站|政府网站|报告)(?=.{3,})/, '')
    .replace(/^(?:关于|附件\d*[:：]?|转发)*(?:公布|发布|印发|公开|公示)?/, '')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .replace(/关于(?:公布|发布|印发)?$/, '')
    .replace(/(?:的|年|度|本级)+$/, '')
    .replace(/^[的年度]+/, '')
    .replace(/[^\p{L}\p{N})）]+$/u, '')
    // 人民政府信息公开: the words share 政府.
    .replace(/人民$/, '人民政府')
  if (name.split('(').length !== name.split(')').length) return null
  if (
    name.length < 2 ||
    !/\p{L}/u.test(name) ||
    /^(?:本|我|全|各|该|中华人民共和国$)/.test(name) ||
    isAboutReports(name)
  )
    return null
  if (/[XxＸ×*某]{2,}|[○〇]{2,}|_{2,}|[《》]|关于|(?:公布|发布)了?$/.test(name)) return null
  return /^(?:年度|工作|信息|政府$|政府信息|编制|根据|依据|现将|按照)|月\d+日/.test(name) ? null : name
}
