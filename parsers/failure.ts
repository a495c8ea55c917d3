/**
 * The one thing a parser throws on purpose besides LimitError: bytes that give no Document, and why. `parse` turns it
 * into a failed ParseResult, so that no parser has to know how results look.
 */
import type { Data, ParseFailureCode } from './document.ts'

/** Bytes that give no Document: the reason as in ParseResult, and the values its sentence needs. */
export class ParseFailure extends Error {
  readonly reason: ParseFailureCode
  readonly data: Data
  constructor(reason: ParseFailureCode, data: Data = {}) {
    super(`${reason} ${JSON.stringify(data)}`)
    this.reason = reason
    this.data = data
  }
}

/** The failure of a file whose structure is broken; `detail` says where, in the words of the format. */
export function damaged(detail: string): ParseFailure {
  return new ParseFailure('damaged', { detail })
}
