/**
 * What is wrong with a set of rules as a set: rules that contradict each other, that others imply, that can never break,
 * that force figures to be 0. Takes compiled rules, gives problems. Sums are decided by linear programming over all
 * figures that a report could print, so that no example has to be found by luck.
 */
import { type Constraint, type Model, solve } from 'yalps'
import type { Form } from '../forms/registry.ts'
import type { CompiledRule, CompiledRules, Instance } from './compile.ts'
import { printFormula } from './formula.ts'
import { isCount, isSigned, type Linear, linearOf } from './linear.ts'

export type RuleProblem = {
  readonly code:
    | 'contradiction' // others: rules that cannot all hold
    | 'forces_zero' // codes: cells that the rules together leave nothing but 0
    | 'implied' // others: rules from which it follows
    | 'same' // others: says the same
    | 'never_broken' // whatever a report prints, it holds
    | 'never_judged' // its loops have no places
    | 'no_example' // verdict: an example that holds, or one that breaks, is missing
  readonly rule: string
  readonly others: readonly string[]
  readonly codes: readonly string[]
}

/** One place of a rule as an inequality. */
type Place = { readonly rule: string; readonly severity: string; readonly linear: Linear }

/** Everything that is wrong with a form's rules; `only` limits it to rules whose ids begin so. */
export function lintRules({ form, rules }: CompiledRules, only = ''): RuleProblem[] {
  const places = rules.flatMap((rule) => placesOf(rule, rule.instances))
  const asked = rules.filter(({ definition }) => definition.id.startsWith(only))
  const contradiction = findContradiction(places, form)
  const problems: RuleProblem[] = contradiction === null ? [] : [contradiction]
  if (contradiction === null) problems.push(...findZeros(places, form))
  const texts = textsOf(rules)
  for (const rule of asked) {
    problems.push(...lintRule(rule, texts))
    const own = placesOf(rule, rule.instances)
    if (own.length === 0 || own.length < rule.instances.length || contradiction !== null) continue
    if (own.every(({ linear }) => follows(linear, [], form))) problems.push(problem('never_broken', rule))
    else {
      // What one report alone decides is asked of reports that have no predecessor, too.
      const alone = own.every(({ linear }) => !looksBack(linear))
      const rest = places.filter((place) => place.rule !== rule.definition.id && !(alone && looksBack(place.linear)))
      if (own.every(({ linear }) => follows(linear, rest, form)))
        problems.push(problem('implied', rule, impliedBy(own, rest, form)))
    }
  }
  return problems
}

function looksBack({ coefficients }: Linear): boolean {
  return [...coefficients.keys()].some((name) => name.startsWith('previous:'))
}

function problem(code: RuleProblem['code'], rule: CompiledRule, others: readonly string[] = []): RuleProblem {
  return { code, rule: rule.definition.id, others, codes: [] }
}

function placesOf({ definition, needs }: CompiledRule, instances: readonly Instance[]): Place[] {
  // Hints may well contradict each other: what is worth a look is no law. What leaves room is no inequality of its own.
  if (definition.severity === 'info' || definition.tolerance !== 0 || needs.includes('narrative')) return []
  return instances.flatMap((instance) => {
    const linear = linearOf(instance)
    return linear === null ? [] : [{ rule: definition.id, severity: definition.severity, linear }]
  })
}

/** Every formula of every rule, as text without its loop variables, with the first rule that says it. */
function textsOf(rules: readonly CompiledRule[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const { definition, instances } of rules) {
    for (const { formula } of instances) {
      const text = printFormula(formula)
      if (!texts.has(text)) texts.set(text, definition.id)
    }
  }
  return texts
}

function lintRule(rule: CompiledRule, texts: ReadonlyMap<string, string>): RuleProblem[] {
  const { definition, instances } = rule
  const problems: RuleProblem[] = []
  if (instances.length === 0) problems.push(problem('never_judged', rule))
  const same = new Set(instances.map(({ formula }) => texts.get(printFormula(formula))!))
  same.delete(definition.id)
  if (same.size > 0) problems.push(problem('same', rule, [...same]))
  const verdicts = new Set(definition.examples.map(({ verdict }) => verdict))
  if (!verdicts.has('holds') || !verdicts.has('broken')) problems.push(problem('no_example', rule))
  return problems
}

/** A smallest set of rules that no report can satisfy, named by its first. */
function findContradiction(places: readonly Place[], form: Form): RuleProblem | null {
  if (isPossible(places, form)) return null
  let kept = [...new Set(places.map(({ rule }) => rule))]
  for (const rule of [...kept]) {
    const rest = kept.filter((one) => one !== rule)
    if (
      !isPossible(
        places.filter((place) => rest.includes(place.rule)),
        form,
      )
    )
      kept = rest
  }
  return { code: 'contradiction', rule: kept[0]!, others: kept.slice(1), codes: [] }
}

