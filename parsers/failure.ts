/**
 * The one thing a parser throws on purpose besides LimitError: bytes that give no Document, and why. `parse` turns it
 * into a failed ParseResult, so that no parser has to know how results look.
 */
import type { Data, ParseFailureCode } from './document.ts'
import { LimitError, limits } from './limits.ts'

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

/** Why bytes gave nothing, by whatever was thrown over them: a limit, a failure, or something broken in them. */
export function explainFailure(error: unknown): { readonly reason: ParseFailureCode; readonly data: Data } {
  if (error instanceof ParseFailure) return error
  if (error instanceof LimitError) {
    return { reason: 'limit_exceeded', data: { limit: error.limit, max: limits[error.limit] } }
  }
  return damaged(error instanceof Error ? error.message.slice(0, 200) : String(error))
}
