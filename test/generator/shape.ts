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

export type Shape = {
  readonly name: string
  readonly format: 'text' | 'html' | 'docx' | 'xlsx' | 'xls'
  /**
   * True where rules cannot be checked for sure, because the shape loses figures' places: then only values are compared,
   * and no errors are injected.
   */
  readonly lossy: boolean
  render(truth: Truth, seed: number): Rendering
}

/** Every cell as printed, none of them in doubt but those in `may`. */
export function expectCells(truth: Truth, may: ReadonlySet<string> = new Set()): Map<string, Expected> {
  return new Map([...truth.cells].map(([code, { state, value }]) => [code, { state, value, may: may.has(code) }]))
}
