/**
 * Numbers in running text: takes normalised text (see prose.ts), gives the places of all figures with what they say:
 * Arabic and Chinese numerals, and the two mixed (1.2万, 3千). Only what has one reading is a number: 三五件 is "three or
 * five" and 一百二 is 102 to one and 120 to another, so both have none.
 */

/** A number as it stands in a text. */
export type Numeral = {
  /** Place in the text, end exclusive; what makes it approximate is part of it. */
  readonly start: number
  readonly end: number
  /** Null where it has no reading for sure. */
  readonly value: number | null
  /** 约120, 120余, 1.2万. */
  readonly approximate: boolean
}

const digitOf: Readonly<Record<string, number>> = {
  〇: 0,
  零: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
  壹: 1,
  贰: 2,
  叁: 3,
  肆: 4,
  伍: 5,
  陆: 6,
  柒: 7,
  捌: 8,
  玖: 9,
}

const powerOf: Readonly<Record<string, number>> = { 十: 10, 拾: 10, 百: 100, 佰: 100, 千: 1000, 仟: 1000 }
const largeOf: Readonly<Record<string, number>> = { 万: 1e4, 亿: 1e8 }

const arabicDigitsMax = 15

/** The number that a Chinese numeral says: 一百二十三, 十五, 一〇五, 一万二千; null where that is not sure. */
export function chineseNumber(text: string): number | null {
  if (text.length === 0 || text.length > 20) return null
  if ([...text].every((one) => one in digitOf)) return digitByDigit(text)
  let total = 0
  let large = Number.POSITIVE_INFINITY
  for (const part of text.split(/(?<=[万亿])/)) {
    const unit = largeOf[part.at(-1)!]
    const value = belowTenThousand(unit === undefined ? part : part.slice(0, -1))
    if (value === null || (unit ?? 1) >= large) return null
    // 一万二 is 10002 or 12000.
    if (unit === undefined && large < Number.POSITIVE_INFINITY && part.length === 1) return null
    large = unit ?? 1
    total += value * large
  }
  return total
}

/** 七; 一〇五, 二〇二三. Two digits side by side without 〇 are "three or five". */
function digitByDigit(text: string): number | null {
  if (text.length === 1) return digitOf[text]!
  if (text.length === 2 && !/[〇零]/.test(text)) return null
  return Number([...text].map((one) => digitOf[one]!).join(''))
}

function belowTenThousand(text: string): number | null {
  let total = 0
  let last = 10_000
  let digit: number | null = null
  let gap = false
  for (const one of text) {
    const power = powerOf[one]
    if (power === undefined) {
      const value = digitOf[one]
      if (value === undefined || digit !== null) return null
      if (value === 0) gap = true
      else digit = value
      continue
    }
    if (power >= last || (digit === null && !(power === 10 && (total === 0 || gap)))) return null
    total += (digit ?? 1) * power
    last = power
    digit = null
    gap = false
  }
  if (digit === null) return text.length === 0 || gap ? null : total
  // 一百二: what the last digit counts is left out.
  if (last >= 100 && last < 10_000 && !gap) return null
  return total + digit
}

const arabic = String.raw`(?<![\d.])\d{1,${arabicDigitsMax}}(?:\.\d{1,8})?(?!\d|\.\d)`
const chinese = '[〇零一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟万亿]{1,20}'
const before = '(?:大约|约|将近|接近|近|超过|超|逾|突破|不足|至少|至多|最多|达到?)?'
const after = '(?:余|多|左右|上下|以上)?'
const numeral = new RegExp(
  `(?<before>${before})(?:(?<arabic>${arabic})(?<scale>[十百千万亿]{0,2})|(?<chinese>${chinese}))(?<after>${after})(?<scaleAfter>[万亿]?)`,
  'y',
)
/** The same of a Chinese numeral, for where it ends. */
const chineseAlone = new RegExp(`${chinese}${after}[万亿]?`, 'y')
/** What makes a numeral approximate is no longer. */
const beforeMax = 2
/** 1: a digit, 2: a character of Chinese numerals, by code. */
const numeralCodes = new Uint8Array(0x10000)
for (const one of '0123456789') numeralCodes[one.charCodeAt(0)] = 1
for (const one of [digitOf, powerOf, largeOf].flatMap(Object.keys)) numeralCodes[one.charCodeAt(0)] = 2

/** What stands before a numeral that is none: 第三次, 每5件; 百分之五, 数十件, 几百件. */
const notBeforeAny = /[第每]/
const notBeforeChinese = /[几之初]/

/** False where a text holds no number. */
export function mayHoldNumeral(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (numeralCodes[text.charCodeAt(index)] !== 0) return true
  return false
}

/**
 * All numbers of `text`, in order. A Chinese numeral counts only where `unit` (a sticky expression) matches behind it:
 * 一 is in every other word.
 */
export function findNumerals(text: string, unit: RegExp): Numeral[] {
  const found: Numeral[] = []
  let last = 0
  for (let index = 0; index < text.length; index++) {
    const kind = numeralCodes[text.charCodeAt(index)]!
    if (kind === 0) continue
    if (kind === 2) {
      // Most are in words: only what is counted needs a closer look.
      chineseAlone.lastIndex = index
      chineseAlone.test(text)
      unit.lastIndex = chineseAlone.lastIndex
      if (!unit.test(text)) {
        last = chineseAlone.lastIndex
        index = last - 1
        continue
      }
    }
    const match = matchAt(text, Math.max(last, index - beforeMax), index)
    if (match === null) continue
    last = match.index + match[0].length
    index = last - 1
    const one = readNumeral(match, text, unit)
    if (one !== null) found.push(one)
  }
  return found
}

/** The numeral whose first digit stands at `end`, with what stands before it from `start` on. */
function matchAt(text: string, start: number, end: number): RegExpExecArray | null {
  for (let index = start; index <= end; index++) {
    numeral.lastIndex = index
    const match = numeral.exec(text)
    if (match !== null) return match
  }
  return null
}

function readNumeral(match: RegExpExecArray, text: string, unit: RegExp): Numeral | null {
  const {
    before: hedge = '',
    arabic: digits,
    scale = '',
    chinese: words,
    after: rest = '',
    scaleAfter = '',
  } = match.groups!
  const start = match.index
  const end = start + match[0].length
  unit.lastIndex = end
  if (words !== undefined && !unit.test(text)) return null
  const ahead = text[start - 1] ?? ''
  const isCounted = words === undefined || !(notBeforeChinese.test(ahead) || (ahead === '数' && words[0] === '十'))
  if (notBeforeAny.test(ahead) || !isCounted) return null
  const exact = words === undefined ? scaled(digits!, scale) : chineseNumber(words)
  const value = exact === null || scaleAfter === '' ? exact : exact * largeOf[scaleAfter]!
  const rounded = words === undefined && /[万亿]/.test(scale + scaleAfter)
  const hedged = /^(?:大约|约|将近|接近|近|超|逾|突破|不足|至)/.test(hedge) || rest !== ''
  return { start, end, value, approximate: hedged || rounded }
}

function scaled(digits: string, scale: string): number | null {
  const factor = [...scale].reduce((sum, one) => sum * (powerOf[one] ?? largeOf[one]!), 1)
  const value = Number(digits) * factor
  if (Number.isSafeInteger(value)) return value
  return digits.replace('.', '').length > arabicDigitsMax || !Number.isFinite(value) ? null : Number(value.toFixed(6))
}
