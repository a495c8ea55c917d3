/**
 * What a report is judged with beside its own tables: what its text states, last year's report, the bodies below it,
 * when it was published and by whom. Each part may be unknown; rules that need an unknown part are not assessable.
 */
import type { Fact, Quote } from '../model.ts'

/** A figure, or a plain statement (`value` null), that the report's text makes about itself. */
export type Stated = {
  /** `received`: a statement of the form. */
  readonly field: string
  readonly value: number | null
  /** Only what it says of the report itself, and exactly, is held against the tables. */
  readonly comparable: boolean
  /** Number of the section that it stands in. */
  readonly section: number | null
  readonly quote: Quote
}

/** A chapter of the report. */
export type PrintedSection = {
  /** True where it says something, or has a table: a bare 无 says nothing. */
  readonly filled: boolean
  /** True where its text is left out in this document. */
  readonly omitted: boolean
  /** A sentence of the form's own instructions that was left in; null where there is none. */
  readonly template: string | null
}

/** A report of the same agency on the year before. */
export type PreviousReport = {
  readonly year: number
  /** The tables that were read, under whichever form. */
  readonly tables: ReadonlySet<string>
  readonly facts: readonly Fact[]
}

/** A report of the same agency on an earlier year, by its figures alone. */
export type EarlierReport = { readonly year: number; readonly facts: readonly Fact[] }

/** What the reports of the bodies below state together. */
export type ChildFigures = {
  /** By cell code; only cells that at least one of them fills. */
  readonly sums: ReadonlyMap<string, number>
  readonly reporting: readonly string[]
  readonly missing: readonly string[]
}

/** What is known of the agency itself; null: not known. */
export type AgencyFacts = {
  readonly mayMakeRegulations: boolean | null
}

export type Surroundings = {
  readonly stated: readonly Stated[] | null
  /** The sections that are printed, by number. */
  readonly sections: ReadonlyMap<number, PrintedSection> | null
  readonly previous: PreviousReport | null
  /** Earlier years, the latest first. */
  readonly history: readonly EarlierReport[] | null
  readonly children: ChildFigures | null
  /** `2024-01-31` */
  readonly publishedOn: string | null
  readonly dueOn: string | null
  readonly agency: AgencyFacts | null
}

/** Nothing is known but the tables. */
export const nothingAround: Surroundings = {
  stated: null,
  sections: null,
  previous: null,
  history: null,
  children: null,
  publishedOn: null,
  dueOn: null,
  agency: null,
}
