/**
 * The types everything after the parsers shares: form definitions, facts, outcomes, findings, readings. No behaviour.
 */
import type { Anchor, Data, Document, Notice, ParseFailureCode, ParserNoticeCode } from '../parsers/document.ts'

/** The same words in both languages of the users. */
export type Label = { readonly zh: string; readonly en: string }

/** `measure` is a number that may have decimals and is no sum of money: days, shares. */
export type ValueKind = 'count' | 'signed_count' | 'money' | 'measure'

/** A printed row or column of a form's table. */
export type Line = {
  readonly code: string
  readonly title: Label
  /** As printed: the official label first, then variants seen. Empty where the form prints none. */
  readonly labels: readonly string[]
  readonly parent: string | null
  /** A heading without cells of its own. */
  readonly abstract: boolean
  /** A heading under which some reports print a subtotal of their own. */
  readonly optionalSubtotal: boolean
  readonly kind: ValueKind | null
  readonly unit: string | null
  /** The lines it adds up, where it is a total. */
  readonly totalOf: readonly string[] | null
}

export type TableDefinition = {
  readonly code: string
  /** Number of the report's section that holds it; null for an annex, or where the form has no sections. */
  readonly section: number | null
  readonly title: Label
  /** Heading lines printed over it, the official one first. */
  readonly headings: readonly string[]
  /** What stands in its top left cell, where something does. */
  readonly corners: readonly string[]
  /** Labels of columns that hold no figures of the form: the unit of each row, the number of each row. */
  readonly asides: { readonly units: readonly string[]; readonly numbers: readonly string[] }
  readonly kind: ValueKind
  readonly unit: string | null
  readonly rows: readonly Line[]
  readonly columns: readonly Line[]
}

export type Severity = 'error' | 'warning' | 'info'

export type RuleCategory =
  | 'calculation'
  | 'value'
  | 'existence'
  | 'structure'
  | 'plausibility'
  | 'cross_period'
  | 'cross_table'
  | 'narrative'
  | 'aggregation'

/** How missing cells enter a formula; the names and meanings are those of the form's definition. */
export type NullPolicy = 'strict' | 'blank_as_zero' | 'skip_if_total_null' | 'skip' | 'none'

/**
 * What a rule says of a few figures: it documents the rule, and is its test. Cells that are not named are not printed;
 * null is blank; a text is what the cell prints: `/`, `12.30`, `251000元`.
 */
export type RuleExample = {
  readonly verdict: OutcomeStatus
  readonly cells: Readonly<Record<string, number | string | null>>
  /** Last year's figures. */
  readonly previous: Readonly<Record<string, number | string | null>>
  /** Those of earlier years, the latest first. */
  readonly history: readonly Readonly<Record<string, number | string | null>>[]
  /** What the bodies below state together; null: there are none. */
  readonly children: Readonly<Record<string, number | string | null>> | null
  /** What the text states: `received`, or in a certain section `other_matters.info_fee`; true for a plain statement. */
  readonly text: Readonly<Record<string, number | true>>
  /** Numbers of the sections that are printed, without content as -5, with the form's instructions left in as 3.5; null: all. */
  readonly sections: readonly number[] | null
  /** Facts that `meta()` names. */
  readonly meta: Readonly<Record<string, number | string | boolean>>
  /** Where it comes from, or what it shows. */
  readonly note: string | null
}

export type RuleDefinition = {
  readonly id: string
  /** What it asks, in a few words. */
  readonly title: Label
  readonly severity: Severity
  readonly category: RuleCategory
  readonly formula: string
  /** Loop variables: a named set (`t3.columns`) or a list of codes. */
  readonly foreach: Readonly<Record<string, string | readonly string[]>>
  /**
   * How far both sides may differ, in the unit of the formula. `rounded`: as far as the last printed digits of amounts
   * leave open; 12.3 stands for anything from 12.25 to 12.35.
   */
  readonly tolerance: number | 'rounded'
  readonly nullPolicy: NullPolicy
  /** With {row}, {col}, {left}, {right}, {left1}, {right2}, {diff}, {raw} ... filled in. */
  readonly message: Label
  readonly reason: Label
  readonly source: Label
  readonly exceptions: readonly Label[]
  readonly examples: readonly RuleExample[]
}

