/**
 * What a short text says of the tables behind it: takes the text and whose report of which year it is, gives whether it names
 * the report's own year or body, or another.
 */
import type { Identity } from '../model.ts'
import { chineseNumber } from './numerals.ts'
import { isOwnName, isWholeOfOthers } from './whose.ts'

/** The report's own, another's, or nothing said of it. */
export type Whose = 'own' | 'other' | null

/** What a short text says of the tables behind it. */
export type Caption = {
  readonly time: Whose
  readonly body: Whose
  /** True for the heading of a part of a form. */
  readonly chapter: boolean
  /** True for the title of a report. */
  readonly titled: boolean
  /** True where the text has a number of its own. */
  readonly numbered: boolean
  /** True where only its place can tell it from a letterhead or a note: a name and nothing else, 样表. */
  readonly bare: boolean
  /** True for the title of another report: with tables of both there are several reports. */
  readonly reported: boolean
}

/** Longer texts are no captions. */
export const captionCharactersMax = 40

const numberOfPart = /^[一二三四五六七八九十]{1,3}[、.]/
const enumerator =
  /^(?:[一二三四五六七八九十]{1,3}[、.]|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[、.](?!\d)|表\d{0,2}[:：]?)/
/** What says of a table that it is an annex, a subordinate body's, or by whom it was filled in. */
const annex =
  /^(?:附(?:件|表|录)?[一二三四五六七八九十\d]{0,2}[:：]|附(?:件|表|录)(?:[一二三四五六七八九十]{1,2}|\d{1,2}(?!\d))?(?=.)|附(?=20\d{2}年|[上去]年)|(?:下属|所属|直属|下级|二级)(?:单位|部门|机构|机关)[:：])+/
const filledInBy =
  /^(?:(?:填报|填表|报送|上报|编制|制表)(?:单位|部门|机构|机关)|(?:单位|部门|机构|机关)(?:名称)?)(?:\((?:盖章|公章)\))?[:：]/
/** When it was filled in, in whatever year that is: 填报日期：2024年1月15日. */
const filledInOn =
  /(?:(?:填报|填表|填写|报送|上报|编制|制表)(?:日期|时间)|(?<!统计)日期)[:：]?20\d{2}(?:年\d{1,2}月(?:\d{1,2}日)?|[-./]\d{1,2}[-./]\d{1,2})(?![\d日]|起?[-—–―~至到])/g
