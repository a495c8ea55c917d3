/**
 * The smallest PDF with Chinese text: takes content streams, gives bytes. Its font is not in the file and its characters
 * are UCS-2, as old producers wrote it: a reader needs the character maps of the font's collection.
 */

/** A string operand of UCS-2 code units. */
export function hexText(text: string): string {
  return `<${[...text].map((one) => one.charCodeAt(0).toString(16).padStart(4, '0')).join('')}>`
}

/** Text of 10 points whose line begins at a place in points, y upwards. */
export function textAt(x: number, y: number, text: string): string {
  return `BT /F1 10 Tf 1 0 0 1 ${x} ${y} Tm ${hexText(text)} Tj ET\n`
}

/** A ruled table of equal cells whose top left corner is at a place; a cell is given as operators by `draw`. */
export function ruledTable(
  left: number,
  top: number,
  width: number,
  height: number,
  rows: readonly (readonly string[])[],
  draw: (x: number, y: number, text: string) => string = textAt,
): string {
  let content = ''
  for (const [row, cells] of rows.entries()) {
    for (const [column, text] of cells.entries()) {
      const x = left + column * width
      const y = top - (row + 1) * height
      content += `${x} ${y} ${width} ${height} re S\n${text === '' ? '' : draw(x + 4, y + height / 2 - 4, text)}`
    }
  }
  return content
}

/** What a PDF has besides its pages' content. */
export type PlainPdfParts = {
  /** Entries of every page's resources, of every page, and of the catalog. */
  readonly resources?: string
  readonly page?: string
  readonly catalog?: string
  /** Objects that these name, numbered from 50 on. */
  readonly objects?: readonly string[]
}

/** Number of the first of `PlainPdfParts.objects`. */
const firstObject = 50

/** A PDF with a page for each content stream. */
export function plainPdf(contents: readonly string[], parts: PlainPdfParts = {}): Uint8Array {
  const { resources = '', page = '', catalog = '', objects: more = [] } = parts
  const kids = contents.map((_, index) => `${6 + 2 * index} 0 R`).join(' ')
  const objects = [
    `<</Type/Catalog/Pages 2 0 R${catalog}>>`,
    `<</Type/Pages/Count ${contents.length}/Kids[${kids}]>>`,
    '<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>',
    '<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000/FontDescriptor 5 0 R>>',
    '<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>',
    ...contents.flatMap((content, index) => [
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>${resources}>>${page}/Contents ${7 + 2 * index} 0 R>>`,
      `<</Length ${content.length}>>stream\n${content}\nendstream`,
    ]),
  ]
  if (more.length > 0) while (objects.length < firstObject - 1) objects.push('null')
  objects.push(...more)
  let file = '%PDF-1.5\n'
  const places = objects.map((object, index) => {
    const place = file.length
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
    return place
  })
  const xref = file.length
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  file += places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  file += `trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}
