/**
 * A reading that failed: beside the threads and the core, so that who only starts threads loads no parser.
 */
import type { Reading, Reason } from '../model.ts'

/** The reading of a document of which nothing is known but why it could not be read. */
export function failedReading(reason: Reason, mediaType = 'application/octet-stream'): Reading {
  return {
    status: 'failed',
    reason,
    format: 'unknown',
    mediaType,
    encoding: null,
    title: null,
    identity: { agency: null, year: null, title: null, evidence: [] },
    form: null,
    tables: [],
    facts: [],
    findings: [],
    outcomeCounts: { holds: 0, broken: 0, not_assessable: 0 },
    publishedOn: null,
    statements: [],
    signature: null,
    notices: [],
  }
}
