/**
 * Reports as OFD (GB/T 33190-2016), in the manners of several producers: the pages are typeset, then written as the
 * standard has it, text by offsets and lines by paths. The XML is written here; nothing of the reader is used.
 */
import { strToU8, zipSync } from 'fflate'
import type { Truth } from '../figures.ts'
import { makeRandom, type Random } from '../random.ts'
import { composeReport } from '../report.ts'
import { expectCells, type Rendering, type Shape } from '../shape.ts'
import { advanceOf, type TypesetLine, type TypesetPage, type TypesetText, typeset, widthOf } from '../typeset.ts'

/** How one producer writes. */
export type OfdManner = {
  readonly name: string
  /** One run of text as text objects. */
  readonly text: (text: TypesetText, id: Ids) => string
  /** The ruling lines of a page as path objects. */
  readonly lines: (lines: readonly TypesetLine[], id: Ids) => string
  /** Where the ruling lines are: in the page, in a template of its own, or in a drawing that the page shows. */
  readonly linesIn?: 'page' | 'template' | 'drawing'
  /** Locations from the root of the package instead of from the file they stand in. */
  readonly absolute?: boolean
  /** Around the objects of a page. */
  readonly content?: (objects: string, page: TypesetPage, id: Ids) => string
  /** A prefix for elements other than the usual one. */
  readonly prefix?: string
}

type Ids = { next(): number }

/** A file with what a reader of it must find. */
export type OfdRendering = Rendering & { readonly pages: readonly TypesetPage[] }

const namespace = 'http://www.ofdspec.org/2016'
const number = (value: number): string => String(Math.round(value * 10_000) / 10_000)
const numbers = (...values: number[]): string => values.map(number).join(' ')
const escapeText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const box = ({ text, x, y, size }: TypesetText): string => numbers(x, y - size, widthOf(text, size), size * 1.25)
const offsets = (text: string, size: number): number[] => [...text].slice(0, -1).map((one) => advanceOf(one, size))

/** Runs of equal steps as `g count step`. */
function shorten(steps: readonly number[]): string {
  const parts: string[] = []
  for (let at = 0; at < steps.length; ) {
    let end = at
    while (end < steps.length && steps[end] === steps[at]) end++
    parts.push(end - at > 1 ? `g ${end - at} ${number(steps[at]!)}` : number(steps[at]!))
    at = end
  }
  return parts.join(' ')
}

function textObject(text: TypesetText, id: Ids, code: string, more = '', inside = ''): string {
  return `<ofd:TextObject ID="${id.next()}" Boundary="${box(text)}" Font="1" Size="${number(text.size)}"${more}>${inside}${code}</ofd:TextObject>`
}

function textCode(text: string, x: number, y: number, delta: string): string {
  const attribute = delta === '' ? '' : ` DeltaX="${delta}"`
  return `<ofd:TextCode X="${number(x)}" Y="${number(y)}"${attribute}>${escapeText(text)}</ofd:TextCode>`
}

const shortRuns: OfdManner['text'] = (text, id) =>
  textObject(text, id, textCode(text.text, 0, text.size, shorten(offsets(text.text, text.size))))

const longRuns: OfdManner['text'] = (text, id) => {
  const glyphs = [...text.text].map((_, index) => index + 3).join(' ')
  const count = [...text.text].length
  const transform = `<ofd:CGTransform CodePosition="0" CodeCount="${count}" GlyphCount="${count}"><ofd:Glyphs>${glyphs}</ofd:Glyphs></ofd:CGTransform>`
  const steps = offsets(text.text, text.size).map(number).join(' ')
  return textObject(text, id, textCode(text.text, 0, text.size, steps), ' DrawParam="3"', transform)
}

const characters: OfdManner['text'] = (text, id) => {
  let x = text.x
  return [...text.text]
    .map((one) => {
      const single = { ...text, text: one, x }
      x += advanceOf(one, text.size)
      return textObject(single, id, textCode(one, 0, text.size, ''))
    })
    .join('')
}

/** Text of size 1, made as large as it is by its map. */
const unitText: OfdManner['text'] = (text, id) => {
  const { size } = text
  const code = textCode(text.text, 0, 1, shorten(offsets(text.text, 1)))
  return `<ofd:TextObject ID="${id.next()}" Boundary="${box(text)}" CTM="${numbers(size, 0, 0, size, 0, 0)}" Font="1" Size="1">${code}</ofd:TextObject>`
}

/** Boundaries as large as the page, places on the page in the text codes. */
const pageText: OfdManner['text'] = (text, id) =>
  `<ofd:TextObject ID="${id.next()}" Boundary="0 0 210 297" Font="1" Size="${number(text.size)}">${textCode(text.text, text.x, text.y, shorten(offsets(text.text, text.size)))}</ofd:TextObject>`

