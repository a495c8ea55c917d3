/** The words of a letter to an agency, in the style of Chinese administration and in English. `{name}` is a slot. */
import { fill, type Slots } from './fill.ts'
import type { Lang } from './labels.ts'
import { catalogues } from './render.ts'

const en = {
  title: 'Letter on figures of the annual report on government information disclosure[ for {years}]',
  salutation: '{agency}:',
  salutationUnknown: '(name of the agency to be filled in):',
  opening:
    'The figures of your published report were reconciled by the rules of the official form. {count} points need your attention; they are listed below with their places, their figures and the rules they were held against.',
  reportLine: '{title} ({year}), published at {origin}[, fetched {fetched}][ from {finalUrl}], SHA-256 {sha256}',
  yearUnknown: 'year not known',
  correct: 'Please verify and correct',
  correctLead: 'These figures of the report do not agree with each other.',
  check: 'Please check',
  checkLead:
    'These may have an explanation, or what was published could not be read with certainty. They are not held against the report.',
  hints: 'For your information',
  hintsLead: 'These do not affect the figures, but depart from how the form asks to be filled in.',
  place: 'Place',
  page: ' (page {page})',
  manyPlaces: '{count} cells, marked {number} in the attachment',
  named: '{id}[ ({title})]',
  printed: 'Printed',
  computed: 'Computed',
  inText: 'In the text',
  inTable: 'In the table',
  difference: 'Difference',
  formula: 'Formula',
  quotes: 'Words of the report',
  cause: 'What may have been meant',
  rule: 'Rule',
  form: 'Form',
  source: 'Why',
  exceptions: 'Possible exceptions',
  reference: 'Reference',
  closing: 'Please verify the points above, correct the published report where it is wrong, and reply by {due}.',
  dueOpen: '(date to be filled in)',
  thanks: 'What may have been meant is a hint from arithmetic alone; your records decide.',
  sender: '(sender)',
  date: '(date)',
  attachment: 'Attachment: tables concerned',
  attachmentLead:
    'As printed in the report. Figures in question are bold and shaded; the small numbers are those of the points above.',
  absent: '(missing)',
  reportYear: 'Report on',
}

/** All words of a letter in one language. */
export type LetterWords = { readonly [Key in keyof typeof en]: string }

const zh: LetterWords = {
  title: '关于核实[{years}年度]政府信息公开工作年度报告有关数据的函',
  salutation: '{agency}：',
  salutationUnknown: '（机关名称待填）：',
  opening:
    '根据政府信息公开工作年度报告统计表的勾稽关系，我们对贵单位公开发布的年度报告数据进行了核对，有{count}处需要贵单位核实。现将有关位置、填报数、核算数及核对依据逐条列出，请予核实。',
  reportLine:
    '《{title}》（{year}年度），来源：{origin}[，下载于{fetched}][，实际地址：{finalUrl}]，文件SHA-256值：{sha256}',
  yearUnknown: '年度不明',
  correct: '请予核实更正',
  correctLead: '下列数据不符合统计表的勾稽关系。',
  check: '请贵单位核对',
  checkLead: '下列情况可能另有原因，或公开文本未能确切读取，不作为差错认定，请贵单位对照原始记录核对。',
  hints: '填报规范提示',
  hintsLead: '下列情况不影响数据勾稽，但与统计表的填报要求不尽一致，供参考。',
  place: '位置',
  page: '（第{page}页）',
  manyPlaces: '共{count}个单元格，附件中以角标{number}标明',
  named: '{id}[（{title}）]',
  printed: '填报数',
  computed: '核算数',
  inText: '正文所述',
  inTable: '表格填报',
  difference: '差额',
  formula: '算式',
  quotes: '报告原文',
  cause: '疑似原因',
  rule: '核对规则',
  form: '依据表式',
  source: '规则来源',
  exceptions: '可能的例外',
  reference: '核查编号',
  closing: '请贵单位于{due}前对上述情况进行核实，对确有差错的予以更正并重新公布，同时将核实及更正情况反馈我单位。',
  dueOpen: '（　　年　　月　　日）',
  thanks: '“疑似原因”仅由数据之间的计算关系推得，以贵单位原始记录为准。',
  sender: '（发函单位）',
  date: '（　　年　　月　　日）',
  attachment: '附：有关表格截取',
  attachmentLead: '表格内容照报告原样摘录；加粗并有底色的为存疑数据，角标为上文问题序号。',
  absent: '（缺）',
  reportYear: '报告年度',
}

const letterWords: { readonly zh: LetterWords; readonly en: LetterWords } = { zh, en }

/** A text of the letter with its slots filled in. */
export function sayInLetter(key: keyof LetterWords, lang: Lang, slots: Slots = {}): string {
  return fill(letterWords[lang][key], slots, catalogues[lang])
}

/** A day as letters print it: `2026年3月1日`, `1 March 2026`. */
export function dayInLetter(day: string, lang: Lang): string {
  const [year, month, date] = day.split('-').map(Number)
  if (lang === 'zh') return `${year}年${month}月${date}日`
  const months = 'January February March April May June July August September October November December'.split(' ')
  return `${date} ${months[(month ?? 1) - 1]} ${year}`
}

/** 一、二、三 in Chinese, 1. 2. 3. in English. */
export function headingNumber(number: number, lang: Lang): string {
  return lang === 'zh' ? `${'一二三四五六七八九'[number - 1] ?? number}、` : `${number}. `
}
