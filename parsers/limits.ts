/**
 * Every bound on hostile input, named with its unit last. Reports are small: the largest real one seen is under 1 MB,
 * its largest table under 400 cells. Meeting a limit is a failure with its name, or a notice where the rest still holds.
 */
export const limits = {
  /** A document of any format. */
  documentBytesMax: 64 * 1024 * 1024,
  /** All entries of an archive together, unpacked. */
  archiveBytesMax: 128 * 1024 * 1024,
  /** One entry of an archive, unpacked. */
  archiveEntryBytesMax: 64 * 1024 * 1024,
  archiveEntriesMax: 4_000,
  /** Unpacked to packed size; looked at only above archiveRatioFloorBytes, since small XML packs well. */
  archiveRatioMax: 200,
  archiveRatioFloorBytes: 8 * 1024 * 1024,
  /** All files of an archive of documents together, unpacked, with those of archives in it. */
  bundleBytesMax: 4 * 1024 * 1024 * 1024,
  bundleEntriesMax: 20_000,
  /** Archives inside one another. */
  bundleDepthMax: 3,
  /** Elements nested in one another. */
  markupDepthMax: 400,
  markupNodesMax: 2_000_000,
  /** Tags in the source, counted before a tree is built of them. */
  markupTagsMax: 500_000,
  gridsMax: 2_000,
  /** Sheets of a workbook. */
  sheetsMax: 100,
  /** Cells as written in the source, all grids together. */
  cellsMax: 200_000,
  /** Places of one grid after its spans are resolved. */
  gridPlacesMax: 200_000,
  /** As in the HTML standard, 4.9.11. */
  columnSpanMax: 1_000,
  rowSpanMax: 65_534,
  blocksMax: 200_000,
  cellCharactersMax: 20_000,
  /** A picture as its header states it, before it is decoded: A3 at 600 dots to the inch has 70 million. */
  picturePixelsMax: 100_000_000,
  pictureSideMax: 40_000,
  /** A picture as it is read; larger ones are made smaller. A page three times as long as A4 at 300 dots has 26 million. */
  pictureReadPixelsMax: 28_000_000,
  /** Of all pictures that are decoded to draw the pages of a document; small ones count for more than they have. */
  drawnPixelsMax: 1_500_000_000,
  /** Cells of a page that is a picture. */
  pictureCellsMax: 3_000,
  /** Pages of one document, and pictures of one page, that are read as pictures. */
  picturesReadMax: 30,
  lineFieldsMax: 1_000,
  /** Pages of one document. */
  pagesMax: 2_000,
  /** Pages of a document that is read a second time by another reader, which holds all of them. */
  secondReadingPagesMax: 200,
  /** Characters drawn on one page. */
  pageGlyphsMax: 100_000,
  /** Lines with figures of one table without ruling lines, and words beside them. */
  unruledRowsMax: 1_000,
  /** Segments of all paths of one page: its lines are not looked at above it, its text is. */
  pageSegmentsMax: 200_000,
  /** Texts, paths, pictures as drawn on all pages of a document; one that is drawn many times counts each time. */
  drawnObjectsMax: 400_000,
  /** Characters, lines, areas and pictures that come of them. */
  drawnMarksMax: 400_000,
  /** Points of lines and outlines. */
  pathPointsMax: 500_000,
  /** Drawings made of drawings. */
  drawingDepthMax: 32,
  /** Comparisons of what is drawn with what is painted over it. */
  coveringMax: 1_000_000_000,
} as const

/** Bounds of the search among the readings that a layout leaves open: beyond them nothing is decided, and nothing fails. */
export const searchBounds = {
  /** Readings of one row. */
  rowReadingsMax: 3_100,
  /** Steps of cutting the digits of all rows of a table, and of going through their readings. */
  cuttingStepsMax: 300_000,
  stepsMax: 150_000,
  /** Readings of a row that are named where none of them is sure. */
  candidatesToldMax: 12,
} as const

export type LimitName = keyof typeof limits

/** Thrown inside a parser when a limit is met; `parse` turns it into a failure. */
export class LimitError extends Error {
  readonly limit: LimitName
  constructor(limit: LimitName) {
    super(`limit met: ${limit}`)
    this.limit = limit
  }
}

/** Throws LimitError when `actual` is over the named limit. */
export function enforceLimit(limit: LimitName, actual: number): void {
  if (actual > limits[limit]) throw new LimitError(limit)
}