const edges = (lines: readonly TypesetLine[]): TypesetLine[] => [
  ...new Map(lines.map((line) => [numbers(line.x1, line.y1, line.x2, line.y2), line])).values(),
]

/** A path for each line, its boundary as thin as the line. */
const strokes: OfdManner['lines'] = (lines, id) =>
  edges(lines)
    .map(({ x1, y1, x2, y2 }) => {
      const area = numbers(x1, y1, x2 - x1, y2 - y1)
      return `<ofd:PathObject ID="${id.next()}" Boundary="${area}" LineWidth="0.25"><ofd:AbbreviatedData>M 0 0 L ${numbers(x2 - x1, y2 - y1)}</ofd:AbbreviatedData></ofd:PathObject>`
    })
    .join('')

/** All lines in one path, its colour and width in the drawing parameters. */
const onePath: OfdManner['lines'] = (lines, id) => {
  const data = edges(lines).map(({ x1, y1, x2, y2 }) => `M ${numbers(x1, y1)} L ${numbers(x2, y2)}`)
  return `<ofd:PathObject ID="${id.next()}" Boundary="0 0 210 297" DrawParam="3"><ofd:AbbreviatedData>${data.join(' ')}</ofd:AbbreviatedData></ofd:PathObject>`
}

/** Thin rectangles that are filled. */
const bars: OfdManner['lines'] = (lines, id) =>
  edges(lines)
    .map(({ x1, y1, x2, y2 }) => {
      const [width, height] = [x2 - x1 + 0.2, y2 - y1 + 0.2]
      const area = numbers(x1 - 0.1, y1 - 0.1, width, height)
      return `<ofd:PathObject ID="${id.next()}" Boundary="${area}" Stroke="false" Fill="true"><ofd:FillColor Value="0 0 0"/><ofd:AbbreviatedData>M 0 0 L ${numbers(width, 0)} L ${numbers(width, height)} L ${numbers(0, height)} C</ofd:AbbreviatedData></ofd:PathObject>`
    })
    .join('')

/** What a page holds beside its report: a watermark across it, white grounds, hidden words, a curve, a picture. */
function decorated(objects: string, page: TypesetPage, id: Ids): string {
  const grounds = page.cells.map(({ x, y, width, height }) => {
    const data = `M 0 0 L ${numbers(width, 0)} L ${numbers(width, height)} L ${numbers(0, height)} C`
    return `<ofd:PathObject ID="${id.next()}" Boundary="${numbers(x, y, width, height)}" Stroke="false" Fill="true"><ofd:FillColor Value="255 255 255"/><ofd:AbbreviatedData>${data}</ofd:AbbreviatedData></ofd:PathObject>`
  })
  const watermark = `<ofd:TextObject ID="${id.next()}" Boundary="40 100 130 130" CTM="0.7071 -0.7071 0.7071 0.7071 0 90" Font="1" Size="20"><ofd:FillColor Value="200 200 200" Alpha="90"/>${textCode('样稿2099', 0, 20, 'g 7 20')}</ofd:TextObject>`
  const hidden = `<ofd:TextObject ID="${id.next()}" Boundary="30 30 100 10" Visible="false" Font="1" Size="5">${textCode('99', 0, 5, '3')}</ofd:TextObject>`
  const faint = `<ofd:TextObject ID="${id.next()}" Boundary="60 150 100 10" Font="1" Size="8"><ofd:FillColor Value="0 0 0" Alpha="0"/>${textCode('88', 0, 8, '4')}</ofd:TextObject>`
  const curve = `<ofd:PathObject ID="${id.next()}" Boundary="20 270 170 15" LineWidth="0.3"><ofd:AbbreviatedData>M 0 0 B 50 5 100 10 170 12 Q 80 14 10 15</ofd:AbbreviatedData></ofd:PathObject>`
  const white = `<ofd:PathObject ID="${id.next()}" Boundary="20 40 170 100"><ofd:StrokeColor Value="#FF #FF #FF"/><ofd:AbbreviatedData>M 0 30 L 170 30</ofd:AbbreviatedData></ofd:PathObject>`
  const picture = `<ofd:ImageObject ID="${id.next()}" CTM="12 0 0 12 0 0" Boundary="180 4 12 12" ResourceID="9"/>`
  return `${grounds.join('')}${white}${watermark}<ofd:PageBlock ID="${id.next()}"><ofd:PageBlock ID="${id.next()}">${objects}</ofd:PageBlock></ofd:PageBlock>${hidden}${faint}${curve}${picture}`
}

