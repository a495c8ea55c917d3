/** Names of sheets among the blocks of a workbook, each before what its sheet holds. */
import type { Block, Paragraph } from './document.ts'

const ending = '/name'

/** The name of a sheet as a paragraph; `sheet` is how its cells call it. */
export function sheetNameParagraph(name: string, sheet: string): Paragraph {
  return { kind: 'paragraph', text: name, heading: null, anchor: { path: `${sheet}${ending}`, page: null, box: null } }
}

/** True for the name of a sheet: it is printed on no page. */
export function isSheetName({ kind, anchor }: Block): boolean {
  return kind === 'paragraph' && anchor.path.endsWith(ending)
}
