/**
 * What each language must have words for. The records are keyed by the codes themselves, so that a new code without its
 * sentences is a type error in both languages. In a template `{name}` is a slot, and `[...]` is left out as a whole where
 * one of its slots has nothing to say.
 */

import type { Kind } from '../../parsers/detect.ts'
import type { LimitName } from '../../parsers/limits.ts'
import type { Cause, ErrorCode, FormProblemCode, SettingProblemCode } from '../errors.ts'
import type { FormWarningCode } from '../forms/warnings.ts'
import type {
  CauseCode,
  Fault,
  OutcomeStatus,
  ReadingNoticeCode,
  ReadingStatus,
  ReasonCode,
  Severity,
  State,
} from '../model.ts'
import type { RuleProblem } from '../rules/lint.ts'

export type Catalogue = {
  readonly states: Readonly<Record<State, string>>
  readonly severities: Readonly<Record<Severity, string>>
  readonly faults: Readonly<Record<Fault, string>>
  readonly outcomes: Readonly<Record<OutcomeStatus, string>>
  readonly statuses: Readonly<Record<ReadingStatus, string>>
  /** Findings that are not worded by a rule of a form. */
  readonly findings: {
    readonly blankTotal: string
    readonly blankTotals: string
    readonly missingCells: string
    readonly missingComputed: string
    readonly blankCells: string
    readonly countedAsZero: string
    readonly blankTable: string
    readonly blankForm: string
    /** Bodies whose figures a report should contain and who have not reported. */
    /** Where a blank total was compared by what it adds up. */
    readonly totalsComputed: string
    readonly bodiesMissing: string
    /** Text that repeats another report's. */
    readonly repeatsPrevious: string
    readonly repeatsOthers: string
    readonly samePublication: string
    /** For a rule that no loaded form has. */
    readonly unknownRule: string
  }
  /** What findings that no rule words are about, in a few words. */
  readonly ownRules: Readonly<
    Record<'blankTotal' | 'blankTotals' | 'missingCells' | 'blankForm' | 'bodiesMissing' | 'unknown', string>
  >
  /** How figures could be mended. */
  readonly meant: Readonly<
    Record<
      | 'none'
      | 'unfinished'
      | 'several'
      | 'more'
      | 'lastYear'
      | 'incomplete'
      | 'way'
      | 'wayAcross'
      | 'held'
      | 'notHeld'
      | 'and'
      | 'exact'
      | 'other'
      | 'between'
      | 'atLeast'
      | 'atMost',
      string
    >
  >
  /** Slips that make the printed figures of those meant. */
  readonly slips: Readonly<Record<CauseCode, string>>
  readonly notices: Readonly<Record<ReadingNoticeCode, string>>
  readonly reasons: Readonly<Record<ReasonCode, string>>
  /** What happened and where, then what to do. */
  readonly errors: Readonly<Record<ErrorCode, string>>
  /** What is wrong at one place of a form's definition. */
  readonly formProblems: Readonly<Record<FormProblemCode, string>>
  /** What is wrong with a setting. */
  readonly settingProblems: Readonly<Record<SettingProblemCode, string>>
  /** What a definition may say and hardly means. */
  readonly formWarnings: Readonly<Record<FormWarningCode, string>>
  /** What is wrong with rules as a set. */
  readonly ruleProblems: Readonly<Record<RuleProblem['code'], string>>
  /** What the reader of formulas expected or found, by its own words for it; what is not here is said as it is. */
  readonly expectations: Readonly<Record<string, string>>
  /** Words that stand in the slots `what`, `kind` and `detail` for codes of our own. */
  readonly whats: Readonly<Record<'agency' | 'year', string>>
  readonly kinds: Readonly<Record<Kind, string>>
  readonly causes: Readonly<Record<Cause, string>>
  /** What is too large or too many where a limit is met; `{max}` in megabytes where the limit is in bytes. */
  readonly limits: Readonly<Record<LimitName, string>>
  readonly parts: {
    readonly unknown: string
    readonly agency: string
    readonly page: string
    readonly place: string
    readonly listSeparator: string
    readonly listMore: string
    readonly cell: string
    readonly formFrom: string
    readonly formYears: string
    readonly clause: string
    /** Figures that are not the report's own. */
    readonly lastYear: string
    readonly bodiesBelow: string
    readonly inText: string
    /** One of several things wrong with a definition. */
    readonly problemLine: string
    readonly problemsMore: string
    readonly otherZeros: string
    readonly otherZerosOrBlanks: string
    readonly allZeros: string
  }
}
