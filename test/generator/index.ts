/**
 * Every way of publishing a report that the reader is tried with, by name, and the document that a shape and a seed
 * stand for: the same two give the same bytes for ever, so that a failure is repeated by naming them.
 */
import fc from 'fast-check'
import { type Truth, truths } from './figures.ts'
import { type Break, injectError } from './injections.ts'
import { makeRandom } from './random.ts'
import { docxShapes } from './render/docx.ts'
import { htmlShapes } from './render/html.ts'
import { sheetShapes } from './render/sheet.ts'
import { textShapes } from './render/text.ts'
import type { Rendering, Shape } from './shape.ts'

/** A rendered report with everything that a reader must say of it. */
export type Sample = {
  readonly shape: Shape
  readonly seed: number
  /** As printed, an injected error included. */
  readonly truth: Truth
  readonly rendering: Rendering
  /** The identities that the printed figures break: none in a clean report. */
  readonly breaks: readonly Break[]
}

/** Every shape. */
export const shapes: readonly Shape[] = [...textShapes, ...htmlShapes, ...docxShapes, ...sheetShapes]

/** The document of a shape and a seed; every third one has an error injected where the shape allows to check it. */
export function makeSample(shape: Shape, seed: number): Sample {
  const [drawn] = fc.sample(truths(), { seed, numRuns: 1 })
  const injection = seed % 3 === 0 && !shape.lossy ? injectError(drawn!, makeRandom(seed)) : null
  const truth = injection?.truth ?? drawn!
  return { shape, seed, truth, rendering: shape.render(truth, seed), breaks: injection?.breaks ?? [] }
}
