/**
 * What an audit report is asked for, and what a format of it is: a way to write the findings of a store, piece by piece,
 * into one file, or file by file into a folder.
 */
import type { Registry } from '../../forms/registry.ts'
import type { Lang } from '../../messages/render.ts'
import type { FindingFilter } from '../../store/findings.ts'
import type { Store } from '../../store/open.ts'
import type { Baseline } from './baseline.ts'

export type AuditRequest = {
  readonly store: Store
  readonly registry: Registry
  readonly filter: FindingFilter
  /** The language of formats that have one, and the one that is shown first by those that have both. */
  readonly lang: Lang
  /** Version of gouji. */
  readonly version: string
  /** An earlier report in SARIF, to say what is new. */
  readonly baseline: Baseline | null
  /** Last day for the answer to a letter, `2026-03-31`; null: left open. */
  readonly due: string | null
  /** How the file that is written ends, `docx`; null where no file is named. */
  readonly extension: string | null
}

export type Pieces = AsyncIterable<string | Uint8Array>

/** A file of a report that is written into a folder. */
export type AuditFile = { readonly name: string; readonly pieces: Pieces }

export type AuditFormat = {
  readonly name: string
  /** How its files end; the first where nothing else is asked for. */
  readonly extensions: readonly string[]
  readonly binary: boolean
  /** Dismissed findings are left out unless they are asked for. */
  readonly withoutDismissed: boolean
  encode(request: AuditRequest): Pieces
  /** The report in several files, where the format has a way to cut it. */
  readonly split?: (request: AuditRequest) => AsyncIterable<AuditFile>
}
