/**
 * Every way of publishing a report that the reader is tried with, by name, and the document that a shape and a seed
 * stand for: the same two give the same bytes for ever, so that a failure is repeated by naming them.
 */
import fc from 'fast-check'
import { type FormId, type Truth, truths } from './figures.ts'
import { type Break, injectError } from './injections.ts'
import { makeRandom, seedFor } from './random.ts'
import { docxShapes } from './render/docx.ts'
import { htmlShapes } from './render/html.ts'
import { ofdShapes } from './render/ofd.ts'
import { printShapes, unreadablePrintShapes } from './render/print.ts'
import { sheetShapes } from './render/sheet.ts'
import { textShapes } from './render/text.ts'
import type { PrintJob, PrintShape, Rendering, Shape, ShapeHead } from './shape.ts'

/** A rendered report with everything that a reader must say of it. */
export type Sample = {
  readonly shape: ShapeHead
  readonly seed: number
  /** As printed, an injected error included. */
  readonly truth: Truth
  readonly rendering: Rendering
  /** The identities that the printed figures break: none in a clean report. */
  readonly breaks: readonly Break[]
}

/** Every shape. */
export const shapes: readonly Shape[] = [...textShapes, ...htmlShapes, ...docxShapes, ...ofdShapes, ...sheetShapes]

/**
 * The document of a shape and a seed, on one of the two newer forms unless one is named; every third one has an error
 * injected where the shape allows to check it.
 */
export function makeSample(shape: Shape, seed: number, form?: FormId): Sample {
  const { truth, breaks } = drawTruth(shape, seed, seed, form)
  return { shape, seed, truth, rendering: shape.render(truth, seed), breaks }
}

/** A sample that is not printed yet: `test/setup/print.ts` makes its bytes. */
export type PrintSample = Omit<Sample, 'rendering'> & {
  readonly rendering: Omit<Rendering, 'bytes'>
  readonly job: PrintJob
}

export { printShapes, unreadablePrintShapes }

/** The document to print of a shape and a seed, with errors like those of `makeSample`. */
export function makePrintSample(shape: PrintShape, seed: number): PrintSample {
  // A PDF takes too long for many seeds of each shape: so each shape has reports of its own.
  const own = seedFor(shape.name, seed)
  const { truth, breaks } = drawTruth(shape, seed, own)
  return { shape, seed, truth, ...shape.print(truth, own), breaks }
}

function drawTruth(shape: ShapeHead, seed: number, drawBy: number, form?: FormId): Pick<Sample, 'truth' | 'breaks'> {
  const [drawn] = fc.sample(truths(form), { seed: drawBy, numRuns: 1 })
  const injection = seed % 3 === 0 && !shape.lossy ? injectError(drawn!, makeRandom(seed)) : null
  return { truth: injection?.truth ?? drawn!, breaks: injection?.breaks ?? [] }
}
