/** `gouji extract`: what documents say, on stdout, by the contract in docs/extract.md; `gouji schema` prints its schema. */
import { UserError } from '../errors.ts'
import { type ExtractedDocument, extractSchema } from '../exports/extract.ts'
import { formSchema, rulePackSchema } from '../forms/registry.ts'
import { printable } from '../messages/printable.ts'
import { openArchives } from '../pipeline/archives.ts'
import { extractInputs } from '../pipeline/extract.ts'
import { type Input, listInputs, makeExclusion } from '../pipeline/inputs.ts'
import { drawTable } from './print.ts'
import { exit, openRegistry, type Shell, startReaders } from './shell.ts'

const schemas = { extract: extractSchema, form: formSchema, rules: rulePackSchema } as const

type Options = { readonly format: 'json' | 'jsonl' | 'table'; readonly exclude: readonly string[] }

/** Prints one document after another. Exit code 3 where some failed. */
export async function extract(shell: Shell, paths: readonly string[], options: Options): Promise<number> {
  const inputs: Input[] = []
  for await (const input of listInputs(paths, options.exclude, shell.skipStore)) inputs.push(input)
  if (inputs.length === 0) throw new UserError('no_inputs', { paths: [...paths] })
  const readers = startReaders(shell)
  let code: number = exit.fine
  try {
    const opened = openArchives(inputs, { isExcluded: makeExclusion(options.exclude), onLeftOut: shell.leaveOut })
    for await (const document of extractInputs(opened, readers, openRegistry(shell))) {
      if (document.status === 'failed') code = exit.failedDocuments
      if (!(await shell.write(draw(document, options.format, shell)))) break
    }
  } finally {
    await readers.close()
  }
  return code
}

/** Prints the JSON Schema of an extracted document, of the definition of a form, or of rules for one. */
export async function schema(shell: Shell, what: keyof typeof schemas): Promise<number> {
  await shell.write(schemas[what]())
  return exit.fine
}

function draw(document: ExtractedDocument, format: Options['format'], shell: Shell): string {
  if (format === 'jsonl') return `${JSON.stringify(document)}\n`
  if (format === 'json') return `${JSON.stringify(document, null, 2)}\n`
  return drawDocument(document, shell)
}

function drawDocument(document: ExtractedDocument, shell: Shell): string {
  const { words: w, color } = shell
  const { lang } = shell.config
  const { report, status, reason, facts, findings, notices } = document
  const lines = [
    `${printable(document.document.path)}: ${w[status]}${reason ? ` — ${reason.message[lang]}` : ''}`,
    `${w.agency}: ${printable(report.agency ?? w.unknown)} · ${w.year}: ${report.year ?? w.unknown} · ${w.form}: ${report.form ?? w.none}`,
  ]
  if (facts.length > 0) {
    const columns = [
      { title: w.code },
      { title: w.value, align: 'right' as const },
      { title: w.state },
      { title: w.text, widthMax: 40 },
    ]
    lines.push(
      '',
      drawTable(
        columns,
        facts.map((f) => [f.code, f.value === null ? '' : String(f.value), w[f.state], f.text]),
        color,
      ),
    )
  }
  for (const finding of findings) lines.push(`${w[finding.severity]}: ${finding.message[lang]}`)
  for (const notice of notices) lines.push(`${w.info}: ${notice.message[lang]}`)
  return `${lines.join('\n')}\n\n`
}
