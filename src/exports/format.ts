/** What an export format is: a way to write rows of named columns as text, piece by piece. */

/** One value of a row; null is no value at all, unlike an empty text. */
export type Field = string | number | boolean | null

export type ExportFormat = {
  readonly name: string
  readonly extension: string
  readonly mediaType: string
  /** The file in pieces, in order; nothing is kept between them. */
  encode(
    columns: readonly string[],
    rows: AsyncIterable<readonly Field[]>,
    options?: { readonly byteOrderMark?: boolean },
  ): AsyncIterable<string>
}
