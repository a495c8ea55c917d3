/** `gouji rules`: which rules there are, what each says and why, whether their examples hold, whether they fit together. */
import { UserError } from '../errors.ts'
import type { Form, Registry } from '../forms/registry.ts'
import { renderRuleProblem } from '../messages/render.ts'
import type { RuleDefinition, RuleExample } from '../model.ts'
import { compileRules } from '../rules/evaluate.ts'
import { runExamples } from '../rules/examples.ts'
import { lintRules } from '../rules/lint.ts'
import { ruleScope } from '../rules/scope.ts'
import { drawTable } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'

/** All rules of all forms, or of one. @throws UserError `form_not_found` */
export async function rulesList(
  shell: Shell,
  id: string | undefined,
  { format }: { readonly format: 'table' | 'json' },
): Promise<number> {
  const { words: w, config, color } = shell
  const rules = formsOf(openRegistry(shell), id).flatMap((form) =>
    form.definition.rules.map((rule) => ({ rule, form })),
  )
  if (format === 'json') {
    const objects = rules.map(({ rule, form }) => ({ form: form.definition.id, scope: ruleScope(rule), ...rule }))
    await shell.write(`${JSON.stringify(objects, null, 2)}\n`)
    return exit.fine
  }
  const heads = [w.rule, w.severity, w.scope].map((title) => ({ title }))
  const rows = rules.map(({ rule }) => [
    rule.id,
    w[rule.severity],
    w[`scope_${ruleScope(rule)}`],
    rule.title[config.lang],
  ])
  await shell.write(drawTable([...heads, { title: w.text, widthMax: 100 }], rows, color))
  return exit.fine
}

/** One rule in full. @throws UserError `rule_not_found` */
export async function rulesShow(shell: Shell, id: string): Promise<number> {
  const { words: w, config } = shell
  const found = openRegistry(shell).forms.flatMap(({ definition }) => definition.rules.filter((rule) => rule.id === id))
  const rule = found[0]
  if (rule === undefined) throw new UserError('rule_not_found', { id })
  await shell.write(describe(rule, w, config.lang))
  return exit.fine
}

function describe(rule: RuleDefinition, w: Shell['words'], lang: 'zh' | 'en'): string {
  const loops = Object.entries(rule.foreach).map(
    ([name, set]) => `$${name} = ${typeof set === 'string' ? set : set.join(', ')}`,
  )
  const lines = [
    `${rule.id}  ${w[rule.severity]}  ${w[`scope_${ruleScope(rule)}`]}`,
    rule.title[lang],
    '',
    rule.formula,
    ...loops,
    ...(rule.tolerance === 0 ? [] : [`± ${rule.tolerance}`]),
    '',
    `${w.why}: ${rule.reason[lang]}`,
    `${w.source}: ${rule.source[lang]}`,
    ...rule.exceptions.map((exception) => `${w.exception}: ${exception[lang]}`),
    ...rule.examples.map((example) => `${w[`verdict_${example.verdict}`]}: ${drawExample(example)}`),
  ]
  return `${lines.join('\n')}\n`
}

/** What an example is judged by, as its file has it: what it leaves out is left out. */
function drawExample({ verdict: _, note, ...parts }: RuleExample): string {
  const given = Object.entries(parts).filter(
    ([name, part]) => part !== null && (Object.keys(part).length > 0 || name === 'sections'),
  )
  return `${JSON.stringify(Object.fromEntries(given))}${note === null ? '' : `  ${note}`}`
}

/** Runs the examples of all rules. Exit code 1 where one says otherwise than the rule. */
export async function rulesTest(shell: Shell, id: string | undefined): Promise<number> {
  const { words: w } = shell
  const registry = openRegistry(shell)
  const results = formsOf(registry, id).flatMap((form) => runExamples(compileRules(form)))
  const wrong = results.filter(({ expected, found }) => expected !== found)
  for (const { rule, index, expected, found } of wrong)
    await shell.write(`${rule} /examples/${index}: ${w[`verdict_${found}`]} ≠ ${w[`verdict_${expected}`]}\n`)
  await shell.write(`${w.examples} ${results.length} · ${w.wrong} ${wrong.length}\n`)
  return wrong.length > 0 ? exit.findings : exit.fine
}

/** What is wrong with rules as a set. Exit code 1 where anything is. */
export async function rulesLint(
  shell: Shell,
  id: string | undefined,
  { format }: { readonly format: 'table' | 'json' },
): Promise<number> {
  const registry = openRegistry(shell)
  const problems = formsOf(registry, id).flatMap((form) => lintRules(compileRules(form)))
  if (format === 'json') await shell.write(`${JSON.stringify(problems, null, 2)}\n`)
  else {
    for (const problem of problems)
      await shell.write(`${problem.rule}: ${renderRuleProblem(problem, shell.config.lang, registry)}\n`)
    await shell.write(`${shell.words.problems} ${problems.length}\n`)
  }
  return problems.length > 0 ? exit.findings : exit.fine
}

function formsOf(registry: Registry, id: string | undefined): readonly Form[] {
  if (id === undefined) return registry.forms
  const form = registry.byId.get(id)
  if (form === undefined)
    throw new UserError('form_not_found', { id, ids: registry.forms.map((each) => each.definition.id) })
  return [form]
}