/** Cells that can be nothing but 0, told once. */
function findZeros(places: readonly Place[], form: Form): RuleProblem[] {
  const names = new Set(places.flatMap(({ linear }) => [...linear.coefficients.keys()]))
  const isZero = (code: string): Linear => ({ coefficients: new Map([[code, 1]]), constant: 0, operator: '<=' })
  const codes = [...names].filter(
    (name) => !name.startsWith('previous:') && !isSigned(name, form) && follows(isZero(name), places, form),
  )
  if (codes.length === 0) return []
  const [first, ...others] = impliedBy(
    codes.map((code) => ({ linear: isZero(code) })),
    places,
    form,
  )
  return [{ code: 'forces_zero', rule: first!, others, codes }]
}

/** The fewest rules, taken away one by one, from which all places still follow. */
function impliedBy(own: readonly Pick<Place, 'linear'>[], rest: readonly Place[], form: Form): string[] {
  let kept = [...new Set(rest.map(({ rule }) => rule))]
  for (const rule of [...kept]) {
    const fewer = kept.filter((one) => one !== rule)
    const left = rest.filter((place) => fewer.includes(place.rule))
    if (own.every(({ linear }) => follows(linear, left, form))) kept = fewer
  }
  return kept
}

/** What the arithmetic of the solver may be off by. */
const roundingMax = 1e-7

/** True where no figures satisfy `given` and break `asked`; false where the solver cannot tell. */
function follows(asked: Linear, given: readonly Place[], form: Form): boolean {
  const { operator } = asked
  const upper = operator === '=' || operator === '<=' || operator === '<'
  const lower = operator === '=' || operator === '>=' || operator === '>'
  const least = operator === '<' || operator === '>' ? roundingMax : -roundingMax
  return (
    (!upper || boundOf(asked, given, form, 'maximize') <= -least) &&
    (!lower || boundOf(asked, given, form, 'minimize') >= least)
  )
}

/** The largest or smallest that the left side less the right side of `asked` can be. */
function boundOf(asked: Linear, given: readonly Place[], form: Form, direction: 'maximize' | 'minimize'): number {
  const linked = linkedTo([...asked.coefficients.keys()], given)
  const model = modelOf(linked, form, asked)
  const { status, result } = solve({ ...model, direction, objective: 'asked' })
  if (status === 'optimal') return result + asked.constant
  return direction === 'maximize' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
}

/** The places that share cells with others that share cells with `names`, and so on: the rest cannot matter. */
function linkedTo(names: readonly string[], given: readonly Place[]): Place[] {
  const known = new Set(names)
  let left = [...given]
  const linked: Place[] = []
  for (;;) {
    const near = left.filter(({ linear }) => [...linear.coefficients.keys()].some((name) => known.has(name)))
    if (near.length === 0) return linked
    linked.push(...near)
    for (const { linear } of near) for (const name of linear.coefficients.keys()) known.add(name)
    left = left.filter((place) => !near.includes(place))
  }
}

function isPossible(places: readonly Place[], form: Form): boolean {
  return solve(modelOf(places, form, null)).status !== 'infeasible'
}

/** What a strict comparison leaves at least: 1 between whole figures, next to nothing between amounts. */
function strictBy({ coefficients, constant }: Linear, form: Form): number {
  const whole = [...coefficients].every(([name, coefficient]) => Number.isInteger(coefficient) && isCount(name, form))
  return whole && Number.isInteger(constant) ? 1 : 1e-4
}

function modelOf(places: readonly Place[], form: Form, asked: Linear | null): Model {
  const constraints = new Map<string, Constraint>()
  const variables = new Map<string, Map<string, number>>()
  const put = (key: string, { coefficients }: Linear): void => {
    for (const [name, coefficient] of coefficients) {
      // A figure that may be below 0 is the difference of two that may not.
      for (const [part, sign] of isSigned(name, form)
        ? ([
            [name, 1],
            [`-${name}`, -1],
          ] as const)
        : ([[name, 1]] as const)) {
        const own = variables.get(part) ?? new Map<string, number>()
        variables.set(part, own.set(key, sign * coefficient))
      }
    }
  }
  for (const [index, { linear }] of places.entries()) {
    const key = `c${index}`
    const { operator, constant } = linear
    put(key, linear)
    if (operator === '=') constraints.set(key, { equal: -constant })
    else if (operator === '<=' || operator === '<')
      constraints.set(key, { max: -constant - (operator === '<' ? strictBy(linear, form) : 0) })
    else constraints.set(key, { min: -constant + (operator === '>' ? strictBy(linear, form) : 0) })
  }
  if (asked !== null) put('asked', asked)
  return { constraints, variables }
}
