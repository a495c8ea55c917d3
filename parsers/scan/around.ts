/**
 * The print around the tables of a picture: takes the page, gives its lines as glyphs. Each line is read twice, on the page
 * and alone; what the second reading does not confirm is unreadable, so that no name or year becomes another.
 */
import type { Glyph } from '../layout/page.ts'
import { boxAround as boxAroundAll, type GlyphLine } from '../layout/text.ts'
import { type Bitmap, cut, framed, resized } from './bitmap.ts'
import { boxAround } from './cutting.ts'
import type { EngineWord, OcrEngine } from './engine.ts'
import type { Prepared } from './prepare.ts'

/** The lines of print outside the tables, which are painted over. */
export async function readAround({ even, tables, dpi }: Prepared, engine: OcrEngine): Promise<GlyphLine[]> {
  const around = Uint8Array.from(even.data)
  const margin = Math.round(dpi * 0.02)
  for (const { box } of tables) {
    const [left, top] = [(box.x * dpi) / 72 - margin, (box.y * dpi) / 72 - margin]
    const [right, bottom] = [left + (box.width * dpi) / 72 + 2 * margin, top + (box.height * dpi) / 72 + 2 * margin]
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(even.height, bottom); y++) {
      const [from, to] = [Math.max(0, Math.floor(left)), Math.min(even.width, Math.ceil(right))]
      if (to > from) around.fill(255, y * even.width + from, y * even.width + to)
    }
  }
  const [words] = await engine.read([{ width: even.width, height: even.height, data: around }], 'page')
  const lines = new Map<number, EngineWord[]>()
  for (const word of words!) lines.set(word.line, [...(lines.get(word.line) ?? []), word])
  return confirmLines([...lines.values()], { width: even.width, height: even.height, data: around }, dpi, engine)
}

const confirmedMax = 60
const lineMargin = 0.04

/**
 * The lines with every character that a second reading of the line alone, at another size, does not confirm replaced by
 * a mark of the unreadable: a name or a year that is misread must not become another agency's or year's.
 */
async function confirmLines(
  lines: readonly (readonly EngineWord[])[],
  picture: Bitmap,
  dpi: number,
  engine: OcrEngine,
): Promise<GlyphLine[]> {
  const margin = Math.round(lineMargin * dpi)
  const alone = lines.slice(0, confirmedMax).map((words) => {
    const { left, top, right, bottom } = boxAround(words.map(({ box }) => box))
    const strip = cut(picture, {
      left: left - margin,
      top: top - margin,
      right: right + margin,
      bottom: bottom + margin,
    })
    return framed(resized(strip, secondDpi / dpi), 10)
  })
  const again = (await engine.read(alone, 'line')).map((words) => words.map(surely).join(''))
  return lines.map((words, index) => {
    const text = words.map(surely).join('')
    const second = again[index]
    return glyphLine(words, [...(second === undefined ? text : confirmed(text, second))], 72 / dpi)
  })
}

/** Gaps between words that are wider than this, in heights of the line, are printed; others come of boxes drawn tight. */
const printedGap = 1

/** A line's characters as glyphs, spread evenly over their words. */
function glyphLine(words: readonly EngineWord[], characters: readonly string[], scale: number): GlyphLine {
  const whole = boxAround(words.map(({ box }) => box))
  const high = whole.bottom - whole.top
  const runs: { left: number; right: number; count: number }[] = []
  for (const { text, box } of words) {
    const last = runs.at(-1)
    const count = [...text].length
    if (last !== undefined && box.left - last.right < printedGap * high) {
      last.right = Math.max(last.right, box.right)
      last.count += count
    } else runs.push({ left: box.left, right: box.right, count })
  }
  const confidence = words.reduce((sum, word) => sum + word.confidence, 0) / words.length
  const glyphs: Glyph[] = []
  for (const { left, right, count } of runs) {
    const width = ((right - left) / count) * scale
    for (let place = 0; place < count; place++) {
      const text = characters[glyphs.length]!
      const [x, y] = [left * scale + place * width, whole.top * scale]
      glyphs.push({ text, x, y, width, height: high * scale, turn: 0, confidence })
    }
  }
  return { glyphs, box: boxAroundAll(glyphs) }
}

/** A word, or that it cannot be read. */
function surely({ text, confidence }: EngineWord): string {
  return confidence >= wordSure ? text : unreadable.repeat([...text].length)
}

const wordSure = 0.5
const secondDpi = 230
const unreadable = '\ufffd'

/** The first text with what the second lacks made unreadable: the longest run of characters that both have in order stays. */
export function confirmed(first: string, second: string): string {
  const [a, b] = [[...first], [...second]]
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let row = a.length - 1; row >= 0; row--) {
    for (let column = b.length - 1; column >= 0; column--) {
      common[row]![column] =
        a[row] === b[column]
          ? common[row + 1]![column + 1]! + 1
          : Math.max(common[row + 1]![column]!, common[row]![column + 1]!)
    }
  }
  let text = ''
  let column = 0
  for (const [row, character] of a.entries()) {
    while (column < b.length && a[row] !== b[column] && common[row]![column + 1]! === common[row]![column]!) column++
    if (
      column < b.length &&
      character !== unreadable &&
      character === b[column] &&
      common[row]![column] === common[row + 1]![column + 1]! + 1
    ) {
      text += character
      column++
    } else text += unreadable
  }
  return text
}
