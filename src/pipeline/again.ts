/**
 * Whether what is known of some bytes stands, or they are read again: by a version that has not read them, or where a user
 * asks for it, by the same one where it failed, or did not have an engine that it wanted.
 */
import type { Reading } from '../model.ts'
import type { Store } from '../store/open.ts'
import { findKnown, type KnownOutcome, type SaveResult } from '../store/reports.ts'
import type { RunItem } from '../store/runs.ts'

/** What is known of some bytes from a reader, with or without the engine that it may have wanted. */
export function lookUp(store: Store, sha256: string, reader: string): Promise<KnownOutcome | null> {
  return findKnown(store, sha256, [reader, withEngine(reader)])
}

/** Whether what is known is all that is asked for. */
export function stands(known: KnownOutcome | null, again: boolean): known is KnownOutcome {
  return known !== null && !(again && (known.outcome === 'failed' || known.wanting))
}

/** Whether a reading that was made again says no more than what is held: the engine is gone again, or the reader broke down. */
export function saysNoMore(reading: Reading, known: KnownOutcome | null): known is KnownOutcome {
  const wants = reading.notices.some(({ data }) => data.wants !== undefined)
  return known?.outcome === 'stored' && (!isReport(reading) || wants)
}

/** The version that a reading is kept under: one with its engine is another than the one without. */
export function readerFor(known: KnownOutcome | null, reader: string): string {
  return known?.outcome === 'stored' ? withEngine(reader) : reader
}

/** A reading that is kept as one of a report. */
export function isReport({ status }: Reading): boolean {
  return isKept(status)
}

/** The outcome of a document whose reading was saved. */
export function outcomeOf({ status }: Reading, saved: SaveResult): RunItem['outcome'] {
  return isKept(status) ? saved.outcome : status
}

function isKept(status: Reading['status']): status is 'ok' | 'partial' {
  return status === 'ok' || status === 'partial'
}

function withEngine(reader: string): string {
  return `${reader}+ocr`
}
