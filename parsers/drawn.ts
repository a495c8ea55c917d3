/** One page of a document of drawn pages, before anything on it is understood: for whoever wants to see it. */
import { detectKind } from './detect.ts'
import type { Page } from './layout/page.ts'
import { upright } from './layout/pages.ts'
import { readOfdPages } from './ofd.ts'
import { openPdf } from './pdf/pages.ts'

/**
 * The page with a number from 1, turned as it is read; null where the document is no PDF or OFD or has no such page.
 * @throws ParseFailure `encrypted`, `damaged`; LimitError
 */
export async function drawnPage(bytes: Uint8Array, number: number): Promise<Page | null> {
  const kind = detectKind(bytes)
  if (kind === 'ofd') {
    const page = readOfdPages(bytes).pages[number - 1]
    return page === undefined ? null : upright(page)
  }
  if (kind !== 'pdf') return null
  const pdf = await openPdf(bytes)
  try {
    const page = number > pdf.pageCount ? null : pdf.page(number - 1)
    return page === null ? null : upright(page)
  } finally {
    pdf.close()
  }
}
