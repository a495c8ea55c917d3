/**
 * Digits by their likes: all figures of a document are set in one or two faces, so what two models agree on in many cells
 * shows what each digit looks like there, and any other cell can be held against it. Takes cells cut out with what the
 * models said of them; gives whether a cell's digits look like what they are said to be.
 */
import type { Bitmap, PixelBox } from './bitmap.ts'
import { likeness, type Piece, type Shape, shapeOf } from './shapes.ts'

/** A cell's content cut out: its grey picture with lines and dust gone, and its pieces of ink. */
export type CellPicture = {
  readonly picture: Bitmap
  /** The same with dust and faint print left in it. */
  readonly whole: Bitmap
  readonly pieces: readonly Piece[]
  /** The same pieces with more and more of the paler ink around them, which joins what a thin stroke or a bad copy parts. */
  readonly paler: readonly (readonly PixelBox[])[]
  /** The least height of a line of print, in pixels. */
  readonly least: number
  /** Small pieces that are hardly print, but are more than dust. */
  readonly dust: readonly PixelBox[]
  /** The box around all pieces, in the picture. */
  readonly content: PixelBox
}

/** A digit of a cell on which both models agree; `cell` is the cell's number. */
type KnownDigit = PixelBox & { readonly cell: number; readonly digit: string; readonly shape: Shape }

/** What the certain cells of a document show of its figures, from page to page. */
export type FigureMemory = { readonly known: KnownDigit[]; cells: number }

/** A memory of nothing. */
export function makeMemory(): FigureMemory {
  return { known: [], cells: 0 }
}

/** So many digits tell enough. */
const knownMax = 3_000

/** Adds the digits of cell number `id` on which two models agree. */
export function remember({ known }: FigureMemory, id: number, cell: CellPicture, text: string): void {
  if (!/^\d+$/.test(text) || known.length + text.length > knownMax) return
  const boxes = digitBoxes(cell, text.length)
  if (boxes === null) return
  for (const [index, box] of boxes.entries()) {
    known.push({ ...box, cell: id, digit: text[index]!, shape: shapeOf(cell.picture, box) })
  }
}

/** Where the digits of a cell stand, if so many can be told apart, by its ink or by its paler ink; null where not. */
function digitBoxes(cell: CellPicture, count: number): PixelBox[] | null {
  return waysToPart(cell, count)[0]?.boxes ?? null
}

/** The ways to part a cell's ink into so many digits, with what stands beside them. */
export function waysToPart(cell: CellPicture, count: number): { boxes: PixelBox[]; beside: PixelBox[] }[] {
  return [cell.pieces, ...cell.paler].flatMap((pieces) => {
    const boxes = tallBoxes(pieces)
    return boxes.length === count ? [{ boxes, beside: pieces.filter((piece) => !isInDigit(piece, boxes)) }] : []
  })
}

/** Whether a piece stands over, under or in one of some digits. */
export function isInDigit(piece: PixelBox, boxes: readonly PixelBox[]): boolean {
  return boxes.some(
    (box) => Math.min(box.right, piece.right) - Math.max(box.left, piece.left) >= 0.5 * (piece.right - piece.left),
  )
}

/** Pieces as tall as digits, from left to right; pieces over one another are one digit that broke. */
function tallBoxes(pieces: readonly PixelBox[]): PixelBox[] {
  const boxes: { left: number; top: number; right: number; bottom: number }[] = []
  for (const { left, top, right, bottom } of [...pieces].sort((a, b) => a.left - b.left)) {
    const last = boxes.at(-1)
    const shared = last === undefined ? 0 : Math.min(last.right, right) - Math.max(last.left, left)
    if (last !== undefined && shared > 0.5 * Math.min(right - left, last.right - last.left)) {
      last.left = Math.min(last.left, left)
      last.right = Math.max(last.right, right)
      last.top = Math.min(last.top, top)
      last.bottom = Math.max(last.bottom, bottom)
    } else boxes.push({ left, top, right, bottom })
  }
  const tallest = Math.max(...boxes.map((box) => box.bottom - box.top))
  return boxes.filter((box) => box.bottom - box.top >= tallest * tallShare)
}

/** From one digit to the next, as a share of their height: the median of neighbours; null where too few are known. */
export function usualPitch({ known }: FigureMemory): number | null {
  const pitches: number[] = []
  for (let index = 1; index < known.length; index++) {
    const [one, next] = [known[index - 1]!, known[index]!]
    if (one.cell !== next.cell) continue
    const apart = (next.left + next.right) / 2 - (one.left + one.right) / 2
    pitches.push(apart / Math.max(one.bottom - one.top, next.bottom - next.top))
  }
  if (pitches.length < 4) return null
  return pitches.sort((a, b) => a - b)[pitches.length >> 1]!
}

