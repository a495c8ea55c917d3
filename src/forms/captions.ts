/**
 * Whose tables stand under a caption: takes the blocks of a document and whose report of which year it is, gives the grids
 * whose caption names another year (2022年情况) or another body (附：区质量检验所统计表). What no caption names is the report's.
 */
import type { Anchor, Block, Document, Grid } from '../../parsers/document.ts'
import type { Identity } from '../model.ts'
import { isOwnName } from './whose.ts'

/** Grids one after another that a caption gives to another report; `anchor` is the caption's. */
export type OthersGrids = { readonly caption: string; readonly anchor: Anchor; readonly grids: readonly Grid[] }

/** What a short text says of the tables behind it. `chapter`: it is a heading of a form's table. */
type Caption = { readonly whose: 'own' | 'other' | null; readonly chapter: boolean; readonly titled: boolean }

type IsChapter = (text: string) => boolean

const captionCharactersMax = 40
/** A caption stands this close before a table, headings of chapters included. */
const blocksBetweenMax = 3

/** A number of the parts of a report. */
const numberOfPart = /^[一二三四五六七八九十]{1,3}[、.]/
const enumerator =
  /^(?:[一二三四五六七八九十]{1,3}[、.]|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[、.](?!\d)|表\d{0,2}[:：]?)/
/** What says of a table that it is an annex, or a subordinate body's. */
const annex =
  /^(?:附(?:件|表|录)?[一二三四五六七八九十\d]{0,2}|(?:下属|所属|直属|下级|二级)(?:单位|部门|机构|机关))[:：]/
const yearNamed = /(20\d{2})年(?:度|全年)?/g
const otherYear = /^(?:上一?年|去年|前年|上一?年度)(?:度|全年)?(?=$|的|情况|统计|数据|政府|信息|主动|收到|行政|因)/
const ownYear = /^(?:本年|今年|当年)(?:度)?/
/** What a sentence has and no caption. */
const stop = /[,，。;；!！?？]/
/** A sentence that points to the table below: 以下为2022年度的数据。 */
const pointing = /^\s*(?:以下|下表|下列|如下)(?:为|是|系)?\s*([^,，。;；!！?？]{1,40})[。:：]?\s*$/
/** The same for words, and for those of a comparison. */
const sentence = /[,。;!?]|同比|相比|[较比与同]上?年|以来|至20\d{2}|-20\d{2}|上一?[篇条页]|下一?[篇条页]/
const subject = /(?:的|政府信息公开|政务公开|信息公开|工作|年度|统计|基本|有关|相关)+$/
const kind = /(?:情况|统计)?(?:统计表|情况表|一览表|报表|数据|统计|情况|年报|报告|表)$/
const ownWhole = /^(?:.{0,6}本级|.{0,4}机关(?:本级)?|全[省市区县州盟旗镇乡局委办院厅].{0,4}|.{0,6}(?:汇总|合计|总计))$/
const otherBodies = /^(?:各|(?:局|委)?(?:所属|下属|直属|下级|系统内?))[\u4e00-\u9fff]{1,10}$/
const bodyWord = '(?:政府|管委会|委员会|办事处|街道|办公室|[局厅镇乡所站馆院]|公司|中心|学校|[中小]学|[支大中]队)'
const bodyName = new RegExp(`^[\\u4e00-\\u9fff]{2,24}${bodyWord}$`)
const bodyBefore = new RegExp(`^([\\u4e00-\\u9fff]{2,24}?${bodyWord})的?(.{4,})$`)
/** Words of the chapters' own headings: 收到和处理政府信息公开申请情况 names no government. */
const doing = /收到|处理|公开|主动|提起|被/

/** The grids of other reports, as captions tell them. Without knowing whose report it is, none are. */
export function findOthersGrids(
  { blocks }: Pick<Document, 'blocks'>,
  identity: Identity,
  isChapter: IsChapter,
  isTitle: (text: string) => boolean,
): OthersGrids[] {
  const captions = blocks.map((_, index) => captionOf(blocks, index, identity, isChapter, isTitle))
  const texts = blocks.map((block) => (block.kind === 'paragraph' ? block.text.trim() : ''))
  const found: OthersGrids[] = []
  let other: { at: number; level: number | null; grids: Grid[] } | null = null
  for (const [index, block] of blocks.entries()) {
    const caption = captions[index]!
    if (block.kind === 'grid') {
      if (caption?.whose === 'other') {
        found.push({ caption: headText(block)!, anchor: block.anchor, grids: [block] })
      } else if (other !== null && caption?.whose !== 'own') {
        if (other.grids.length === 0) {
          found.push({ caption: texts[other.at]!, anchor: blocks[other.at]!.anchor, grids: other.grids })
        }
        other.grids.push(block)
        // What is said again over the next table speaks of one table each time.
        if (texts.indexOf(texts[other.at]!, other.at + 1) > 0) other = null
      }
      continue
    }
    const { heading } = block
    if (caption?.whose === 'other') other = { at: index, level: heading, grids: [] }
    else if (other !== null) {
      const closes = caption?.chapter === true && captions[other.at]!.chapter
      const above = heading !== null && other.level !== null && heading < other.level
      if (caption?.whose === 'own' || closes || above) other = null
    }
  }
  return found
}

