/**
 * A reading against the report that was printed: says in words every way in which they differ. Knows nothing of how the
 * reading was made.
 */
import type { Fact, Finding, Reading } from '../../src/model.ts'
import { formOf } from './figures.ts'
import type { Sample } from './index.ts'
import { type Break, identitiesOf } from './injections.ts'
import type { Expected } from './shape.ts'

/** One line for each difference; none where the reading is right. */
export function differences(sample: Sample, reading: Reading): string[] {
  const { truth, rendering } = sample
  const found: string[] = []
  const facts = new Map<string, Fact>()
  for (const fact of reading.facts) {
    if (facts.has(fact.code)) found.push(`${fact.code}: more than one fact`)
    facts.set(fact.code, fact)
    // A subtotal that the form does not ask for may be said to be blank; nothing more.
    if (!rendering.expected.has(fact.code) && fact.state !== 'blank' && fact.state !== 'absent')
      found.push(`${fact.code}: is not in the report, read ${fact.text}`)
  }
  let exact = true
  for (const [code, expected] of rendering.expected) {
    const fact = facts.get(code)
    if (same(expected, fact)) continue
    exact = false
    if (expected.may && declined(expected, fact)) continue
    found.push(
      `${code}: ${expected.state} ${expected.value ?? ''}, read ${fact?.state} ${fact?.value ?? fact?.text ?? ''}`,
    )
  }
  const agency = rendering.agency ?? truth.agency
  if (reading.identity.agency !== agency) found.push(`agency ${agency}, read ${reading.identity.agency}`)
  if (reading.identity.year !== truth.year) found.push(`year ${truth.year}, read ${reading.identity.year}`)
  found.push(...statusDifferences(sample, reading, exact), ...findingDifferences(sample, reading, exact))
  return found
}

function same(expected: Expected, fact: Fact | undefined): boolean {
  return fact?.state === expected.state && fact.value === expected.value
}

function declined(expected: Expected, fact: Fact | undefined): boolean {
  if (fact === undefined || fact.state === 'absent') return true
  return fact.state === 'unreadable' || (expected.state === 'blank' && fact.state === 'blank')
}

function statusDifferences({ rendering }: Sample, reading: Reading, exact: boolean): string[] {
  const wanted = rendering.local ? 'partial' : 'ok'
  if (!exact || reading.status === wanted) return []
  const notices = reading.notices.map(({ code, data }) => `${code} ${JSON.stringify(data)}`).slice(0, 3)
  return [`status ${wanted}, read ${reading.status} ${JSON.stringify(reading.reason)} ${notices.join('; ')}`]
}

/**
 * Findings must be exactly the broken identities. Where cells were declined, what can still be said must be true: no
 * finding but those of the report, or else the reader doubts its own reading.
 */
function findingDifferences(sample: Sample, reading: Reading, exact: boolean): string[] {
  const { breaks, shape } = sample
  if (shape.lossy) return []
  const omissions = omissionsIn(sample)
  // What is wrong by an identity is often not plausible either.
  const implausible = new Set(
    formOf(sample.truth.form).definition.rules.flatMap(({ id, category }) => (category === 'plausibility' ? [id] : [])),
  )
  const serious = reading.findings.filter(
    ({ severity, rule }) => severity !== 'info' && !(breaks.length > 0 && implausible.has(rule)),
  )
  const wrong = serious
    .filter((finding) => !breaks.some((one) => reports(finding, one)) && (exact || finding.fault === 'report'))
    .filter((finding) => !omissions.some((one) => tellsOmission(finding, one)))
    .filter((finding) => !tellsLoss(finding, sample) && !tellsEmptiness(finding, sample))
    .map(({ key, expected, actual }) => `finding ${key}: expected ${expected}, actual ${actual}, is not in the report`)
  const missed = breaks
    .filter((one) => exact && !serious.some((finding) => finding.severity === 'error' && reports(finding, one)))
    .map(
      ({ rule, at, expected, actual }) => `break ${rule} at ${at}: expected ${expected}, actual ${actual}, not found`,
    )
  const untold = omissions
    .filter(({ expected }) => exact && expected !== 0)
    .filter(
      ({ right }) =>
        !reading.findings.some(({ rule, codes }) => /blank_totals?$/.test(rule) && codes.includes(right[0]!)),
    )
    .map(({ rule, at, expected }) => `blank total ${rule} at ${at}: should be ${expected}, not told`)
  return [...wrong, ...missed, ...untold]
}

