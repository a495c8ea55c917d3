/**
 * What a renderer is: a named way of publishing a truthful report, with what a reader must and may say about the result.
 */
import type { Truth } from './figures.ts'

/** What a reader must say of one cell. */
export type Expected = {
  readonly state: 'number' | 'blank' | 'mark'
  readonly value: number | null
  /**
   * True where the shape itself has lost where this cell's figure belongs: the reader may then say that it cannot read
   * the cell, or (where nothing is printed) that it is absent, but never give another value.
   */
  readonly may: boolean
}

export type Rendering = {
  /** UTF-8 for text and HTML. */
  readonly bytes: Uint8Array
  /** What a person would look at: the text, the markup, or the document's main XML. */
  readonly text: string
  readonly name: string
  /** The agency as this rendering prints it, where that is not the truth's own characters. */
  readonly agency?: string
  readonly expected: ReadonlyMap<string, Expected>
  /** True where it prints figures that no cell of the form takes, so that the reading must be partial. */
  readonly local: boolean
  readonly note: string
}

/** What is said of a shape, however it makes its bytes. */
export type ShapeHead = {
  readonly name: string
  readonly format: 'text' | 'html' | 'docx' | 'pdf' | 'ofd' | 'xlsx' | 'xls'
  /**
   * True where rules cannot be checked for sure, because the shape loses figures' places: then only values are compared,
   * and no errors are injected.
   */
  readonly lossy: boolean
}

export type Shape = ShapeHead & {
  render(truth: Truth, seed: number): Rendering
}

/** What becomes a PDF in a real program, and what is done to the PDF afterwards. */
export type PrintJob = {
  readonly program: 'chromium' | 'office'
  readonly source: { readonly bytes: Uint8Array; readonly extension: 'html' | 'docx' }
  /** The browser's paper; documents of the office program have their own. */
  readonly sheet: Sheet | null
  readonly finish: Finish
}

/** Lengths in millimetres; margins from the top, clockwise. Header and footer are the browser's templates. */
export type Sheet = {
  readonly width: number
  readonly height: number
  readonly margins: readonly [number, number, number, number]
  readonly header: string
  readonly footer: string
  readonly tagged: boolean
}

/**
 * `upright`: the pages drawn lying and turned back by /Rotate, so that a reader sees what was printed; `lying`: a reader
 * sees the pages on their side; `encrypted`: with an empty password for readers; `nameless`: without the tables that say
 * which character a glyph is.
 */
export type Finish =
  | { readonly kind: 'none' }
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'nameless' }
  | { readonly kind: 'upright'; readonly degrees: 90 | 180 | 270 }
  | { readonly kind: 'lying'; readonly degrees: 90 | 180 | 270 }

/** A shape whose bytes come from a program outside: the same truth and seed give the same job. */
export type PrintShape = ShapeHead & {
  print(truth: Truth, seed: number): { readonly job: PrintJob; readonly rendering: Omit<Rendering, 'bytes'> }
}

/** Every cell as printed, none of them in doubt but those in `may`. */
export function expectCells(truth: Truth, may: ReadonlySet<string> = new Set()): Map<string, Expected> {
  return new Map([...truth.cells].map(([code, { state, value }]) => [code, { state, value, may: may.has(code) }]))
}
