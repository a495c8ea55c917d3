/** The part of word-extractor that is used; it comes without types. */
declare module 'word-extractor' {
  /** Reads DOC and DOCX for their text. */
  export default class WordExtractor {
    extract(source: Buffer): Promise<{ getBody(): string; getTextboxes(): string }>
  }
}
