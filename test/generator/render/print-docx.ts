/** Reports as an office program prints them. */
import type { PrintShape } from '../shape.ts'

/** Documents of a word processor, printed. */
export const printedDocxShapes: readonly PrintShape[] = []
