/**
 * The contract of `gouji extract`: one reading as one plain object that others script against. Described in
 * docs/extract.md and by extract-schema.json beside this file; fields are only ever added.
 */
import { readFileSync } from 'node:fs'
import type { Registry } from '../forms/registry.ts'
import { type UnknownTable, unknownTables, withoutKept } from '../forms/unknown.ts'
import { renderFindingBoth, renderNotice, renderReason } from '../messages/render.ts'
import type {
  Anchor,
  Data,
  Fact,
  Finding,
  Label,
  Reading,
  ReadingNoticeCode,
  Reason,
  Severity,
  State,
} from '../model.ts'

/** Where the bytes of a reading came from. `sha256` and `bytes` are null where the document could not be read. */
export type ExtractOrigin = {
  readonly path: string
  readonly sha256: string | null
  readonly bytes: number | null
  /** SHA-256 of the archive that it lies in; only where it does. */
  readonly archive?: string
}

export type ExtractedReason = Reason & { readonly message: Label }

export type ExtractedFact = {
  readonly code: string
  readonly value: number | null
  readonly unit?: string
  readonly state: State
  readonly candidates?: readonly number[]
  readonly text: string
  readonly from: Fact['from']
  /** Only where it is true. */
  readonly inferred?: boolean
  /** Only where it was read from a picture. */
  readonly confidence?: number
  readonly anchor: Anchor | null
}

export type ExtractedFinding = Pick<
  Finding,
  'key' | 'rule' | 'severity' | 'fault' | 'codes' | 'expected' | 'actual' | 'difference' | 'terms'
> & { readonly message: Label }

export type ExtractedDocument = {
  readonly document: ExtractOrigin & {
    readonly mediaType: string
    readonly encoding: string | null
    readonly title: string | null
  }
  readonly status: Reading['status']
  readonly reason?: ExtractedReason
  readonly report: {
    readonly agency: string | null
    readonly year: number | null
    readonly title: string | null
    readonly form: string | null
    readonly evidence: Reading['identity']['evidence']
  }
  readonly tables: Reading['tables']
  readonly facts: readonly ExtractedFact[]
  readonly findings: readonly ExtractedFinding[]
  /** Tables with figures that no form knows, as printed. */
  readonly unknownTables: readonly UnknownTable[]
  readonly notices: readonly {
    readonly code: ReadingNoticeCode
    readonly message: Label
    readonly data: Data
    readonly anchor: Anchor | null
  }[]
}

/** One reading by the contract. */
export function extractDocument(origin: ExtractOrigin, reading: Reading, registry: Registry): ExtractedDocument {
  const { mediaType, encoding, title, status, reason, identity, form, tables } = reading
  return {
    document: { ...origin, mediaType, encoding, title },
    status,
    ...(reason ? { reason: extractReason(reason) } : {}),
    report: { agency: identity.agency, year: identity.year, title: identity.title, form, evidence: identity.evidence },
    tables,
    facts: reading.facts.map(extractFact),
    findings: reading.findings.map((finding) => extractFinding(finding, registry)),
    unknownTables: unknownTables(reading.notices),
    notices: reading.notices.map((notice) => ({
      code: notice.code,
      message: { zh: renderNotice(notice, 'zh', registry), en: renderNotice(notice, 'en', registry) },
      data: withoutKept(notice.data),
      anchor: notice.anchor,
    })),
  }
}

/** A reason with its sentence in both languages. */
export function extractReason(reason: Reason): ExtractedReason {
  const message = { zh: renderReason(reason, 'zh'), en: renderReason(reason, 'en') }
  return { code: reason.code, message, data: reason.data }
}

/** A finding by the contract, with its sentence in both languages. */
export function extractFinding(finding: Finding, registry: Registry): ExtractedFinding {
  const { key, rule, severity, fault, codes, expected, actual, difference, terms } = finding
  const message = renderFindingBoth(finding, registry)
  return { key, rule, severity, fault, codes, expected, actual, difference, terms, message }
}

/** The JSON Schema (2020-12) of one extracted document, as text. */
export function extractSchema(): string {
  return readFileSync(new URL('./extract-schema.json', import.meta.url), 'utf8')
}

/** The most severe first; both directions of `>=` are read from this order. */
export const severities: readonly Severity[] = ['error', 'warning', 'info']

function extractFact(fact: Fact): ExtractedFact {
  const { code, value, unit, state, text, from, inferred, confidence, anchor } = fact
  const candidates = fact.state === 'unreadable' ? { candidates: fact.candidates } : {}
  const how = inferred ? { from, inferred } : { from }
  const sureness = confidence === undefined ? {} : { confidence }
  return { code, value, ...(unit === null ? {} : { unit }), state, ...candidates, text, ...how, ...sureness, anchor }
}
