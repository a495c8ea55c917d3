#!/usr/bin/env node
/**
 * The command `gouji`: which commands and options there are, and what its exit code says. Each command is a few calls
 * into the layers below; what goes wrong is worded here, once.
 */
import { Argument, Command, CommanderError, Help, InvalidArgumentError, Option } from 'commander'
import { chooseLang } from '../config.ts'
import { UserError } from '../errors.ts'
import { exportFormats } from '../exports/index.ts'
import { fillHelp, helps, renderUsage } from '../messages/help.ts'
import { words } from '../messages/interface.ts'
import { printableLines } from '../messages/printable.ts'
import { renderError, renderProblem } from '../messages/render.ts'
import { pdfChoices } from '../model.ts'
import { hidePasswords } from '../secrets.ts'
import { agenciesCoverage, agenciesImport, agenciesList, agenciesRemove, recheck } from './agencies.ts'
import { audit, auditFormatNames } from './audit.ts'
import { difference } from './difference.ts'
import { doctor } from './doctor.ts'
import { extract, schema } from './extract.ts'
import { addFilters } from './filters.ts'
import { deciding, findingsList, findingsShow } from './findings.ts'
import { formsCheck, formsCrosswalk, formsList, formsShow } from './forms.ts'
import { ingestCommand } from './ingest.ts'
import { inspect } from './inspect.ts'
import { displayWidth, openOutput } from './print.ts'
import { queueAdd, queueDrain, queueFailed, queueRetry, queueStatus, queueSwitch, reparse } from './queue.ts'
import { rulesLint, rulesList, rulesShow, rulesTest } from './rules.ts'
import { runsList, runsShow } from './runs.ts'
import { showSettings } from './settings.ts'
import { exit, type GlobalOptions, makeShell, packageVersion, type Shell } from './shell.ts'
import { exportCommand, query, reports } from './stored.ts'

/** What a command does: gives its exit code. */
type Act<Arguments extends unknown[]> = (shell: Shell, ...args: Arguments) => Promise<number>

const args = process.argv.slice(2)
const lang = langOf(args)
const help = helps[lang]
let code: number = exit.fine
/** Until the settings are known, only passwords in addresses. */
let hide = hidePasswords
const output = openOutput()

const program = new Command('gouji')
  .description(help.program)
  .version(packageVersion(), '-V, --version', help.version)
  .helpOption('-h, --help', help.help)
  .helpCommand('help [command]', help.help)
  .option('--store <where>', help.store)
  .option('--config <file>', help.config)
  .option('--form <file>', help.form, collect, [])
  .option('--rules <file>', help.rulesFile, collect, [])
  .addOption(new Option('--pdf-engine <which>', help.pdfEngine).choices(pdfChoices))
  .addOption(new Option('--lang <lang>', help.lang).choices(['zh', 'en']))
  .option('--json', help.json)
  .option('--quiet', help.quiet)
  .configureHelp({
    showGlobalOptions: true,
    styleTitle,
    styleUsage: inLanguage,
    subcommandTerm,
    optionDescription,
    argumentDescription: optionDescription,
    displayWidth,
  })
  .configureOutput({ outputError: () => {} })
  .exitOverride()
  .addHelpText('after', `\n${help.exitCodes}`)

program
  .command('ingest')
  .argument('[paths...]', help.paths)
  .description(help.ingest)
  .option('--jobs <n>', help.jobs)
  .option('--exclude <glob>', help.exclude, collect, [])
  .addOption(new Option('--retry <what>', help.retry).choices(['failed']))
  .option('--reason <code>', help.retryReason)
  .option('--kind <kind>', help.retryKind)
  .option('--reader <version>', help.retryReader)
  .option('--audit', help.auditAfter)
  .action(act(ingestCommand))

program
  .command('extract')
  .argument('<paths...>', help.paths)
  .description(help.extract)
  .addOption(new Option('--format <format>', help.format).choices(['json', 'jsonl', 'table']).default('json'))
  .option('--jobs <n>', help.jobs)
  .option('--exclude <glob>', help.exclude, collect, [])
  .action(act(extract))

program
  .command('inspect')
  .argument('<file>', help.document)
  .description(help.inspect)
  .addOption(new Option('--format <format>', help.format).choices(['text', 'json', 'svg']).default('text'))
  .option('--page <n>', help.page, readWhole)
  .action(act(inspect))

program
  .command('reports')
  .description(help.reports)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(reports))