/** Rules that a user adds to a form. */
export type RulePack = {
  readonly id: string
  readonly title: Label
  /** Id of the form that they are for. */
  readonly form: string
  readonly rules: readonly RuleDefinition[]
}

export type SectionDefinition = {
  readonly code: string
  readonly number: number
  readonly kind: 'narrative' | 'table'
  readonly titles: readonly string[]
}

export type StatementKind = 'count' | 'money' | 'flag'

/** Something that a report's prose may state, and how reports word it: see src/forms/phrases.ts for the patterns. */
export type StatementDefinition = {
  readonly code: string
  readonly title: Label
  /** `flag` has no figure: it is stated or not. */
  readonly kind: StatementKind
  /** What its figure may count; a figure without any of them counts where a stop follows. */
  readonly units: readonly string[]
  readonly patterns: readonly string[]
  /** Patterns that, found in the same clause, say that it is something else. */
  readonly unless: readonly string[]
  /** Words that may stand where a pattern leaves a gap; others make it another’s. Where there are none, all may. */
  readonly between: readonly string[]
  /** Words one of which must stand in the sentence or the headings over it. Where there are none, none need. */
  readonly context: readonly string[]
  /** Words that, anywhere in the sentence before its figure, say that other things are counted. */
  readonly apart: readonly string[]
  /** Numbers of the sections in which it counts; null: everywhere. */
  readonly sections: readonly number[] | null
  /** True for a whole: a figure behind 其中 is a part of it. */
  readonly whole: boolean
  /** True where it names another year and is of this one all the same: 上年结转. */
  readonly acrossYears: boolean
}

export type FormDefinition = {
  readonly id: string
  readonly title: Label
  readonly source: string
  /** First and last report year it is for; null: still in use. */
  readonly years: readonly [number, number | null]
  /** Last day for its reports, in the year after the one they are on: `01-31`; null where there is none. */
  readonly due: string | null
  /** How titles of its reports are worded, beside those that every form may have: `{agency} report for {year}`. */
  readonly titles: readonly string[]
  /** What its cells print in place of a figure, beside the usual dashes and slashes. */
  readonly marks: readonly string[]
  readonly sections: readonly SectionDefinition[]
  readonly statements: readonly StatementDefinition[]
  readonly tables: readonly TableDefinition[]
  readonly rules: readonly RuleDefinition[]
}

/** What a cell says. Blank, a mark, 0, absent and unreadable are different facts. */
export type Value =
  | { readonly state: 'number'; readonly value: number }
  | { readonly state: 'blank'; readonly value: null }
  | { readonly state: 'mark'; readonly value: null }
  | { readonly state: 'absent'; readonly value: null }
  | { readonly state: 'unreadable'; readonly value: null; readonly candidates: readonly number[] }

export type State = Value['state']

/** One figure of a report with its address. */
export type Fact = Value & {
  /** `table.row.column` of the form. */
  readonly code: string
  /** The unit printed in the cell itself; null where the cell prints none. */
  readonly unit: string | null
  /** The cell's own text. */
  readonly text: string
  readonly from: 'table' | 'prose'
  /** True where the layout left several readings and the form's own sums chose between them. */
  readonly inferred: boolean
  /** How sure a reader of pictures is of it, 0 to 1; only where it was read from one. */
  readonly confidence?: number
  /** Null only where the state is `absent`. */
  readonly anchor: Anchor | null
}

/** Why a figure of the prose is not one of the report itself for its year. */
export type OtherReason =
  | 'body' // another body's, or of several bodies
  | 'year'
  | 'period' // a part of the year
  | 'rolling' // of several years
  | 'comparison'
  | 'part' // one way of asking, one kind of applicant, what stands behind 其中
  | 'plan' // planned, asked for, or only thought of
  | 'qualified' // beside words that no pattern knows
  | 'unreadable' // a numeral with more than one reading

/** What a sentence of the prose states. */
export type Statement = {
  /** Code of its definition. */
  readonly field: string
  readonly kind: StatementKind
  /** Money in yuan, whatever the unit printed; null for a flag, and where the numeral cannot be read for sure. */
  readonly value: number | null
  readonly unit: string | null
  /** The whole sentence, and what of it was matched, as printed. */
  readonly sentence: string
  readonly text: string
  readonly section: number | null
  /** Of the paragraph. */
  readonly anchor: Anchor
  /** Only `own` can be held against the tables. */
  readonly scope: 'own' | 'other'
  readonly why: OtherReason | null
  /** 约, 余, 1.2万. */
  readonly approximate: boolean
  /** 累计. */
  readonly cumulative: boolean
}

