/**
 * The picture of a seal from the value of a signature or from the seal itself (GM/T 0031, GB/T 38540): takes their DER,
 * gives the picture's kind as it states it and its bytes. Whether anything was signed is not looked at.
 */

/** `kind` in lower case: `ofd`, `png`, `jpg` and so on. */
export type SealPicture = { readonly kind: string; readonly bytes: Uint8Array }

type Value = { readonly tag: number; readonly content: Uint8Array }

const sequenceTag = 0x30
/** IA5String, OCTET STRING, INTEGER, INTEGER: kind, bytes, width, height. All versions have this one sequence in common. */
const pictureTags = [0x16, 0x04, 0x02, 0x02]
/** The picture stands four sequences deep. */
const depthMax = 8

/** The picture in the first of these values that has one; null where none has. */
export function sealPicture(values: readonly Uint8Array[]): SealPicture | null {
  for (const value of values) {
    const picture = pictureIn(value, 0)
    if (picture !== null) return picture
  }
  return null
}

function pictureIn(bytes: Uint8Array, depth: number): SealPicture | null {
  const values = readValues(bytes)
  if (pictureTags.every((tag, index) => values[index]?.tag === tag) && values.length === pictureTags.length) {
    const kind = Buffer.from(values[0]!.content).toString('latin1').trim().toLowerCase()
    return { kind, bytes: values[1]!.content }
  }
  if (depth === depthMax) return null
  for (const { tag, content } of values) {
    const picture = tag === sequenceTag ? pictureIn(content, depth + 1) : null
    if (picture !== null) return picture
  }
  return null
}

/** The values that bytes are made of (X.690, 8.1), as far as they are whole. */
function readValues(bytes: Uint8Array): Value[] {
  const values: Value[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const tag = bytes[at]!
    const first = bytes[at + 1]!
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    const start = at + 2 + lengthBytes
    let length = first
    if (lengthBytes > 0) length = bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0)
    if (first === 0x80 || lengthBytes > 4 || start + length > bytes.length) return values
    values.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return values
}