addFilters(program.command('audit').description(help.audit), help, readWhole)
  .addOption(new Option('--format <format>', help.format).choices(auditFormatNames))
  .option('--out <file>', help.outAudit)
  .option('--baseline <file>', help.baseline)
  .option('--due <date>', help.due, readDay)
  .addOption(new Option('--fail-on <severity>', help.failOn).choices(['error', 'warning']))
  .action(act(audit))

const findings = program.command('findings').description(help.findings)
addFilters(findings.command('list', { isDefault: true }).description(help.findingsList), help, readWhole)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json', 'csv']).default('table'))
  .action(act(findingsList))
findings
  .command('show')
  .argument('<id>', help.findingId)
  .description(help.findingsShow)
  .addOption(new Option('--format <format>', help.format).choices(['text', 'json']).default('text'))
  .action(act(findingsShow))
for (const { name, action, about } of [
  { name: 'confirm', action: 'confirmed', about: help.findingsConfirm },
  { name: 'dismiss', action: 'dismissed', about: help.findingsDismiss },
  { name: 'return', action: 'returned', about: help.findingsReturn },
  { name: 'reopen', action: 'reopened', about: help.findingsReopen },
] as const) {
  const command = findings.command(name).argument('<ids...>', help.findingId).description(about)
  if (name === 'dismiss') command.requiredOption('--reason <text>', help.why)
  else command.option('--reason <text>', help.why)
  command.option('--by <name>', help.by).action(act(deciding(action)))
}

const agencies = program.command('agencies').description(help.agencies)
agencies
  .command('list', { isDefault: true })
  .description(help.agenciesList)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json', 'csv']).default('table'))
  .action(act(agenciesList))
agencies
  .command('coverage')
  .argument('<year>', help.coverageYear, readWhole)
  .description(help.agenciesCoverage)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json', 'csv']).default('table'))
  .action(act(agenciesCoverage))
agencies
  .command('import')
  .argument('<file>', help.agencyFile)
  .description(help.agenciesImport)
  .option('--replace', help.agenciesReplace)
  .action(act(agenciesImport))
agencies
  .command('remove')
  .argument('<names...>', help.agencyName)
  .description(help.agenciesRemove)
  .action(act(agenciesRemove))

program
  .command('diff')
  .argument('<before>', help.readingName)
  .argument('<after>', help.readingName)
  .description(help.diff)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json', 'csv']).default('table'))
  .action(act(difference))

program.command('recheck').description(help.recheck).action(act(recheck))

program
  .command('export')
  .description(help.export)
  .addOption(
    new Option('--format <format>', help.format).choices(exportFormats.map((format) => format.name)).default('csv'),
  )
  .option('--out <dir>', help.outFolder)
  .option('--bom', help.bom)
  .action(act(exportCommand))

program
  .command('query')
  .argument('<sql>', help.sql)
  .description(help.query)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json', 'csv']).default('table'))
  .option('--limit <n>', help.limit, readWhole)
  .action(act(query))

const forms = program.command('forms').description(help.forms)
forms
  .command('list', { isDefault: true })
  .description(help.formsList)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(formsList))
forms
  .command('show')
  .argument('<id>', help.formId)
  .description(help.formsShow)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(formsShow))
forms.command('check').argument('<file>', help.formFile).description(help.formsCheck).action(act(formsCheck))
forms
  .command('crosswalk')
  .description(help.formsCrosswalk)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json', 'csv']).default('table'))
  .action(act(formsCrosswalk))

const rules = program.command('rules').description(help.rulesAbout)
rules
  .command('list', { isDefault: true })
  .argument('[form]', help.formId)
  .description(help.rulesList)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(rulesList))
rules.command('show').argument('<rule>', help.ruleId).description(help.rulesShow).action(act(rulesShow))
rules.command('test').argument('[form]', help.formId).description(help.rulesTest).action(act(rulesTest))
rules
  .command('lint')
  .argument('[form]', help.formId)
  .description(help.rulesLint)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(rulesLint))

const runs = program.command('runs').description(help.runs)
runs
  .command('list', { isDefault: true })
  .description(help.runsList)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json', 'csv']).default('table'))
  .action(act(runsList))
runs
  .command('show')
  .argument('[id]', help.runId)
  .description(help.runsShow)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json', 'csv']).default('table'))
  .action(act(runsShow))

// What only the service needs takes longer to load than most commands take.
program
  .command('worker')
  .description(help.worker)
  .option('--jobs <n>', help.threads)
  .option('--http <address>', help.http)
  .action(act(async (shell) => (await import('./worker.ts')).workerCommand(shell)))

program
  .command('serve')
  .description(help.serve)
  .option('--http <address>', help.http)
  .action(act(async (shell) => (await import('./serve.ts')).serveCommand(shell)))