/** Every manner. */
export const ofdManners: readonly OfdManner[] = [
  { name: 'short runs, a stroke a line', text: shortRuns, lines: strokes },
  { name: 'offsets written out, one path', text: longRuns, lines: onePath, absolute: true },
  { name: 'one character an object, bars', text: characters, lines: bars },
  { name: 'lines in a template', text: shortRuns, lines: strokes, linesIn: 'template' },
  { name: 'lines in a drawing', text: pageText, lines: onePath, linesIn: 'drawing', absolute: true },
  { name: 'text of size 1', text: unitText, lines: strokes, prefix: '' },
  { name: 'grounds, watermarks and hidden words', text: shortRuns, lines: bars, content: decorated },
]

/** A report as one producer writes it, with the pages as they were set. */
export function renderOfd(truth: Truth, seed: number, manner: OfdManner): OfdRendering {
  const random = makeRandom(seed)
  const labels = { level: random.pick(['official', 'alias', 'typography'] as const), spaces: [' ', '\u3000'] }
  const parts = composeReport(truth, { labels, table2: random.pick(['one', 'several', 'uneven'] as const) }, random)
  const pages = typeset(parts, random)
  const title = parts.flatMap((part) => (part.kind === 'title' ? part.lines : [])).join('')
  const files = writeFiles(pages, title, manner, random)
  return {
    bytes: makeOfd(files),
    text: Object.values(files).join('\n'),
    name: random.pick(['年报.ofd', 'report.ofd', 'P020240130.ofd']),
    expected: expectCells(truth),
    local: false,
    note: `${manner.name}, labels ${labels.level}`,
    pages,
  }
}

/** The entries as an OFD file; a fixed time, so that the same text is the same bytes. */
export function makeOfd(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const entries = Object.entries(files).map(
    ([name, content]) => [name, typeof content === 'string' ? strToU8(content) : content] as const,
  )
  return zipSync(Object.fromEntries(entries), { mtime: new Date(2024, 0, 2) })
}

/** The files of an OFD whose pages are these contents of layers, for what no report looks like. */
export function ofdFiles(layers: readonly string[], resources = ''): Record<string, string> {
  const pages = layers.map((_, index) => `<ofd:Page ID="${100 + index}" BaseLoc="Pages/Page_${index}/Content.xml"/>`)
  const files: Record<string, string> = {
    'OFD.xml': part(
      'OFD',
      `<ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>`,
      ' Version="1.0" DocType="OFD"',
    ),
    'Doc_0/Document.xml': part(
      'Document',
      `<ofd:CommonData><ofd:MaxUnitID>999</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData><ofd:Pages>${pages.join('')}</ofd:Pages>`,
    ),
    'Doc_0/DocumentRes.xml': part('Res', resources, ' BaseLoc="Res"'),
  }
  for (const [index, layer] of layers.entries())
    files[`Doc_0/Pages/Page_${index}/Content.xml`] = part(
      'Page',
      `<ofd:Content><ofd:Layer ID="2">${layer}</ofd:Layer></ofd:Content>`,
    )
  return files
}

