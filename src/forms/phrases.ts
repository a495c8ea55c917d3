/**
 * The little language in which forms say how reports word what they state: takes a pattern, gives what finds it, or what
 * is wrong with it. `收到|受理` in brackets is a choice, `(了)?` may be missing, `~` is up to so many characters without a
 * figure or a stop, `{n}` the figure with its unit. It has no other repetition than `~`, and few of these, so that a
 * pattern, whoever wrote it, costs little on any text.
 */

/** Stands for a figure in the text that patterns are held against. */
export const figureMark = '\uE000'

/** How a pattern's `~` may go on; over this a sentence is about something else. */
const gapCharactersMax = 48
const gapsMax = 3
const patternCharactersMax = 300
/** Ways to read a pattern, gaps apart: choices and what may be missing multiply. */
const readingsMax = 2_000
const depthMax = 4
/** So many characters must stand in every pattern: fewer would be found everywhere. */
const lettersMin = 2

/** What is wrong with a pattern. */
export type PhraseFault =
  | { readonly code: 'pattern_character'; readonly text: string; readonly position: number }
  | { readonly code: 'pattern_brackets'; readonly position: number }
  | { readonly code: 'pattern_empty'; readonly position: number }
  | { readonly code: 'pattern_gap'; readonly max: number }
  | { readonly code: 'pattern_figure' }
  | { readonly code: 'pattern_costly'; readonly max: number }

/** A pattern made ready. */
export type Phrase = {
  /** Global; named groups g0, g1 ... are its gaps. */
  readonly search: RegExp
  readonly gaps: number
  /** True where it holds a figure. */
  readonly hasFigure: boolean
  /** True where the figure is its last part. */
  readonly endsInFigure: boolean
  /** Lists of words: wherever it is found, there is a word of each. */
  readonly needs: readonly (readonly string[])[]
}

type Part = {
  readonly source: string
  readonly readings: number
  readonly letters: number
  readonly gap: boolean
  readonly needs: Phrase['needs']
}
type State = { readonly pattern: string; at: number; gaps: number; figures: number; readonly units: readonly string[] }

class Fault extends Error {
  readonly fault: PhraseFault
  constructor(fault: PhraseFault) {
    super(fault.code)
    this.fault = fault
  }
}

/** Whether a pattern must hold a figure, must not, or may. */
export type FigureUse = 'one' | 'none' | 'may'

/**
 * The pattern made ready, or its fault. `units` are what `{n}` may count; a figure without any counts where a stop
 * follows. Without units `{n}` needs none.
 */
export function readPhrase(pattern: string, units: readonly string[], figure: FigureUse): Phrase | PhraseFault {
  const state: State = { pattern, at: 0, gaps: 0, figures: 0, units }
  try {
    if (pattern.length > patternCharactersMax) throw new Fault({ code: 'pattern_costly', max: patternCharactersMax })
    const whole = choice(state, 0)
    if (state.at < pattern.length) throw new Fault({ code: 'pattern_brackets', position: state.at + 1 })
    if (whole.letters < lettersMin) throw new Fault({ code: 'pattern_empty', position: 1 })
    if (state.gaps > gapsMax || whole.gap) throw new Fault({ code: 'pattern_gap', max: gapsMax })
    if (whole.readings > readingsMax) throw new Fault({ code: 'pattern_costly', max: readingsMax })
    if (figure !== 'may' && state.figures !== (figure === 'one' ? 1 : 0)) throw new Fault({ code: 'pattern_figure' })
    if (state.figures > 1) throw new Fault({ code: 'pattern_figure' })
    const search = new RegExp(whole.source, 'g')
    const endsInFigure = pattern.trimEnd().endsWith('{n}')
    return { search, gaps: state.gaps, hasFigure: state.figures > 0, endsInFigure, needs: whole.needs }
  } catch (error) {
    if (error instanceof Fault) return error.fault
    throw error
  }
}

/** True for what readPhrase found wrong. */
export function isFault(read: Phrase | PhraseFault): read is PhraseFault {
  return 'code' in read
}