const queue = program.command('queue').description(help.queue)
queue
  .command('status', { isDefault: true })
  .description(help.queueStatus)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(queueStatus))
queue
  .command('add')
  .argument('<paths...>', help.queuePaths)
  .description(help.queueAdd)
  .option('--exclude <glob>', help.exclude, collect, [])
  .option('--urgent', help.queueUrgent)
  .option('--upload', help.queueUpload)
  .option('--wait', help.queueWait)
  .action(act(queueAdd))
queue
  .command('failed')
  .description(help.queueFailed)
  .option('--reason <code>', help.retryReason)
  .option('--kind <kind>', help.retryKind)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(queueFailed))
queue
  .command('retry')
  .description(help.queueRetry)
  .option('--reason <code>', help.retryReason)
  .option('--kind <kind>', help.retryKind)
  .option('--reader <version>', help.retryReader)
  .option('--urgent', help.queueUrgent)
  .action(act(queueRetry))
queue.command('drain').description(help.queueDrain).option('--run <id>', help.queueRun).action(act(queueDrain))
queue
  .command('pause')
  .description(help.queuePause)
  .action(act(queueSwitch('pause')))
queue
  .command('resume')
  .description(help.queueResume)
  .action(act(queueSwitch('resume')))

program
  .command('reparse')
  .description(help.reparse)
  .option('--where <condition>', help.reparseWhere)
  .option('--urgent', help.queueUrgent)
  .action(act(reparse))

program
  .command('config')
  .description(help.settings)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(showSettings))

program
  .command('doctor')
  .description(help.doctor)
  .addOption(new Option('--format <format>', help.format).choices(['table', 'json']).default('table'))
  .action(act(doctor))

program
  .command('schema')
  .addArgument(new Argument('[what]', help.schemaOf).choices(['extract', 'form', 'rules']).default('extract'))
  .description(help.schema)
  .action(act(schema))

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
    hide = shell.hide
    code = await command(shell, ...(args.slice(0, -1) as Arguments))
  }
}

/** Says what went wrong, and gives the exit code for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version are printed already; asking for a command by giving none is an error all the same.
    if (error.exitCode === 0) return exit.fine
    if (error.code === 'commander.help') return exit.usage
    return report(new UserError('usage', { detail: renderUsage(error.code, error.message, lang) }))
  }
  const text = error instanceof UserError ? renderError(error, lang) : `${stackOf(error)}\n${words[lang].bug}`
  const data =
    error instanceof UserError ? { code: error.code, data: error.data, ...problemsOf(error) } : { code: 'bug' }
  const line = { time: new Date().toISOString(), event: 'error', message: text, ...data }
  process.stderr.write(hide(`${args.includes('--json') ? JSON.stringify(line) : printableLines(text)}\n`))
  return exit.usage
}

/** What is wrong with a definition, for programs: each place with its sentence in both languages. */
function problemsOf({ problems }: UserError): { problems?: readonly object[] } {
  if (problems.length === 0) return {}
  return {
    problems: problems.map((problem) => ({
      ...problem,
      message: { zh: renderProblem(problem, 'zh'), en: renderProblem(problem, 'en') },
    })),
  }
}

/** Known before the command line is read, since that may fail. */
function langOf(given: readonly string[]): 'zh' | 'en' {
  const options = given.includes('--') ? given.slice(0, given.indexOf('--')) : given
  const last = options.findLastIndex((arg) => arg === '--lang' || arg.startsWith('--lang='))
  return chooseLang(options[last]?.split('=')[1] ?? options[last + 1], process.env)
}

function styleTitle(title: string): string {
  const { usageTitle, argumentsTitle, optionsTitle, globalOptionsTitle, commandsTitle } = help
  const titles = [usageTitle, argumentsTitle, optionsTitle, globalOptionsTitle, commandsTitle]
  return titles[['Usage:', 'Arguments:', 'Options:', 'Global Options:', 'Commands:'].indexOf(title)] ?? title
}

function inLanguage(usage: string): string {
  return usage.replace('[options]', help.optionsPlace).replace('[command]', help.commandPlace)
}

function subcommandTerm(command: Command): string {
  return inLanguage(Help.prototype.subcommandTerm(command))
}

function optionDescription({ description, argChoices, defaultValue }: Option | Argument): string {
  const preset = typeof defaultValue === 'string' ? defaultValue : ''
  return description + fillHelp('choices', { choices: argChoices?.join(', ') ?? '', preset }, lang)
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

function readWhole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError(help.wholeNumber)
  return Number(text)
}

function readDay(text: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null
  if (day === null || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text)
    throw new InvalidArgumentError(help.calendarDay)
  return text
}
