/**
 * Texts of an XLS that are marked in parts: takes the table of shared texts as it lies in its records, gives those texts
 * that have runs of their own font, by number. The library gives the texts whole, so that a figure and the struck
 * out one before it would be one figure. [MS-XLS] 2.4.265 and 2.5.293.
 */
import { damaged } from './failure.ts'
import { isFootnoteMark } from './marks.ts'

/** How a font shows its text. */
export type FontLook = { readonly struck: boolean; readonly raised: boolean }

/** A part of a text and how it looks: `cell` where it looks as its cell does. */
export type TextPart = { readonly text: string; readonly look: 'cell' | 'shown' | 'raised' | 'struck' }

/** Where reading is: a record of the table, and a byte in it. */
type Place = { readonly records: readonly Uint8Array[]; record: number; at: number }

/**
 * The texts that are marked in parts, by their number in the table. `records` are the table's record and those that
 * continue it.
 * @throws ParseFailure `damaged`
 */
export function readMarkedTexts(
  records: readonly Uint8Array[],
  fontOf: (font: number) => FontLook,
): Map<number, readonly TextPart[]> {
  const marked = new Map<number, readonly TextPart[]>()
  const place: Place = { records, record: 0, at: 4 }
  const count = number(place, 4)
  for (let index = 0; index < count && hasMore(place); index++) {
    const length = number(place, 2)
    const flags = number(place, 1)
    const runCount = (flags & 0x08) === 0 ? 0 : number(place, 2)
    const extraBytes = (flags & 0x04) === 0 ? 0 : number(place, 4)
    const text = readText(place, length, (flags & 1) === 1)
    const runs: { start: number; font: FontLook }[] = []
    for (let run = 0; run < runCount; run++) runs.push({ start: number(place, 2), font: fontOf(number(place, 2)) })
    skip(place, extraBytes)
    if (runs.length > 0) marked.set(index, partsOf(text, runs))
  }
  return marked
}

function partsOf(text: string, runs: readonly { start: number; font: FontLook }[]): TextPart[] {
  const parts: TextPart[] = [{ text: text.slice(0, runs[0]!.start), look: 'cell' }]
  for (const [index, { start, font }] of runs.entries()) {
    const part = text.slice(start, runs[index + 1]?.start ?? text.length)
    const raised = font.raised && isFootnoteMark(part)
    parts.push({ text: part, look: font.struck ? 'struck' : raised ? 'raised' : 'shown' })
  }
  return parts
}

/** Characters of one or two bytes; a record that continues them begins with a byte that says which. */
function readText(place: Place, length: number, wide: boolean): string {
  let text = ''
  let size = wide ? 2 : 1
  while (text.length < length) {
    const record = place.records[place.record]
    if (record === undefined) throw damaged('texts are cut off')
    if (place.at >= record.length) {
      place.record++
      const next = place.records[place.record]
      if (next === undefined || next.length === 0) throw damaged('texts are cut off')
      size = (next[0]! & 1) + 1
      place.at = 1
      continue
    }
    const count = Math.min(length - text.length, Math.floor((record.length - place.at) / size))
    if (count === 0) throw damaged('texts are cut off')
    const bytes = Buffer.from(record.buffer, record.byteOffset + place.at, count * size)
    text += bytes.toString(size === 2 ? 'utf16le' : 'latin1')
    place.at += count * size
  }
  return text
}

function hasMore(place: Place): boolean {
  return place.record < place.records.length - 1 || place.at < (place.records[place.record]?.length ?? 0)
}

/** A whole number, lowest byte first; it may lie across two records. */
function number(place: Place, bytes: number): number {
  let value = 0
  for (let index = 0; index < bytes; index++) {
    while (place.at >= (place.records[place.record]?.length ?? Number.POSITIVE_INFINITY)) {
      place.record++
      place.at = 0
    }
    const byte = place.records[place.record]?.[place.at++]
    if (byte === undefined) throw damaged('texts are cut off')
    value += byte * 2 ** (8 * index)
  }
  return value
}

function skip(place: Place, bytes: number): void {
  let left = bytes
  while (left > 0) {
    const record = place.records[place.record]
    if (record === undefined) throw damaged('texts are cut off')
    const step = Math.min(left, record.length - place.at)
    place.at += step
    left -= step
    if (left > 0) {
      place.record++
      place.at = 0
    }
  }
}