/** A grid that says nothing. */
export function withoutText(grid: Grid): Grid {
  return { ...grid, cells: grid.cells.map((cell) => ({ ...cell, text: '' })) }
}

/** The document with the text of some grids left out, so that all others keep their places. */
export function withoutGrids(document: Document, left: ReadonlySet<Grid>): Document {
  if (left.size === 0) return document
  const blocks = document.blocks.map((block) => {
    return block.kind === 'grid' && left.has(block) ? withoutText(block) : block
  })
  return { ...document, blocks }
}

function captionOf(
  blocks: readonly Block[],
  index: number,
  identity: Identity,
  isChapter: IsChapter,
  isTitle: (text: string) => boolean,
): Caption | null {
  const block = blocks[index]!
  const text = block.kind === 'grid' ? headText(block) : block.text
  if (text === null || text.length > captionCharactersMax * 2) return null
  const caption = readCaption(text, identity, isChapter)
  if (caption === null || block.kind === 'grid' || caption.whose !== 'other') return caption
  // Titles one behind another are a list of links.
  const beside = [blocks[index - 1], blocks[index + 1]]
  if (caption.titled && beside.some((one) => one?.kind === 'paragraph' && isTitle(one.text))) return null
  const ahead = blocks.slice(index + 1, index + 1 + blocksBetweenMax)
  return ahead.some((one) => one.kind === 'grid') ? caption : null
}

/** What a grid prints over its header: a line that is one cell. */
function headText({ cells, columnCount }: Grid): string | null {
  const first = cells.filter(({ row, text }) => row === 0 && text.trim() !== '')
  const [only] = first
  if (only === undefined || first.some(({ text }) => text !== only.text)) return null
  return columnCount > 1 ? only.text.trim() : null
}

/** What a short text says as a caption; null for one that says nothing of whose tables follow. */
function readCaption(sentenced: string, identity: Identity, isChapter: IsChapter): Caption | null {
  const printed = sentenced.replace(pointing, '$1')
  if (stop.test(printed)) return null
  const text = printed
    .normalize('NFKC')
    .replace(/\s+/g, '')
    .replace(/^[(【《](.*)[)】》]$/, '$1')
  if (text === '' || text.length > captionCharactersMax || sentence.test(text)) return null
  const numbered = enumerator.test(text)
  const bare = text.replace(enumerator, '').replace(annex, '')
  const years = new Set([...bare.matchAll(yearNamed)].map((match) => Number(match[1])))
  if (years.size > 1) return null
  const rest = bare.replace(yearNamed, '').replace(otherYear, '').replace(ownYear, '').replace(/[()]/g, '')
  const [, before = '', behind = ''] = isChapter(rest) ? [] : (bodyBefore.exec(rest) ?? [])
  const owner = behind !== '' && !doing.test(before) && isChapter(behind) ? before : ''
  const chapter = owner !== '' || isChapter(rest)
  const closing: Caption = { whose: null, chapter: true, titled: false }
  const titled = /(?:报告|年报)$/.test(rest)
  const name = owner === '' ? rest.replace(kind, '').replace(subject, '') : owner
  const [year] = years
  const isCaption = chapter || name === '' || kind.test(rest) || annex.test(text.replace(enumerator, '')) || numbered
  if (!isCaption) return numberOfPart.test(text) ? closing : null
  const body = chapter && owner === '' ? null : whoseBody(name, identity)
  // A report that has a title of its own is another matter.
  if (titled && name !== '' && year !== undefined) {
    return year === identity.year && body === 'own' ? { whose: 'own', chapter, titled } : null
  }
  const time = otherYear.test(bare) ? 'other' : whoseYear(year ?? null, printed, identity)
  const whose = time === 'other' || body === 'other' ? 'other' : (time ?? body ?? (ownYear.test(bare) ? 'own' : null))
  if (whose === null && numberOfPart.test(text)) return closing
  return whose === null && !chapter ? null : { whose, chapter, titled }
}

/** Whose a year is that a text names; null where that is not sure. */
export function whoseYear(
  year: number | null,
  printed: string,
  { year: own, evidence }: Identity,
): 'own' | 'other' | null {
  if (year === null || own === null) return null
  if (year === own) return 'own'
  // Where the document says two years of itself, neither is another's.
  const said = evidence.some(({ about, value, text }) => about === 'year' && value === String(year) && text !== printed)
  return said ? null : 'other'
}

function whoseBody(name: string, { agency }: Identity): Caption['whose'] {
  if (name === '') return null
  if (ownWhole.test(name)) return 'own'
  if (otherBodies.test(name)) return 'other'
  if (agency === null || !bodyName.test(name)) return null
  return isOwnName(name.replace(/办公室$/, ''), agency) ? 'own' : 'other'
}
