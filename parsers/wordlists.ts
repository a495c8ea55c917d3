/**
 * The lists of a DOC: takes the table stream and where its lists lie ([MS-DOC] 2.9.131, 2.9.147, 2.9.150), gives for each number
 * of a list in a paragraph the levels that show a number. Lists that cannot be read number nothing, and no text is lost by it.
 */

const [listBytes, levelBytes, useBytes] = [28, 28, 16]
const levelsMax = 9
/** Kinds of numbers that are none: a bullet, and nothing. */
const noNumbers: ReadonlySet<number> = new Set([0x17, 0xff])

/** Where a part of the stream begins, and how long it is. */
export type Part = { readonly start: number; readonly size: number }

/** By the number that paragraphs state, from 1. */
export function readWordLists(table: Uint8Array, lists: Part, uses: Part): ReadonlyMap<number, ReadonlySet<number>> {
  const found = new Map<number, ReadonlySet<number>>()
  const kinds = readKinds(table, lists)
  if (kinds.size === 0 || uses.size < 4 || uses.start + uses.size > table.length) return found
  const view = new DataView(table.buffer, table.byteOffset + uses.start, uses.size)
  const count = Math.min(view.getUint32(0, true), Math.floor((uses.size - 4) / useBytes))
  for (let index = 0; index < count; index++) {
    const levels = kinds.get(view.getInt32(4 + index * useBytes, true))
    if (levels !== undefined) found.set(index + 1, levels)
  }
  return found
}

/** Each list by its own number; what its levels are follows behind the list of lists. */
function readKinds(table: Uint8Array, { start, size }: Part): Map<number, ReadonlySet<number>> {
  const kinds = new Map<number, ReadonlySet<number>>()
  if (size < 2 || start + size > table.length) return kinds
  const view = new DataView(table.buffer, table.byteOffset, table.length)
  const count = Math.min(view.getUint16(start, true), Math.floor((size - 2) / listBytes))
  let at = start + size
  for (let index = 0; index < count; index++) {
    const list = start + 2 + index * listBytes
    const levels = (view.getUint8(list + 26) & 1) === 1 ? 1 : levelsMax
    const numbered = new Set<number>()
    for (let level = 0; level < levels; level++) {
      if (at + levelBytes > table.length) return kinds
      const kind = view.getUint8(at + 4)
      at += levelBytes + view.getUint8(at + 24) + view.getUint8(at + 25)
      if (at + 2 > table.length) return kinds
      const characters = view.getUint16(at, true)
      at += 2 + characters * 2
      if (at > table.length) return kinds
      // The places of numbers in the text of a level are characters below the ninth.
      let shows = false
      for (let place = at - characters * 2; place < at; place += 2) shows ||= view.getUint16(place, true) < levelsMax
      if (shows && !noNumbers.has(kind)) numbered.add(level)
    }
    kinds.set(view.getInt32(list, true), numbered)
  }
  return kinds
}