/** A table that was found in a document, and the form it was read by. */
export type TableMatch = {
  readonly table: string
  readonly form: string
  readonly anchor: Anchor
  /** Value rows and columns of the form that were found, and how many the form has. */
  readonly rowsFound: number
  readonly rowsExpected: number
  readonly columnsFound: number
  readonly columnsExpected: number
}

/** Where and why a document's figures or labels were not turned into facts for sure. */
export type ReadingNoticeCode =
  | ParserNoticeCode
  | 'unknown_label' // data: table, label; a row or column the form does not have
  | 'unplaced_figure' // data: table, text, label; a figure without a certain cell
  | 'inexact_label' // data: table, label, taken_for; a label matched in spite of a lost or wrong character
  | 'row_order' // data: table, label; a row printed out of the form's order
  | 'duplicate_cell' // data: code, text; one cell printed twice, in tables that differ
  | 'row_shifted' // data: table, label; sums ask for some of its figures one column further
  | 'marks_lost' // data: count, text; cells that say a figure and none: struck out or raised characters became part of figures
  | 'fields_cut_off' // data: table, label; a line of text with fewer fields than columns: blanks at its end leave no trace
  | 'lines_cut_off' // data: table; lines of a text end within a figure, or before the last columns of their table
  | 'table_of_others' // data: table, caption; its caption names another year or another body
  | 'unknown_table' // data: first, figures, columns, cells, cut; a table with figures that no form knows: see unknown.ts
  | 'unknown_form' // data: title; a statistics table under a known title that no form knows
  | 'blank_edge_ambiguous' // data: table, label; blanks at a row's edges leave more than one reading
  | 'header_not_believed' // data: table, count; a header printed again orders columns otherwise, against the sums
  | 'header_displaced' // data: table, count; its labels do not stand over their columns, and only the form's order adds up
  | 'header_order_changes' // data: table, count; the same, and only its own order adds up
  | 'headers_contradict' // data: table, count; a header can be read in two orders, and the sums do not tell which one holds
  | 'settled_by_sums' // data: table, label; of several readings of a row the one that adds up was taken
  | 'settled_in_picture' // data: code, candidates; of several readings of a picture's cell the one that adds up was taken
  | 'figures_run_together' // data: table, label, text, candidates; figures without separators that can be cut in several ways
  | 'table_embedded' // data: table; it is not printed, and its section shows a picture, a frame or what a script draws
  | 'table_reshaped' // data: table; it is printed in another shape than the form's, and each of its figures was told by its labels
  | 'columns_by_order' // data: table; its columns have no names, and its rows add up in the form's order
  | 'table_not_read' // data: table; most of its labels are printed, but not as a table that we can read
  | 'column_numbers' // data: table; a line that counts the columns and states nothing
  | 'remark_in_cell' // data: code, text; a figure followed by a remark
  | 'value_unreadable' // data: code, text
  | 'erratum' // data: text; the document says of itself that a figure is wrong, and what it should be
  | 'damaged_parts' // data: count; the file has holes: what is printed may be missing or cut off
  | 'second_reading' // data: engine, agreed, differing, unconfirmed; cells as another reader of PDF reads them
  | 'second_reading_failed' // data: engine, detail
  | 'readings_differ' // data: code, engine, first, second; two readers of PDF read a cell differently
  | 'table_from_second_reading' // data: table, engine; the first reader of PDF did not find it
  | 'cells_from_second_reading' // data: table, engine, count; rows or columns that the first reader of PDF did not find
  | 'agency_unknown' // data: evidence
  | 'agency_doubtful' // data: candidates
  | 'year_unknown'
  | 'year_doubtful' // data: candidates

/** A document's own words that say whose report it is, or of which year. */
export type IdentityEvidence = {
  readonly about: 'agency' | 'year'
  readonly value: string
  readonly from: 'metadata' | 'title' | 'heading' | 'text' | 'file name'
  readonly text: string
}

export type Identity = {
  readonly agency: string | null
  readonly year: number | null
  readonly title: string | null
  readonly evidence: readonly IdentityEvidence[]
}

