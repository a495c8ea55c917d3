/**
 * The document model: what every parser gives and all that comes after it sees. A Document is paragraphs and grids in
 * reading order; nothing in it says how the source was encoded, so no later stage can come to depend on a format.
 */
import type { FindEngine } from './scan/engine.ts'

/** A rectangle in points, origin at the top left of the page. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/**
 * Where something stands in its source. `path` is in the source's own terms (`line[12]/field[3]`,
 * `table[2]/tr[5]/td[1]`, `paragraph[7]`), page counts from 1, and both page and box are null where the format has none.
 */
export type Anchor = { readonly path: string; readonly page: number | null; readonly box: Box | null }

/** Values that explain a notice or an error: places, counts, names; sentences are made of them in src/messages. */
export type Data = Readonly<Record<string, string | number | readonly string[] | readonly number[]>>

/** What a parser could not read for sure. */
export type ParserNoticeCode =
  | 'encoding_differs_from_declared' // data: declared, used
  | 'undecodable_characters' // data: count
  | 'encoding_mended' // data: taken_for, used; a program took the text for another encoding and saved it again
  | 'span_clamped' // data: row, column; a span that reaches beyond the grid was cut
  | 'cells_overlap' // data: row, column; two cells claim one place, the first keeps it
  | 'row_short' // a place behind a row with fewer cells than its table has columns, of which it may be another that is missing
  | 'columns_by_alignment' // a cell whose column is known only from where it stands on the line
  | 'columns_by_white_space' // a cell of a table without ruling lines between its columns, or such a table
  | 'columns_collide' // data: line; space-aligned text whose columns cannot be told apart
  | 'struck_out_text' // data: text; text that the source shows as deleted, left out
  | 'hidden_content' // data: text; text that the source holds and does not show, left out
  | 'hidden_content_read' // data: text; most of a page, which it hides until a script shows it
  | 'image_in_place_of_text' // data: count, wants; pictures that may hold figures
  | 'read_from_picture' // a cell, or all that a document says, known only from how it looks
  | 'reading_uncertain' // data: text, candidates; a cell of a picture that can be read in several ways or in none for sure
  | 'page_turned' // data: degrees; clockwise, by which a picture or page had to be turned to stand upright: places are those after that
  | 'scans_not_read' // data: pages, detail, wants; pages of a document that are scans, and nothing reads them
  | 'pages_missing' // data: count; pages that the file names and does not hold, or holds and does not count
  | 'contents_torn' // data: count; pages whose drawing is parted in the middle of a number or word
  | 'attachment_only' // data: links; the page points to a file that may be the report
  | 'files_attached' // data: names; files inside of the file, which are documents of their own and not read
  | 'content_truncated' // data: limit, max
  | 'cells_cut_off' // data: count; cells that end in dots in place of the rest, or where spreadsheets cut them off
  | 'document_cut_off' // data: inside, a word of cutoff.ts; the source ends before what it begins does
  | 'markup_repaired' // data: what
  | 'glyphs_without_text' // data: count; characters that are drawn and whose font does not say what they are
  | 'digits_ambiguous' // data: count; digits of one font that are drawn as different characters
  | 'figure_broken' // data: text; a figure over two lines, or two figures of which one goes nowhere
  | 'figure_cut_by_line' // a ruling line runs through a figure: which cell it belongs to is not sure
  | 'unruled_table' // data: count; lines of text in columns without ruling lines: kept as text, not read as a table
  | 'read_by_other_engine' // data: engine, detail; the first reader of PDF could not load the file, this one did
  | 'hidden_text' // data: count; text that the page holds and does not show
  | 'text_left_out' // data: text; drawn slanted, faint or hidden, or as a remark on the page: a watermark, a stamp

/** One thing that could not be read for sure: data, worded later. */
export type Notice<Code extends string = ParserNoticeCode> = {
  readonly code: Code
  readonly anchor: Anchor | null
  readonly data: Data
}

