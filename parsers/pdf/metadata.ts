/** What a PDF states about itself: the entries of its information dictionary that are kept, whichever reader gives them. */
import type { Metadatum } from '../document.ts'

/** ISO 32000-1, table 317. */
const entries = ['Title', 'Author', 'Subject', 'Creator', 'Producer', 'CreationDate', 'ModDate'] as const

/** The entries that `read` finds a text for. */
export function metadataOf(read: (entry: string) => string): Metadatum[] {
  return entries.flatMap((name) => {
    const value = read(name).replaceAll('\0', '').trim()
    return value === '' ? [] : [{ name, value, anchor: { path: `info/${name}`, page: null, box: null } }]
  })
}