/** What stands for a text where it is looked for in others: see src/rules/likeness.ts. */
export type Signature = {
  /** How many different pieces the text has. */
  readonly pieces: number
  /** For each bin the smallest value over its pieces, as signed 32-bit numbers. */
  readonly minima: readonly number[]
}

/** Words of a document that bear a finding out, with their place. */
export type Quote = { readonly text: string; readonly sentence: string; readonly anchor: Anchor | null }

/** Where an operand comes from, if not from the report's own tables. */
export type TermOrigin = 'previous' | 'children' | 'text'

/** One operand of an evaluated formula. */
export type Term = {
  /** A cell, or what the text states: `text.received`. */
  readonly code: string
  readonly of?: TermOrigin
  /** Which side of the formula it stands on. */
  readonly side: 'left' | 'right'
  readonly sign: 1 | -1
  readonly state: State
  readonly value: number | null
}

export type OutcomeStatus = 'holds' | 'broken' | 'not_assessable'

/** What one rule says at one place. */
export type Outcome = {
  readonly rule: string
  /** Values of the loop variables: `{ c: 'total' }`. */
  readonly at: Readonly<Record<string, string>>
  readonly status: OutcomeStatus
  readonly left: number | null
  readonly right: number | null
  readonly blankAsZero: boolean
  readonly terms: readonly Term[]
}

/** Slips that change one figure, then those that change several at once. */
export type CauseCode =
  | 'left_blank' // nothing printed where there is a figure
  | 'unit_slip' // power: 4 or -4; 元 printed for 万元 or the other way round
  | 'last_year_copied'
  | 'digits_transposed' // two neighbouring digits
  | 'decimal_slip' // power: ten times too much is 1
  | 'digit_doubled'
  | 'total_not_updated' // cells: the addend that the total lacks or has twice; all of them where it is 0 still
  | 'digit_dropped'
  | 'digit_added'
  | 'neighbour_copied' // cells: the neighbour; its figure stands in the cell too
  | 'digit_wrong'
  | SlipCode

/** Slips that change several cells at once. */
export type SlipCode =
  | 'in_neighbour_column' // the figure stands in the cell beside its own, which is blank or 0
  | 'in_neighbour_row'
  | 'cells_swapped'
  | 'row_shifted' // a row's figures stand one column too far left or right
  | 'rows_swapped'

export type Cause = {
  readonly code: CauseCode
  /** The other cells that it is about. */
  readonly cells: readonly string[]
  /** For slips of the decimal point or the unit: printed = implied x 10^power. */
  readonly power: number | null
}

/** One cell with what should stand in it. */
export type Change = {
  /** A cell of the form, or the key of an Extra of src/rules/components.ts. */
  readonly code: string
  /** In the form's unit; null where no number is printed. */
  readonly printed: number | null
  /** Null where the other figures leave several: see `range`. */
  readonly implied: number | null
  /** Least and greatest figure that may stand there; null: no bound. */
  readonly range: readonly [number | null, number | null]
  readonly cause: Cause | null
  /** Of a figure of last year's report: whether the sums of that report hold with it as printed. Left out where none asks. */
  readonly held?: boolean
}

/** One way to make everything hold. */
export type Explanation = {
  readonly changes: readonly Change[]
  /** What cells without a known figure (unreadable, absent, blank totals) must be then, as far as it is certain. */
  readonly fills: readonly Change[]
  readonly weight: number
  /** The slip that made all of the changes; null where none is seen. */
  readonly cause: Cause | null
}

/** Something that is wrong in a report, apart from what else is: no cell and no sum of it touches another part's. */
export type Localisation = {
  /** Keys of findings: rule and place; codes of cells that hold what none of their kind may; keys of Extras. */
  readonly broken: readonly string[]
  /** Lightest first, then those whose cause is seen, then by the form. Several of one weight explain equally well. */
  readonly explanations: readonly Explanation[]
  /**
   * True where all of the lightest sets of cells are told, and there is no lighter one. False where a bound was met, and then
   * none is told; and where several figures slipped beside other errors, and others may explain as much as what is told.
   */
  readonly complete: boolean
}

export type Fault = 'report' | 'reading' | 'undecided'

