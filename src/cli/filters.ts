/** The options that say which findings are meant, the same for every command that shows findings: a `FindingFilter`. */
import { type Command, Option } from 'commander'
import type { Help } from '../messages/help.ts'
import { findingStates } from '../store/findings.ts'

/** Adds the options to a command. Each is called as it is in `FindingFilter`. */
export function addFilters(command: Command, help: Help, readWhole: (text: string) => number): Command {
  return command
    .addOption(new Option('--state <states...>', help.findingState).choices(findingStates))
    .addOption(new Option('--severity <severities...>', help.findingSeverity).choices(['error', 'warning', 'info']))
    .addOption(new Option('--fault <faults...>', help.findingFault).choices(['report', 'reading', 'undecided']))
    .option('--rule <rule>', help.findingRule)
    .option('--agency <text>', help.findingAgency)
    .option('--year <year>', help.findingYear, readWhole)
}