const yearNamed = /(20\d{2})年(?:度|全年)?/g
const yearInWords = /二[〇○零][〇○零一二三四五六七八九]{2}(?=年)/g
const otherYear =
  /^(?:上一?年|去年|前年|上一?年度)(?:度|全年|同期)?(?=$|的|情况|统计|数据|政府|信息|主动|收到|行政|因|有关|相关|主要|对比|\()/
const ownYear = /^(?:本年|今年|当年)(?:度)?/
/** A part of a year: 第一季度, 上半年, 1-6月. */
const partOfYear =
  /(?:第?[一二三四1-4]季度|[上下]半年|(?!1月?[-—–―~至到]+12月)\d{1,2}月?[-—–―~至到]+\d{1,2}月份?|\d{1,2}月份)(?!\d)/
const span =
  /^(?:.{0,6}(?:时间|期限|周期|期间|范围)[:为]?)?自?(20\d{2})年(\d{1,2})月(?:\d{1,2}日)?起?[-—–―~至到]+(?:(20\d{2})年)?(\d{1,2})月(?:(?:\d{1,2}日)?止?)$/
/** What is filled in to show how, and what was not yet settled. */
const specimen = /^(?:填[报写表])?(?:示例|样例|范例|样本|样表)$|\((?:示例|样例|范例|样表)\)$|^征求意见稿$/
/** What a sentence has and no caption. */
const stop = /[,，。;；!！?？]/
/** A sentence that points to the table below: 以下为2022年度的数据。 */
const pointing = /^\s*(?:以下|下表|下列|如下)(?:为|是|系)?\s*([^,，。;；!！?？]{1,40})[。:：]?\s*$/
/** What a caption adds to say so: …数据如下：, …，供对比参考：. */
const addition = /(?:[,，]\s*(?:以?供)?(?:对比|比较)?参考)?(?:见?如下|见下表|如下表)?\s*[:：]?\s*$/
/** The same for words, and for those of a comparison. */
const sentence = /[,。;!?]|同比|相比|[较比与同]上?年|以来|至20\d{2}|-20\d{2}|上一?[篇条页]|下一?[篇条页]/
const subject = /(?:的|政府信息公开|政务公开|信息公开|工作|年度|统计|基本|有关|相关|主要|同期)+$/
const kind = /(?:情况|统计)?(?:统计表|情况表|一览表|报表|附表|对[比照]表?|数据|统计|情况|年报|报告|表)+$/
const ownWhole = /^(?:.{0,6}本级|.{0,4}机关(?:本级)?|全[省市区县州盟旗镇乡局委办院厅].{0,4}|.{0,6}(?:汇总|合计|总计))$/
/** 全区, 全局: two characters, as 合计 and 总计, which stand in any table. */
const wholeOfTwo = /^全[省市区县州盟旗镇乡局委办院厅]$/
const ownWord = /^[我本](?:[省市区县州盟旗镇乡局委办院厅所]|机关|单位|部门|街道|中心)$/
const otherBodies = /^(?:各|(?:局|委)?(?:所属|下属|直属|下级|系统内?))[\u4e00-\u9fff]{1,10}$/
const bodyWord =
  '(?:政府|管委会|委员会|办事处|街道|办公室|[局厅镇乡所站馆院]|公司|中心|学校|[中小大]学|[支大中]队|(?:开发|新|园|高新|度假|示范|保税)区|社区)'
const bodyName = new RegExp(`^[\\u4e00-\\u9fff]{2,24}${bodyWord}$`)
/** Shorter names have no room for more than such a word. */
const bodyBefore = new RegExp(`^([\\u4e00-\\u9fff]{2,24}?${bodyWord})的?(.{4,})$`)
/** Words of the chapters' own headings: 收到和处理政府信息公开申请情况 names no government. */
const doing = /收到|处理|公开|主动|提起|被/

/** What a short text says as a caption; null for one that says nothing of whose tables follow. */
export function readCaption(
  sentenced: string,
  identity: Identity,
  isChapter: (text: string) => boolean,
): Caption | null {
  const printed = sentenced.replace(pointing, '$1').replace(addition, '')
  if (stop.test(printed)) return null
  const text = plainCaption(printed)
  if (text === '' || text.length > captionCharactersMax) return null
  const numbered = enumerator.test(text)
  const closing: Caption = {
    time: null,
    body: null,
    chapter: true,
    titled: false,
    numbered,
    bare: false,
    reported: false,
  }
  const spanned = whoseSpan(text, identity)
  if (spanned !== null) return { ...closing, time: spanned, chapter: false }
  if (sentence.test(text)) return null
  const unnumbered = text.replace(enumerator, '')
  const isAnnex = annex.test(unnumbered)
  const isFilledIn = filledInBy.test(unnumbered.replace(annex, ''))
  const bare = unnumbered
    .replace(annex, '')
    .replace(filledInBy, '')
    .replace(/(?:年度|年份)[:：](?=20\d{2})/, '')
  const years = new Set([...bare.matchAll(yearNamed)].map((match) => Number(match[1])))
  if (years.size > 1) return null
  const isSpecimen = specimen.test(bare)
  const rest = bare
    .replace(yearNamed, '')
    .replace(otherYear, '')
    .replace(ownYear, '')
    .replace(partOfYear, '')
    .replace(specimen, '')
    .replace(/[()]/g, '')
  const [, before = '', behind = ''] = isChapter(rest) ? [] : (bodyBefore.exec(rest) ?? [])
  const owner = behind !== '' && !doing.test(before) && isChapter(behind) ? before : ''
  const chapter = owner !== '' || isChapter(rest)
  const titled = /(?:报告|年报)$/.test(rest)
  const name = owner === '' ? rest.replace(kind, '').replace(subject, '') : owner
  const [year] = years
  const isBare = rest === name && isName(name) && !isFilledIn
  const isCaption = chapter || name === '' || kind.test(rest) || isAnnex || isFilledIn || numbered || isBare
  if (!isCaption) return numberOfPart.test(text) ? closing : null
  const body = chapter && owner === '' ? null : whoseBody(name, identity)
  const reported = titled && name !== '' && year !== undefined && !(year === identity.year && body === 'own')
  const isPart = partOfYear.test(bare) && !isChapter(bare.replace(yearNamed, ''))
  const named = otherYear.test(bare) || isPart ? 'other' : whoseYear(year ?? null, sentenced, identity)
  const time = isSpecimen ? 'other' : (named ?? (body === null && ownYear.test(bare) ? 'own' : null))
  if (time === null && body === null && numberOfPart.test(text)) return closing
  if (time === null && body === null && !chapter) return null
  const mayBeNote = (isBare && !numbered && !isAnnex && year === undefined) || isSpecimen
  return { time, body, chapter, titled, numbered, bare: mayBeNote, reported }
}

/** True for the name of a body or of an area and nothing else. */
function isName(name: string): boolean {
  return bodyName.test(name) || (name.length > 2 && ownWhole.test(name)) || wholeOfTwo.test(name)
}

/** Without width, white space, brackets around all of it, and years in words. */
function plainCaption(printed: string): string {
  return printed
    .normalize('NFKC')
    .replace(/\s+/g, '')
    .replace(/^[(【《](.*)[)】》]$/, '$1')
    .replace(/^其中[:：]?(?=.)/, '')
    .replace(filledInOn, '')
    .replace(yearInWords, (words) => String(chineseNumber(words) ?? words))
}

/** Whose year the days are that a text states and nothing else; null for any other text, and for a year of school. */
function whoseSpan(text: string, identity: Identity): Whose {
  const match = span.exec(text)
  if (match === null) return null
  const [, year, from, endYear = year, to] = match
  if (year !== endYear) return null
  if (Number(from) !== 1 || Number(to) !== 12) return identity.year === null ? null : 'other'
  return whoseYear(Number(year), text, identity)
}

/** Whose a year is that a text names; null where that is not sure. */
export function whoseYear(
  year: number | null,
  printed: string,
  { year: own, evidence }: Pick<Identity, 'year' | 'evidence'>,
): Whose {
  if (year === null || own === null) return null
  if (year === own) return 'own'
  // Where the document says two years of itself, neither is another's.
  const said = evidence.some(({ about, value, text }) => about === 'year' && value === String(year) && text !== printed)
  return said ? null : 'other'
}

function whoseBody(name: string, { agency }: Identity): Whose {
  if (name === '') return null
  if (ownWord.test(name)) return 'own'
  if (ownWhole.test(name)) return isWholeOfOthers(name, agency) ? 'other' : 'own'
  if (otherBodies.test(name)) return 'other'
  if (agency === null || !bodyName.test(name)) return null
  // What stands before the report's own name is where it is.
  const isOwn = name.endsWith(agency) || isOwnName(name.replace(/(?<=.{3})办公室$/, ''), agency)
  return isOwn ? 'own' : 'other'
}