/** Something that does not add up. */
export type Finding = {
  /** Rule and place: the same the next time, so that what people decide about it stays with it. */
  readonly key: string
  readonly rule: string
  readonly severity: Severity
  readonly fault: Fault
  /** The cells concerned. */
  readonly codes: readonly string[]
  /** The figure computed from the other cells. */
  readonly expected: number | null
  /** The figure printed. */
  readonly actual: number | null
  /** actual - expected. */
  readonly difference: number | null
  readonly terms: readonly Term[]
  /** Sentences of the report that the finding rests on. */
  readonly quotes: readonly Quote[]
  /** How its figures could be mended; null where nothing adds up to begin with. */
  readonly meant: Localisation | null
  readonly data: Data
}

export type ReadingStatus = 'ok' | 'partial' | 'failed' | 'not_a_report'

/** Why a document is not `ok`. */
export type ReasonCode =
  | ParseFailureCode
  | 'timeout' // data: seconds
  | 'out_of_memory' // data: megabytes
  | 'crashed' // data: detail
  | 'quarantined' // data: times, why, and what goes with that; the reader broke down on it more than once
  | 'taken_off' // the user took it off the queue
  | 'not_stored' // data: detail; it was read, and the store refuses what was read
  | 'unreadable_file' // data: detail; the file could not be opened
  | 'original_missing' // its bytes were kept and are gone
  | 'original_damaged' // its bytes are no longer those that were kept
  | 'url_refused' // data: detail; a URL that is asked by no means
  | 'address_refused' // data: host, address; a host that is not public
  | 'unreachable' // data: detail; no connection to the host
  | 'tls_failed' // data: detail; no trusted connection
  | 'too_slow' // data: seconds
  | 'cut_off' // data: detail; the connection ended before the document did
  | 'http_status' // data: status, seconds (to wait, where the host says so)
  | 'bad_answer' // data: detail; an answer that is no proper HTTP
  | 'too_many_redirects' // data: max
  | 'archive_empty' // an archive without any document
  | 'attachments_not_read' // data: names; nothing of a report is in the file itself, and files are attached to it
  | 'no_text' // the document holds no text at all
  | 'login_page'
  | 'other_content' // neither title nor table of a known report
  | 'list_of_reports' // data: titles; a page of links to several reports
  | 'other_report' // data: title; an annual report of another kind
  | 'blank_form' // the form, not filled in
  | 'audit_report' // a page that gouji itself wrote about reports
  | 'no_tables' // a report whose tables were not found
  | 'unknown_form' // a report on a form we do not know
  | 'several_reports' // data: titles; more than one report in one file
  | 'pages_not_read' // data: pages; pages that are scans, and nothing reads them
  | 'document_cut_off' // data: inside, table; the document ends before its report does
  | 'pages_missing' // data: count; pages of the file that are not there or cannot be loaded
  | 'tables_not_read' // data: count; tables that are printed in a way we do not read
  | 'unplaced_figures' // data: count; figures that went to no cell
  | 'unreadable_cells' // data: count
  | 'identity_doubtful' // data: what

export type Reason = { readonly code: ReasonCode; readonly data: Data }

/** How PDF is read: by PDFium and, where it is needed, again by pdf-parse; by one of them alone; by both always. */
export const pdfChoices = ['auto', 'pdfium', 'pdf-parse', 'both'] as const
export type PdfChoice = (typeof pdfChoices)[number]

/** What was understood of one document by one version of the reader. A pure function of its bytes and the forms. */
export type Reading = {
  readonly status: ReadingStatus
  readonly reason: Reason | null
  readonly format: string
  readonly mediaType: string
  readonly encoding: string | null
  readonly title: string | null
  readonly identity: Identity
  /** The form most of its tables follow; null where no table was found. */
  readonly form: string | null
  readonly tables: readonly TableMatch[]
  readonly facts: readonly Fact[]
  readonly findings: readonly Finding[]
  /** How many rule instances held, broke and could not be assessed. */
  readonly outcomeCounts: Readonly<Record<OutcomeStatus, number>>
  /** Day of publication as the document states it: `2024-01-31`. */
  readonly publishedOn: string | null
  /** What its prose states of what the form asks after. */
  readonly statements: readonly Statement[]
  /** What its text is found again by; null where there is too little. */
  readonly signature: Signature | null
  readonly notices: readonly Notice<ReadingNoticeCode>[]
}

export type { Anchor, Data, Document, Notice }
