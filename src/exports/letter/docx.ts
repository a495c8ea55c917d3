/** A letter as a Word document on A4: fonts, sizes and order as official letters in China have them. */
import {
  AlignmentType,
  Document,
  HeadingLevel,
  type ITableCellOptions,
  Packer,
  Paragraph,
  ShadingType,
  Table,
  TableCell,
  TableRow,
  TextRun,
  VerticalAlign,
  WidthType,
} from 'docx'
import { sayInLetter } from '../../messages/letter.ts'
import { printedText, type SheetCell } from '../audit/layout.ts'
import type { CellMark } from '../audit/marks.ts'
import type { Letter, LetterItem, LetterTable } from './content.ts'

/** Sizes in half points: 二号, 三号, 小四, 小五. */
const size = { title: 44, body: 32, entry: 24, table: 18 } as const
const bodyFont = { ascii: 'Times New Roman', hAnsi: 'Times New Roman', eastAsia: 'FangSong' }
const headFont = { ascii: 'Times New Roman', hAnsi: 'Times New Roman', eastAsia: 'SimHei' }
/** Two characters of the body. */
const indent = { firstLine: 640 }
const shades = { error: 'FBD5D2', warning: 'FDE9B8', info: 'D9E8F7' } as const

/** The document's bytes. */
export async function letterDocx(letter: Letter): Promise<Uint8Array> {
  const { title, salutation, opening, sources, groups, closing, signature, attachment, lang } = letter
  const points = groups.flatMap(({ heading, lead, items }) => [
    new Paragraph({
      heading: HeadingLevel.HEADING_2,
      spacing: { before: 240 },
      children: [run(heading, size.body, headFont)],
    }),
    paragraph(lead),
    ...items.flatMap((item) => drawItem(item, lang)),
  ])
  const tables = attachment.tables.flatMap((table) => drawTable(table, lang))
  const heading = { pageBreakBefore: true, children: [run(attachment.heading, size.body, headFont)] }
  const attached =
    tables.length === 0 ? [] : [new Paragraph(heading), paragraph(attachment.lead, size.entry), ...tables]
  const children = [
    new Paragraph({
      heading: HeadingLevel.HEADING_1,
      alignment: AlignmentType.CENTER,
      spacing: { after: 480 },
      children: [run(title, size.title, headFont)],
    }),
    new Paragraph({ children: [run(salutation)] }),
    paragraph(opening),
    ...sources.map((text) => paragraph(text, size.entry)),
    ...points,
    ...closing.map((text) => paragraph(text)),
    ...signature.map(
      (text) => new Paragraph({ alignment: AlignmentType.RIGHT, spacing: { before: 240 }, children: [run(text)] }),
    ),
    ...attached,
  ]
  // A4 with the margins of official documents, in twentieths of a point.
  const page = { size: { width: 11906, height: 16838 }, margin: { top: 2098, bottom: 1984, left: 1588, right: 1474 } }
  const styles = { default: { document: { run: { font: bodyFont, size: size.body } } } }
  const document = new Document({
    creator: 'gouji',
    title: clean(title),
    styles,
    sections: [{ properties: { page }, children }],
  })
  return Packer.toBuffer(document)
}

function drawItem({ number, sentence, entries }: LetterItem, lang: Letter['lang']): Paragraph[] {
  const colon = lang === 'zh' ? '：' : ': '
  return [
    new Paragraph({ indent, keepNext: true, spacing: { before: 160 }, children: [run(`${number}. ${sentence}`)] }),
    ...entries.map(
      ([name, value]) =>
        new Paragraph({
          indent: { left: 640 },
          children: [run(`${name}${colon}`, size.entry, headFont), run(value, size.entry)],
        }),
    ),
  ]
}

function drawTable({ caption, layout, marks }: LetterTable, lang: Letter['lang']): (Paragraph | Table)[] {
  const unit = layout.unit === null ? '' : ` (${layout.unit})`
  const rows = layout.rows.map(
    (row, index) =>
      new TableRow({
        cantSplit: true,
        tableHeader: index < layout.headRows,
        children: row.map((cell) => drawCell(cell, marks, lang)),
      }),
  )
  const title = run(`${layout.title[lang]}${unit} ${caption}`.trim(), size.entry, headFont)
  return [
    new Paragraph({ keepNext: true, spacing: { before: 240, after: 80 }, children: [title] }),
    new Table({ rows, width: { size: 100, type: WidthType.PERCENTAGE } }),
  ]
}

function drawCell(cell: SheetCell, marks: ReadonlyMap<string, CellMark>, lang: Letter['lang']): TableCell {
  const options = { rowSpan: cell.rowSpan, columnSpan: cell.columnSpan, verticalAlign: VerticalAlign.CENTER }
  if (cell.kind !== 'value') {
    const label = cell.kind === 'void' ? '' : (cell.label?.[lang] ?? '')
    return tableCell(options, [run(label, size.table)], AlignmentType.CENTER)
  }
  const mark = marks.get(cell.code)
  const absent = cell.fact === undefined || cell.fact.state === 'absent'
  const text = clean(absent ? sayInLetter('absent', lang) : printedText(cell.fact))
  const bold = mark?.role === 'printed'
  const numbers =
    mark === undefined ? [] : [new TextRun({ text: mark.findings.join(','), size: size.table, superScript: true })]
  const shading = bold ? { shading: { type: ShadingType.CLEAR, fill: shades[mark.severity], color: 'auto' } } : {}
  const shown = new TextRun({ text, size: size.table, bold, font: bodyFont })
  return tableCell({ ...options, ...shading }, [shown, ...numbers], AlignmentType.RIGHT)
}

function tableCell(
  options: Omit<ITableCellOptions, 'children'>,
  children: TextRun[],
  alignment: (typeof AlignmentType)[keyof typeof AlignmentType],
): TableCell {
  return new TableCell({ ...options, children: [new Paragraph({ alignment, children })] })
}

function paragraph(text: string, textSize: number = size.body): Paragraph {
  return new Paragraph({ indent, children: [run(text, textSize)] })
}

function run(text: string, textSize: number = size.body, font = bodyFont): TextRun {
  return new TextRun({ text: clean(text), size: textSize, font, color: '000000' })
}

/** Without the characters that XML cannot hold. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
  return text.replace(/\p{Surrogate}/gu, '\uFFFD').replace(/[\u0000-\u001F\uFFFE\uFFFF]+/g, ' ')
}