const tallShare = 0.6
/** Digits of one face are as like as `nearMin` where they are the same, and less where they are not. */
const nearMin = 0.83
const likeMin = 0.75
const clearlyMore = 0.08
/** So many others that look the same leave no doubt. */
const nearEnough = 3
const sameSize = 1.2

/**
 * How a cell's digits look beside those of other cells: `alike` leaves no doubt, `like` little, `unlike` says no. `odd`:
 * most others that are called the same look different, as a 4 does that both models take for a 1 wherever it stands alone.
 */
export type Likeness = 'alike' | 'like' | 'unknown' | 'odd' | 'unlike'

const likenesses: readonly Likeness[] = ['alike', 'like', 'unknown', 'odd', 'unlike']

/** Whether the digits of a text look, in cell number `id`, like the same digits of other cells: as the least like of them. */
export function compareToLikes(cell: CellPicture, id: number, text: string, { known }: FigureMemory): Likeness {
  const digits = text.replace(/[-+.,]/g, '')
  // A plus may be as tall as a digit.
  const boxes =
    digitBoxes(cell, digits.length) ?? (text.startsWith('+') ? digitBoxes(cell, digits.length + 1)?.slice(1) : null)
  if (boxes == null || digits === '') return 'unknown'
  const others = known.filter((one) => one.cell !== id)
  const each = boxes.map((box, place) => compareDigit(cell, box, digits[place]!, others))
  return likenesses[Math.max(...each.map((one) => likenesses.indexOf(one)))]!
}

function compareDigit(cell: CellPicture, box: PixelBox, digit: string, others: readonly KnownDigit[]): Likeness {
  if (strokes.has(digit) && hasHole(cell, box)) return 'unlike'
  const shape = shapeOf(cell.picture, box)
  const own = { best: 0, near: 0, alike: 0, count: 0 }
  const other = { best: 0, near: 0, alike: 0, count: 0 }
  for (const one of others) {
    const side = one.digit === digit ? own : other
    const like = likeness(shape, one.shape)
    side.best = Math.max(side.best, like)
    // Print of another size may be of another face, where the same digit looks different.
    const size = (one.bottom - one.top) / (box.bottom - box.top)
    if (size > 1 / sameSize && size < sameSize) side.count++
    if (like >= likeMin) side.alike++
    if (like >= nearMin) side.near++
  }
  if (other.near > own.near || (other.near > 0 && other.best > own.best + clearlyMore)) return 'unlike'
  if (own.count >= nearEnough && own.alike * 3 < own.count) return 'odd'
  if (own.best < likeMin || own.best < other.best || other.near * 4 > own.near) return 'unknown'
  return own.near >= nearEnough && other.near === 0 ? 'alike' : 'like'
}

/** Digits that enclose nothing in any face. */
const strokes: ReadonlySet<string> = new Set(['1', '7'])
const holeMin = 3

/** Whether ink encloses paper in a box of a cell. */
function hasHole({ picture: { width }, pieces }: CellPicture, { left, top, right, bottom }: PixelBox): boolean {
  const [wide, high] = [right - left + 2, bottom - top + 2]
  const seen = new Uint8Array(wide * high)
  for (const { pixels } of pieces) {
    for (const at of pixels) {
      const x = at % width
      const y = (at - x) / width
      if (x >= left && x < right && y >= top && y < bottom) seen[(y - top + 1) * wide + x - left + 1] = 1
    }
  }
  const stack = [0]
  seen[0] = 1
  let enclosed = 0
  while (stack.length > 0) {
    const at = stack.pop()!
    const x = at % wide
    for (const next of [at - wide, at + wide, x > 0 ? at - 1 : -1, x < wide - 1 ? at + 1 : -1]) {
      if (next < 0 || next >= seen.length || seen[next] === 1) continue
      seen[next] = 1
      stack.push(next)
    }
  }
  for (const value of seen) if (value === 0) enclosed++
  return enclosed >= holeMin
}

/** The usual height of the digits of cells from number `first` on, in pixels; null where none is known. */
export function usualHeight({ known }: FigureMemory, first: number): number | null {
  const heights = known.filter(({ cell }) => cell >= first).map(({ top, bottom }) => bottom - top)
  return heights.sort((a, b) => a - b)[heights.length >> 1] ?? null
}