/** Totals that the report leaves blank beside figures which add up to something: a reader may say what they should be. */
function omissionsIn({ truth, rendering }: Sample): Break[] {
  const printed = (code: string): number | null => rendering.expected.get(code)?.value ?? null
  return identitiesOf(formOf(truth.form)).flatMap((identity) => {
    if (identity.right.length > 1 || printed(identity.right[0]!) !== null) return []
    if (identity.left.every((code) => printed(code) === null)) return []
    const expected = identity.left.reduce((sum, code) => sum + (printed(code) ?? 0), 0)
    return [{ ...identity, expected, actual: 0, difference: -expected }]
  })
}

function tellsOmission(finding: Finding, one: Break): boolean {
  if (finding.rule !== `${one.rule}.blank_total` || finding.codes[0] !== one.right[0]) return false
  return finding.expected === one.expected && finding.actual === null
}

/** Cells or whole tables said to be missing, where the shape has in fact lost them. */
function tellsLoss({ rule, codes }: Finding, { rendering }: Sample): boolean {
  if (rule.endsWith('_missing_cells')) return codes.every((code) => rendering.expected.get(code)?.may)
  if (!rule.endsWith('tables_complete')) return false
  const tables = new Set([...rendering.expected.keys()].map((code) => code.split('.')[0]))
  for (const [code, { may }] of rendering.expected) if (!may) tables.delete(code.split('.')[0])
  return tables.size > 0
}

/** A form of which not one cell is filled in. */
function tellsEmptiness({ rule }: Finding, { rendering }: Sample): boolean {
  return rule.endsWith('form_blank') && [...rendering.expected.values()].every(({ state }) => state !== 'number')
}

/** A balance may be told from either side: which of two sums is "printed" is a matter of words. */
function reports(finding: Finding, one: Break): boolean {
  if (finding.rule !== one.rule) return false
  if (![...one.left, ...one.right].every((code) => finding.codes.includes(code))) return false
  const straight = finding.expected === one.expected && finding.actual === one.actual
  const turned = finding.expected === one.actual && finding.actual === one.expected && one.right.length > 1
  const difference = (finding.actual ?? 0) - (finding.expected ?? 0)
  return (straight || turned) && finding.difference === difference
}

/** What a person needs to see why: shape, seed, the first differences, and the lines of the rendering they are about. */
export function describeFailure(sample: Sample, found: readonly string[]): string {
  const { shape, seed, truth, rendering } = sample
  const lines = readable(sample).split(/\r\n|\r|\n/)
  const labels = found.slice(0, 3).map((one) => /^(?:finding \S+@r=)?(?:\w+\.)(\w+)\./.exec(one)?.[1])
  const words = labels.map((code) => labelOf(sample, code)).filter((word) => word !== null)
  const shown = lines.filter((line) => words.some((word) => line.includes(word))).slice(0, 6)
  return [
    `${shape.name} seed ${seed} (${rendering.note}; ${truth.form}, zeros '${truth.style.zeros}', figures ${truth.style.figures}, totals ${truth.style.totals}, ${found.length} differences)`,
    ...found.slice(0, 6).map((one) => `  ${one}`),
    ...shown.map((line) => `  | ${line.slice(0, 300)}`),
  ].join('\n')
}

/** XML by rows and without its tags, which say little and take a screen each. */
function readable({ shape, rendering }: Sample): string {
  if (shape.format !== 'docx') return rendering.text
  return rendering.text
    .replace(/<\/w:tr>/g, '\n')
    .replace(/<\/w:tc>/g, '\t')
    .replace(/<[^>]*>/g, '')
}

function labelOf({ truth }: Sample, row: string | undefined): string | null {
  const form = formOf(truth.form)
  const cell = form.cells.find((one) => one.row.code === row)
  return cell?.row.labels[0]?.replace(/^[^、.）]*[、.）]/, '').slice(0, 4) ?? null
}
