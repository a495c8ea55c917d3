#!/usr/bin/env node
/**
 * The command `gouji`: which commands and options there are, and what its exit code says. Each command is a few calls
 * into the layers below; what goes wrong is worded here, once.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { readConfig } from '../config.ts'
import { UserError } from '../errors.ts'
import { exportFormats } from '../exports/index.ts'
import { words } from '../messages/interface.ts'
import { renderError } from '../messages/render.ts'
import { doctor } from './doctor.ts'
import { extract, schema } from './extract.ts'
import { formsCheck, formsList, formsShow } from './forms.ts'
import { ingestCommand } from './ingest.ts'
import { inspect } from './inspect.ts'
import { openOutput } from './print.ts'
import { runsList, runsShow } from './runs.ts'
import { exit, type GlobalOptions, makeShell, packageVersion, type Shell } from './shell.ts'
import { audit, exportCommand, query, reports } from './stored.ts'

/** What a command does: gives its exit code. */
type Act<Arguments extends unknown[]> = (shell: Shell, ...args: Arguments) => Promise<number>

let code: number = exit.fine
const output = openOutput()

const program = new Command('gouji')
  .description(
    'Turns published statistical reports into audited data: every cell read exactly, every figure reconciled.',
  )
  .version(packageVersion())
  .option('--store <where>', 'folder or postgres:// URL that holds the data (default: gouji-data, or GOUJI_STORE)')
  .addOption(new Option('--lang <lang>', 'language of messages (default: from the locale)').choices(['zh', 'en']))
  .option('--json', 'log lines on stderr as JSON objects')
  .option('--quiet', 'nothing on stderr but errors')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .addHelpText(
    'after',
    '\nExit codes: 0 fine, 1 findings at or above --fail-on, 2 wrong usage, 3 some documents failed.',
  )

program
  .command('ingest')
  .argument('[paths...]', 'files, directories, globs, or - for standard input as one document')
  .description('read documents into the store; known ones change nothing')
  .option('--jobs <n>', 'documents read at the same time (default: one for each processor)')
  .option('--exclude <glob>', 'leave out files of this name (repeatable)', collect, [])
  .addOption(
    new Option('--retry <what>', 'read again what failed: alone, or among the paths given').choices(['failed']),
  )
  .option('--reason <code>', 'with --retry: only what failed for this reason')
  .option('--kind <kind>', 'with --retry: only this kind of file')
  .option('--reader <version>', 'with --retry: only what this version of the reader failed on')
  .option('--audit', 'write the audit report afterwards')
  .action(act(ingestCommand))

program
  .command('extract')
  .argument('<paths...>', 'files, directories, globs, or - for standard input as one document')
  .description('read documents and print what they say, one JSON object a document; nothing is stored')
  .addOption(new Option('--format <format>', 'form of the output').choices(['json', 'jsonl', 'table']).default('json'))
  .option('--jobs <n>', 'documents read at the same time (default: one for each processor)')
  .option('--exclude <glob>', 'leave out files of this name (repeatable)', collect, [])
  .action(act(extract))

program
  .command('inspect')
  .argument('<file>', 'one document, or -')
  .description('show how a document is understood: blocks, grids, match, facts, rules')
  .addOption(new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'))
  .action(act(inspect))

program
  .command('reports')
  .description('list what is stored')
  .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'))
  .action(act(reports))

program
  .command('audit')
  .description(
    'the findings of all stored reports; without --format, the audit report is written and its place printed',
  )
  .addOption(new Option('--format <format>', 'form of the output').choices(['html', 'table', 'json', 'csv']))
  .option('--out <file>', 'write to this file instead of stdout')
  .addOption(
    new Option('--fail-on <severity>', 'exit with 1 where there are such findings').choices(['error', 'warning']),
  )
  .action(act(audit))

program
  .command('export')
  .description('write reports, facts, findings and the dictionary of codes; without --out, the facts on stdout')
  .addOption(
    new Option('--format <format>', 'form of the files')
      .choices(exportFormats.map((format) => format.name))
      .default('csv'),
  )
  .option('--out <dir>', 'folder for the files')
  .option('--bom', 'begin CSV files with a byte order mark, for spreadsheets')
  .action(act(exportCommand))

program
  .command('query')
  .argument('<sql>', 'one SELECT over reports, facts, findings, runs, run_items')
  .description('ask the store with SQL, reading only')
  .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json', 'csv']).default('table'))
  .option('--limit <n>', 'most rows to print', readLimit)
  .action(act(query))

const forms = program.command('forms').description('the forms that reports are read by')
forms
  .command('list', { isDefault: true })
  .description('all forms')
  .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'))
  .action(act(formsList))
forms
  .command('show')
  .argument('<id>', 'id of a form')
  .description('rows, columns and rules of one form')
  .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'))
  .action(act(formsShow))
forms
  .command('check')
  .argument('<file>', 'definition of a form')
  .description('say whether a definition is valid, or what is wrong with it and where')
  .action(act(formsCheck))

const runs = program.command('runs').description('what was taken in, and what became of each input')
runs
  .command('list', { isDefault: true })
  .description('all runs, the latest first')
  .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json', 'csv']).default('table'))
  .action(act(runsList))
runs
  .command('show')
  .argument('<id>', 'id of a run, or "latest"')
  .description('the manifest of one run')
  .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json', 'csv']).default('table'))
  .action(act(runsShow))

program
  .command('doctor')
  .description('what works on this machine, and what to install')
  .addOption(new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'))
  .action(act(doctor))

program.command('schema').description('print the JSON Schema of what extract prints').action(act(schema))

await main()

async function main(): Promise<void> {
  try {
    await program.parseAsync()
  } catch (error) {
    code = report(error)
  }
  await output.end().catch((error: unknown) => {
    code = report(error)
  })
  process.exitCode = code
}

/** Wraps a command for commander, which hands it its arguments, its options and itself. */
function act<Arguments extends unknown[]>(
  command: Act<Arguments>,
): (...args: [...Arguments, Command]) => Promise<void> {
  return async (...args) => {
    const self = args[args.length - 1] as Command
    const shell = makeShell(self.optsWithGlobals<GlobalOptions>(), process.env, output.write)
    code = await command(shell, ...(args.slice(0, -1) as Arguments))
  }
}

/** Says what went wrong, and gives the exit code for it. */
function report(error: unknown): number {
  // commander has already said it, on stderr; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.fine : exit.usage
  const lang = langOf()
  const text = error instanceof UserError ? renderError(error, lang) : `${stackOf(error)}\n${words[lang].bug}`
  const data = error instanceof UserError ? { code: error.code, data: error.data } : { code: 'bug' }
  const json = process.argv.includes('--json')
  process.stderr.write(
    `${json ? JSON.stringify({ time: new Date().toISOString(), event: 'error', message: text, ...data }) : text}\n`,
  )
  return exit.usage
}

function langOf(): 'zh' | 'en' {
  const chosen: unknown = program.opts().lang
  if (chosen === 'zh' || chosen === 'en') return chosen
  try {
    return readConfig(process.env).lang
  } catch {
    return 'en'
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a whole number from 1')
  return Number(text)
}
