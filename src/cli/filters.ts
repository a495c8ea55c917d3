/** The options that say which findings are meant, the same for every command that shows findings. */
import { type Command, Option } from 'commander'
import type { Help } from '../messages/help.ts'
import type { Severity } from '../model.ts'
import { type FindingFilter, type FindingState, findingStates } from '../store/findings.ts'

export type FilterOptions = {
  readonly state?: readonly FindingState[]
  readonly severity?: readonly Severity[]
  readonly fault?: readonly string[]
  readonly rule?: string
  readonly agency?: string
  readonly year?: number
}

/** Adds the options to a command. */
export function addFilters(command: Command, help: Help, readWhole: (text: string) => number): Command {
  return command
    .addOption(new Option('--state <states...>', help.findingState).choices(findingStates))
    .addOption(new Option('--severity <severities...>', help.findingSeverity).choices(['error', 'warning', 'info']))
    .addOption(new Option('--fault <faults...>', help.findingFault).choices(['report', 'reading', 'undecided']))
    .option('--rule <rule>', help.findingRule)
    .option('--agency <text>', help.findingAgency)
    .option('--year <year>', help.findingYear, readWhole)
}

/** What the options ask for. */
export function filterOf({ state, severity, fault, rule, agency, year }: FilterOptions): FindingFilter {
  return {
    ...(state && { states: state }),
    ...(severity && { severities: severity }),
    ...(fault && { faults: fault }),
    ...(rule !== undefined && { rule }),
    ...(agency !== undefined && { agency }),
    ...(year !== undefined && { year }),
  }
}
