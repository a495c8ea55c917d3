/**
 * The styles of a DOC: takes their list ([MS-DOC] 2.9.271, 2.9.260), gives for each its kind, the style it is based on and the
 * properties of characters that it states. A damaged list has no styles, and no text is lost by it.
 */

/** A style as it is written. `kind`: 1 to 9 are headings, 62 is the title. */
export type WordStyle = {
  readonly kind: number
  /** Number of the style it is based on; -1 where there is none. */
  readonly parent: number
  /** Properties, one after another. */
  readonly characters: Uint8Array
  readonly paragraphs: Uint8Array
}

const none = 0xfff
const [ofParagraphs, ofCharacters] = [1, 2]
const unknown: WordStyle = { kind: -1, parent: -1, characters: new Uint8Array(), paragraphs: new Uint8Array() }

/** The styles by their numbers. */
export function readWordStyles(bytes: Uint8Array): WordStyle[] {
  const styles: WordStyle[] = []
  if (bytes.length < 6) return styles
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const baseBytes = view.getUint16(4, true)
  let at = 2 + view.getUint16(0, true)
  while (at + 2 <= bytes.length) {
    const size = view.getUint16(at, true)
    styles.push(readStyle(bytes.subarray(at + 2, at + 2 + size), baseBytes))
    at += 2 + size + (size % 2)
  }
  return styles
}

function readStyle(bytes: Uint8Array, baseBytes: number): WordStyle {
  if (bytes.length < 2) return unknown
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const kind = view.getUint16(0, true) & 0xfff
  if (bytes.length < Math.max(6, baseBytes) + 2) return { ...unknown, kind }
  const [type, parent] = [view.getUint16(2, true) & 0xf, view.getUint16(2, true) >> 4]
  const style = { ...unknown, kind, parent: parent === none ? -1 : parent }
  // Its name, and a zero behind it.
  let at = baseBytes + 2 + view.getUint16(baseBytes, true) * 2 + 2
  const take = (): Uint8Array => {
    if (at + 2 > bytes.length) return unknown.characters
    const size = view.getUint16(at, true)
    const taken = bytes.subarray(at + 2, at + 2 + size)
    at += 2 + size + (size % 2)
    return taken.length < size ? unknown.characters : taken
  }
  // Properties of paragraphs stand before those of characters, behind the number of the style.
  if (type === ofParagraphs) return { ...style, paragraphs: take().subarray(2), characters: take() }
  return type === ofCharacters ? { ...style, characters: take() } : style
}
