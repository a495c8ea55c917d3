/**
 * Writes docs/rules.md and docs/rules.zh.md: all rules of the forms that gouji brings, as tables. Made of the definitions
 * alone, so that the pages say what the program does; a test compares them.
 */
import { writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { loadRegistry } from '../src/forms/registry.ts'
import { words } from '../src/messages/interface.ts'
import type { FormDefinition, RuleDefinition } from '../src/model.ts'
import { ruleScope } from '../src/rules/scope.ts'

type Lang = 'zh' | 'en'

/** The pages, by their file in docs/. */
export const pages: Readonly<Record<string, Lang>> = { 'rules.md': 'en', 'rules.zh.md': 'zh' }

const texts = {
  en: {
    head: '# Rules',
    made: 'Made of the forms by `npm run docs:rules`; do not edit. 中文：rules.zh.md.',
    lead: 'What the figures of each form are held against. `gouji rules show ID` prints one with its reason, its exceptions and its examples; `gouji rules list` prints those of your own too ([own-rules.md](own-rules.md)). “Compares” is the widest thing that a rule looks at.',
    rule: 'Rule',
    asks: 'What it asks',
    formula: 'Formula',
    where: (loops: string) => ` for ${loops}`,
    tolerance: (by: string) => ` ± ${by}`,
    counts: (rules: number, examples: number) => `${rules} rules, ${examples} examples.`,
  },
  zh: {
    head: '# 规则',
    made: '由 `npm run docs:rules` 根据表式定义生成，请勿手改。English: rules.md.',
    lead: '各表式的数据按以下规则核对。`gouji rules show ID` 显示一条规则的原因、例外与示例；`gouji rules list` 同时列出自定的规则（见 [own-rules.md](own-rules.md)）。“范围”一栏是规则所比对数据的最大范围。',
    rule: '规则',
    asks: '核对内容',
    formula: '公式',
    where: (loops: string) => `，${loops}`,
    tolerance: (by: string) => ` ± ${by}`,
    counts: (rules: number, examples: number) => `共${rules}条规则，${examples}个示例。`,
  },
} as const

/** One page as text. */
export function rulesPage(lang: Lang): string {
  const t = texts[lang]
  const { forms } = loadRegistry()
  return `${[t.head, t.made, t.lead, ...forms.map(({ definition }) => formPart(definition, lang))].join('\n\n')}\n`
}

function formPart({ id, title, source, rules }: FormDefinition, lang: Lang): string {
  const [t, w] = [texts[lang], words[lang]]
  const examples = rules.reduce((sum, rule) => sum + rule.examples.length, 0)
  const table = [
    [t.rule, w.severity, w.scope, t.asks, t.formula, w.source],
    Array<string>(6).fill('---'),
    ...rules.map((rule) => ruleCells(rule, lang)),
  ]
  const lines = table.map((cells) => `| ${cells.join(' | ')} |`)
  return [`## ${title[lang]} (\`${id}\`)`, source, t.counts(rules.length, examples), lines.join('\n')].join('\n\n')
}

function ruleCells(rule: RuleDefinition, lang: Lang): string[] {
  const [t, w] = [texts[lang], words[lang]]
  const loops = Object.entries(rule.foreach).map(
    ([name, set]) =>
      `\`$${name}\`: ${typeof set === 'string' ? `\`${set}\`` : set.map((one) => `\`${one}\``).join(', ')}`,
  )
  const formula = [
    `\`${rule.formula}\``,
    rule.tolerance === 0 ? '' : t.tolerance(String(rule.tolerance)),
    loops.length === 0 ? '' : t.where(loops.join('; ')),
  ]
  const cells = [
    `\`${rule.id}\``,
    w[rule.severity],
    w[`scope_${ruleScope(rule)}`],
    rule.title[lang],
    formula.join(''),
    rule.source[lang],
  ]
  return cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' '))
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, lang] of Object.entries(pages))
    writeFileSync(new URL(`../docs/${file}`, import.meta.url), rulesPage(lang))
}
