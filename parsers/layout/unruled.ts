/**
 * Text that stands in columns with no ruling lines between them. Which figure belongs to which column is only to be seen
 * from where it stands, and blank cells leave no trace: such a table is told and kept line by line, not read.
 */
import type { GlyphLine } from './text.ts'

/** Gaps wider than this, in heights of the line, stand between columns. */
const columnGap = 0.9
/** So many lines with figures behind gaps in a run of lines look like a table. */
const gappedMin = 3

/**
 * The part of a run of lines that looks like a table, by its first and last line, since some of its lines have figures
 * apart from other words; null where no part does.
 */
export function tabularPart(lines: readonly GlyphLine[]): { readonly first: number; readonly last: number } | null {
  const withFigures = [...lines.keys()].filter((index) => hasGap(lines[index]!, /^[\d０-９]$/))
  if (withFigures.length < gappedMin) return null
  const first = lines.findIndex((line) => hasGap(line, /./u))
  return { first, last: withFigures.at(-1)! }
}

/** Whether a character that `behind` matches stands behind a wide gap. */
function hasGap({ glyphs, box }: GlyphLine, behind: RegExp): boolean {
  for (let index = 1; index < glyphs.length; index++) {
    const before = glyphs[index - 1]!
    const glyph = glyphs[index]!
    if (glyph.x - before.x - before.width > columnGap * box.height && behind.test(glyph.text)) return true
  }
  return false
}
