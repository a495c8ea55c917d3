/** Files inside of a document, whatever its format: named and not read, since each of them is a document of its own. */
import type { Anchor, Notice } from './document.ts'

/** So many are named. */
export const attachedNamesMax = 50

/** What to tell of files attached to a document, or to a place in it. */
export function attachedNotices(names: readonly string[], anchor: Anchor | null): Notice[] {
  if (names.length === 0) return []
  return [{ code: 'files_attached', anchor, data: { names: names.slice(0, attachedNamesMax) } }]
}