/** Alternatives up to a closing bracket or the end. */
function choice(state: State, depth: number): Part {
  const parts = [sequence(state, depth)]
  while (state.pattern[state.at] === '|') {
    state.at++
    parts.push(sequence(state, depth))
  }
  if (parts.length > 1 && depth === 0) throw new Fault({ code: 'pattern_brackets', position: state.at })
  return {
    source: parts.map(({ source }) => source).join('|'),
    readings: parts.reduce((sum, { readings }) => sum + readings, 0),
    letters: Math.min(...parts.map(({ letters }) => letters)),
    gap: parts.some(({ gap }) => gap),
    needs: parts.length === 1 ? parts[0]!.needs : eitherOf(parts),
  }
}

/** What a choice needs: a word of those that one of its parts needs, where each part needs any. */
function eitherOf(parts: readonly Part[]): Phrase['needs'] {
  const each = parts.map(({ needs }) => needs.reduce((best, one) => (shortest(one) > shortest(best) ? one : best), []))
  return each.some(({ length }) => length === 0) ? [] : [each.flat()]
}

function shortest(words: readonly string[]): number {
  return words.length === 0 ? 0 : Math.min(...words.map(({ length }) => length))
}

function sequence(state: State, depth: number): Part {
  const from = state.at
  let source = ''
  let readings = 1
  let letters = 0
  let gap = true
  const needs: (readonly string[])[] = []
  let run = ''
  const endRun = (): void => {
    if (run !== '') needs.push([run])
    run = ''
  }
  while (state.at < state.pattern.length && !'|)'.includes(state.pattern[state.at]!)) {
    if (/\s/.test(state.pattern[state.at]!)) {
      state.at++
      continue
    }
    const part = item(state, depth, gap)
    source += part.source
    readings *= part.readings
    letters += part.letters
    gap = part.gap
    // Single characters that must stand side by side are a word.
    if (part.needs === single) run += part.source
    else {
      endRun()
      needs.push(...part.needs)
    }
    if (readings > readingsMax * 10) throw new Fault({ code: 'pattern_costly', max: readingsMax })
  }
  if (state.at === from) throw new Fault({ code: 'pattern_empty', position: from + 1 })
  endRun()
  return { source, readings, letters, gap, needs }
}

/** What one character needs: itself. */
const single: Phrase['needs'] = []

/** One character, choice, gap or figure, and whether it may be missing. `bare`: nothing stands before it yet. */
function item(state: State, depth: number, bare: boolean): Part {
  const { pattern } = state
  const position = state.at + 1
  const one = pattern[state.at]!
  let part: Part
  if (one === '(') {
    if (depth >= depthMax) throw new Fault({ code: 'pattern_costly', max: depthMax })
    state.at++
    const inner = choice(state, depth + 1)
    if (pattern[state.at] !== ')') throw new Fault({ code: 'pattern_brackets', position })
    state.at++
    part = { ...inner, source: `(?:${inner.source})` }
  } else if (one === '~') {
    state.at++
    // Gaps stand between words: one at an end, or beside another, says nothing.
    if (depth > 0 || bare || pattern.slice(state.at).trim() === '')
      throw new Fault({ code: 'pattern_gap', max: gapsMax })
    const source = `(?<g${state.gaps++}>[^，；。：！？${figureMark}]{0,${gapCharactersMax}}?)`
    return { source, readings: 1, letters: 0, gap: true, needs: [] }
  } else if (pattern.startsWith('{n}', state.at)) {
    state.at += 3
    state.figures++
    if (depth > 0) throw new Fault({ code: 'pattern_figure' })
    return { source: figureSource(state.units), readings: 1, letters: 0, gap: false, needs: [] }
  } else if (/[\p{L}\p{N}、，：《》“”%]/u.test(one)) {
    state.at++
    part = { source: one, readings: 1, letters: /\p{L}/u.test(one) ? 1 : 0, gap: false, needs: single }
  } else throw new Fault({ code: 'pattern_character', text: one, position })
  if (pattern[state.at] !== '?') return part
  state.at++
  return { ...part, source: `(?:${part.source})?`, readings: part.readings + 1, letters: 0, needs: [] }
}

function figureSource(units: readonly string[]): string {
  if (units.length === 0) return figureMark
  const longest = [...units].sort((a, b) => b.length - a.length)
  return `${figureMark}(?:${longest.join('|')}|(?=[，；。、]|$))`
}