/** One cell of a grid. `text` is as printed: line breaks kept as `\n`, nothing trimmed inside, guessed or converted. */
export type Cell = {
  readonly row: number
  readonly column: number
  readonly rowSpan: number
  readonly columnSpan: number
  readonly text: string
  /** True where the source has no cell at this place and one was put in to fill the grid: absent, not blank. */
  readonly filler: boolean
  /** Why the reading of this cell is not certain; null where it is. */
  readonly doubt: ParserNoticeCode | null
  /** It is blank, the last of its row, and may be no cell but what fills the row up to the width of its table. */
  readonly fills?: true
  /** Only where it was read from a picture. */
  readonly reading?: PictureReading
  readonly anchor: Anchor
}

/** How sure a reader of pictures is of a cell's text, 0 to 1, and what else the cell may say, the likeliest first. */
export type PictureReading = { readonly confidence: number; readonly candidates: readonly string[] }

/** A run of text. `heading` is its level (1 the highest) where the source marks it as one. */
export type Paragraph = {
  readonly kind: 'paragraph'
  readonly text: string
  readonly heading: number | null
  /** How sure a reader of pictures is of it, 0 to 1; only where it was read from one. */
  readonly confidence?: number
  readonly anchor: Anchor
}

/**
 * A table. Its cells tile it: each place belongs to exactly one cell. `columns` says what a column number is worth:
 * `aligned` where the source fixes it (markup, ruling lines), `ragged` where a line's fields are only counted from its
 * start, so that the same figure may stand in another column from row to row.
 */
export type Grid = {
  readonly kind: 'grid'
  readonly rowCount: number
  readonly columnCount: number
  readonly columns: 'aligned' | 'ragged'
  /** Its rows are lines of text: one of the source's rows may go over several of them, cell by cell. */
  readonly wraps?: true
  /** Its rows show their ends: no blank cell can have been cut off behind the last one. */
  readonly ended?: true
  /** By row, then column. */
  readonly cells: readonly Cell[]
  /** Rows that begin a page, the first one left out: a cell or a row may have been cut in two there. */
  readonly pageBreaks: readonly number[]
  readonly anchor: Anchor
}

export type Block = Paragraph | Grid

/** A name and value that the source states about itself: a meta element, a document property, a header line of a dump. */
export type Metadatum = { readonly name: string; readonly value: string; readonly anchor: Anchor }

export type Document = {
  /** Name of the format that it was read as: `text`, `html`, `docx`, `doc`, `xlsx` and so on. */
  readonly format: string
  readonly mediaType: string
  /** The library that read it, with its version. */
  readonly engine: string
  /** Character encoding used, by its WHATWG name; null where the format has none of its own. */
  readonly encoding: string | null
  /** The title the source declares about itself, not one guessed from its text. */
  readonly title: string | null
  readonly metadata: readonly Metadatum[]
  readonly blocks: readonly Block[]
  /**
   * Where the source shows what it does not hold as text (pictures that were not read, frames, what scripts draw): the number
   * of blocks before each. Only formats that can tell the place say it; what is too small for a table, and pages that are
   * scans, which `scans_not_read` names, are left out.
   */
  readonly unread?: readonly number[]
  /** True for a text whose last line ends as lines do: one that was cut off within a line does not. */
  readonly endsInLine?: boolean
  readonly notices: readonly Notice[]
}

/** Why bytes gave no Document. `data` fills the sentence in src/messages. */
export type ParseFailureCode =
  | 'empty_file'
  | 'unsupported_format' // data: kind
  | 'binary_noise'
  | 'encrypted'
  | 'archive_unsupported' // data: kind; an archive of a kind, or packed in a way, that is not opened
  | 'damaged' // data: detail
  | 'limit_exceeded' // data: limit, max
  | 'picture_without_engine' // data: kind; a picture, and nothing is installed that reads pictures
  | 'engine_failed' // data: detail; what reads pictures is there and failed

export type ParseResult =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly mediaType: string; readonly reason: ParseFailureCode; readonly data: Data }

/** What a caller knows about the bytes besides the bytes: never trusted before them. */
export type Hints = {
  /** The charset an HTTP header declared, if any. */
  readonly charset?: string
  /** Finds what reads pictures, asked for by the first picture; null where the machine has none. */
  readonly ocr?: FindEngine
  /** Which of the two readers of PDF; PDFium where nothing is said. */
  readonly pdfEngine?: PdfEngine
}

/** The two readers of PDF, which share no code. */
export type PdfEngine = 'pdfium' | 'pdf-parse'
