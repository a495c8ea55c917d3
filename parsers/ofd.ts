/**
 * OFD, the fixed layout of Chinese official documents (GB/T 33190-2016), to pages as they are drawn: a zip of XML in which
 * every character and every line has its place. What it says about itself comes with them; seals and other annotations
 * are no text of the document. How pages become tables is decided in parsers/layout.
 */
import type { Document, Metadatum, Notice } from './document.ts'
import type { Page } from './layout/page.ts'
import { layOutPages } from './layout/pages.ts'
import { drawPage } from './ofd/drawing.ts'
import { readPackage } from './ofd/package.ts'
import { isScan } from './scan/drawn.ts'

/** All pages of all documents in the file, numbered through, and what it states about itself. */
export type OfdPages = { readonly pages: readonly Page[]; readonly metadata: readonly Metadatum[] }

/**
 * The pages of some OFD bytes.
 * @throws ParseFailure `encrypted`, `damaged`; LimitError
 */
export function readOfdPages(bytes: Uint8Array): OfdPages {
  const { pages, metadata } = readPackage(bytes)
  const spent = { objects: 0, marks: 0, points: 0, compared: 0 }
  const drawn: Page[] = []
  for (const page of pages) drawn.push(drawPage(page, drawn.length + 1, spent))
  return { pages: drawn, metadata }
}

/**
 * The document of some OFD bytes, its pages laid out by their ruling lines. Pages that are scans are told, not read.
 * @throws ParseFailure `encrypted`, `damaged`; LimitError
 */
export function parseOfd(bytes: Uint8Array): Document {
  const { pages, metadata } = readOfdPages(bytes)
  const { blocks, notices } = layOutPages(pages)
  const scans = pages.filter(isScan).map(({ number }): Notice => {
    const anchor = { path: `page[${number}]`, page: number, box: null }
    return { code: 'image_in_place_of_text', anchor, data: { count: 1 } }
  })
  return {
    format: 'ofd',
    mediaType: 'application/ofd',
    engine: 'gouji',
    encoding: null,
    title: metadata.find(({ name }) => name === 'title')?.value ?? null,
    metadata,
    blocks,
    notices: [...notices, ...scans],
  }
}