function part(root: string, inside: string, more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ofd:${root} xmlns:ofd="${namespace}"${more}>${inside}</ofd:${root}>`
}

function writeFiles(
  pages: readonly TypesetPage[],
  title: string,
  manner: OfdManner,
  random: Random,
): Record<string, string> {
  let last = 1000
  const id: Ids = { next: () => ++last }
  const from = (folder: string, name: string): string => (manner.absolute ? `/${folder}${name}` : name)
  const { linesIn = 'page', content = (objects) => objects } = manner
  const files: Record<string, string> = {}
  const units: string[] = []
  for (const [index, page] of pages.entries()) {
    const lines = page.lines.length === 0 ? '' : manner.lines(page.lines, id)
    const texts = page.texts.map((text) => manner.text(text, id)).join('')
    let shown = lines
    if (linesIn === 'drawing') {
      units.push(
        `<ofd:CompositeGraphicUnit ID="${500 + index}" Width="210" Height="297"><ofd:Content>${lines}</ofd:Content></ofd:CompositeGraphicUnit>`,
      )
      shown = `<ofd:CompositeObject ID="${id.next()}" Boundary="0 0 210 297" ResourceID="${500 + index}"/>`
    }
    if (linesIn === 'template') {
      files[`Doc_0/Tpls/Tpl_${index}/Content.xml`] = part(
        'Page',
        `<ofd:Content><ofd:Layer ID="${id.next()}">${lines}</ofd:Layer></ofd:Content>`,
      )
      shown = ''
    }
    const used =
      linesIn === 'template'
        ? `<ofd:Template TemplateID="${300 + index}" ZOrder="${random.pick(['Background', 'Foreground'])}"/>`
        : ''
    const layer = `<ofd:Content><ofd:Layer ID="${id.next()}" Type="Body" DrawParam="4">${content(shown + texts, page, id)}</ofd:Layer></ofd:Content>`
    files[`Doc_0/Pages/Page_${index}/Content.xml`] = part(
      'Page',
      `<ofd:Area><ofd:PhysicalBox>${numbers(0, 0, page.width, page.height)}</ofd:PhysicalBox></ofd:Area>${used}${layer}`,
    )
  }
  const list = (element: string, first: number, folder: string): string =>
    pages
      .map(
        (_, index) =>
          `<ofd:${element} ID="${first + index}" BaseLoc="${from('Doc_0/', `${folder}_${index}/Content.xml`)}"/>`,
      )
      .join('')
  const templates = linesIn === 'template' ? list('TemplatePage', 300, 'Tpls/Tpl') : ''
  const info = `<ofd:DocInfo><ofd:DocID>0123456789abcdef0123456789abcdef</ofd:DocID><ofd:Title>${escapeText(title)}</ofd:Title><ofd:Author>办公室</ofd:Author><ofd:CreationDate>2024-01-02</ofd:CreationDate></ofd:DocInfo>`
  files['OFD.xml'] = part(
    'OFD',
    `<ofd:DocBody>${info}<ofd:DocRoot>${from('', 'Doc_0/Document.xml')}</ofd:DocRoot></ofd:DocBody>`,
    ' Version="1.0" DocType="OFD"',
  )
  files['Doc_0/Document.xml'] = part(
    'Document',
    `<ofd:CommonData><ofd:MaxUnitID>${last}</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 200 200</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>${from('Doc_0/', 'PublicRes.xml')}</ofd:PublicRes>${templates}</ofd:CommonData><ofd:Pages>${list('Page', 100, 'Pages/Page')}</ofd:Pages><ofd:Annotations>${from('Doc_0/', 'Annots/Annotations.xml')}</ofd:Annotations>`,
  )
  files['Doc_0/PublicRes.xml'] = part(
    'Res',
    `${resources}<ofd:CompositeGraphicUnits>${units.join('')}</ofd:CompositeGraphicUnits>`,
    ' BaseLoc="Res"',
  )
  Object.assign(files, annotations(from))
  return manner.prefix === undefined
    ? files
    : Object.fromEntries(
        Object.entries(files).map(([name, text]) => [
          name,
          text.replace(/(<\/?)ofd:/g, '$1').replace('xmlns:ofd', 'xmlns'),
        ]),
      )
}

const resources = `<ofd:Fonts><ofd:Font ID="1" FontName="SimSun" FamilyName="宋体"/></ofd:Fonts><ofd:ColorSpaces><ofd:ColorSpace ID="5" Type="CMYK"/></ofd:ColorSpaces><ofd:DrawParams><ofd:DrawParam ID="2" LineWidth="0.3"><ofd:StrokeColor ColorSpace="5" Value="0 0 0 100"/></ofd:DrawParam><ofd:DrawParam ID="3" Relative="2"><ofd:FillColor Value="20 20 20"/></ofd:DrawParam><ofd:DrawParam ID="4"><ofd:StrokeColor Value="0 0 0"/></ofd:DrawParam></ofd:DrawParams>`

/** A stamp on the first page, with a year and a number that are not the report's. */
function annotations(from: (folder: string, name: string) => string): Record<string, string> {
  const stamp = `<ofd:TextObject ID="901" Boundary="0 0 60 10" Font="1" Size="5">${textCode('已阅2098', 0, 5, 'g 5 5')}</ofd:TextObject>`
  return {
    'Doc_0/Annots/Annotations.xml': part(
      'Annotations',
      `<ofd:Page PageID="100"><ofd:FileLoc>${from('Doc_0/Annots/', 'Page_0/Annotation.xml')}</ofd:FileLoc></ofd:Page>`,
    ),
    'Doc_0/Annots/Page_0/Annotation.xml': part(
      'PageAnnot',
      `<ofd:Annot ID="900" Type="Stamp" Creator="x" LastModDate="2024-01-02"><ofd:Appearance Boundary="70 150 60 10">${stamp}</ofd:Appearance></ofd:Annot>`,
    ),
  }
}

/** Every OFD shape. */
export const ofdShapes: readonly Shape[] = ofdManners.map((manner) => ({
  name: `ofd ${manner.name}`,
  format: 'ofd',
  lossy: false,
  render: (truth, seed) => renderOfd(truth, seed, manner),
}))
