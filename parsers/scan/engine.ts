/**
 * What reads print in pictures, as the scan reader sees it: takes small grey pictures, gives their text. An engine is a
 * program or a library with data of its own, so it is made at the edge and handed in; without one, pictures stay unread.
 */
import type { Bitmap, PixelBox } from './bitmap.ts'

/**
 * How a picture is to be read: `figure` one line of digits and marks by a model that knows no Chinese, `other figure` the same by the one for words; `words` a few
 * lines of Chinese with figures, by another model; `line` one line of them; `page` print in blocks and lines.
 */
export type ReadingMode = 'figure' | 'other figure' | 'words' | 'line' | 'page'

/** A piece of text as an engine gives it: where it stands in the picture, how sure the engine is (0 to 1), on which line. */
export type EngineWord = {
  readonly text: string
  readonly confidence: number
  readonly box: PixelBox
  /** Counted within the picture; words of one line have the same. */
  readonly line: number
}

/** A reader of pictures. `read` gives each picture's words in reading order, none where it finds nothing. */
export type OcrEngine = {
  /** The program with its version, for the document's `engine`. */
  readonly name: string
  /** @throws EngineFailure where the program fails or takes too long */
  read(pictures: readonly Bitmap[], mode: ReadingMode): Promise<readonly (readonly EngineWord[])[]>
}

/** Finds the engine of this machine, once; null where there is none. */
export type FindEngine = () => Promise<OcrEngine | null>

/** An engine that is there and did not do its work: never a reason to believe anything. */
export class EngineFailure extends Error {}
