/**
 * How large the pictures of a DOC are shown: those that stand in a line of text by [MS-DOC] 2.9.190, those beside the text by
 * its list of shapes (2.8.37) and the drawings that these are ([MS-ODRAW] 2.2). A size that cannot be read is no damage:
 * no text hangs on it.
 */

/** In points. */
export type ShownSize = { readonly width: number; readonly height: number }

const twips = 20
/** Where a picture's size stands behind the start of its description, and the parts of a thousand it is stretched by. */
const sizeAt = 28
const whole = 1_000

/** The size of the picture that is described at a place of the stream Data; null where there is none. */
export function pictureSize(place: number, data: Uint8Array | null): ShownSize | null {
  if (data === null || place < 0 || place + sizeAt + 8 > data.length) return null
  const view = new DataView(data.buffer, data.byteOffset + place + sizeAt, 8)
  const side = (at: number): number => (view.getInt16(at, true) * view.getUint16(at + 4, true)) / whole / twips
  return { width: side(0), height: side(2) }
}

/** Bytes of a shape in the list: its number, its edges, what it is. */
const shapeBytes = 26
/** Types of records, and the kind of shape that is a picture or shows what another program made. */
const [shapeRecord, containerVersion, pictureFrame] = [0xf00a, 0xf, 75]
const nestingMax = 16

/** The sizes of the pictures that hang on characters of the main text. */
export function readShapes(list: Uint8Array, drawings: Uint8Array): ReadonlyMap<number, ShownSize> {
  const found = new Map<number, ShownSize>()
  const count = Math.floor((list.length - 4) / (4 + shapeBytes))
  if (count <= 0) return found
  const pictures = new Set<number>()
  // A byte that tells of which text a drawing is stands before each but the first.
  for (let at = 0; at + 8 < drawings.length; at++) at = collectPictures(drawings, at, pictures, 0)
  const view = new DataView(list.buffer, list.byteOffset, list.length)
  for (let index = 0; index < count; index++) {
    const at = (count + 1) * 4 + index * shapeBytes
    if (!pictures.has(view.getUint32(at, true))) continue
    const edge = (number: number): number => view.getInt32(at + 4 + number * 4, true) / twips
    found.set(view.getUint32(index * 4, true), { width: edge(2) - edge(0), height: edge(3) - edge(1) })
  }
  return found
}

/** The numbers of the shapes that are pictures in the record at a place; gives where it ends. */
function collectPictures(bytes: Uint8Array, start: number, pictures: Set<number>, depth: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const kind = view.getUint16(start, true)
  const from = start + 8
  const end = Math.min(bytes.length, from + view.getUint32(start + 4, true))
  if (view.getUint16(start + 2, true) === shapeRecord && kind >> 4 === pictureFrame && from + 4 <= end) {
    pictures.add(view.getUint32(from, true))
  }
  if ((kind & 0xf) !== containerVersion || depth === nestingMax) return end
  for (let at = from; at + 8 <= end; ) at = collectPictures(bytes.subarray(0, end), at, pictures, depth + 1)
  return end
}
