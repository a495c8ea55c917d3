/**
 * What properties of a DOC say of colours ([MS-DOC] 2.6): takes one property, says whether it makes letters white, and whether it
 * paints what is behind text in a colour other than white.
 */
import type { Property } from './wordfile.ts'

const [automatic, whiteIndex] = [0, 8]

/** Whether a property makes letters white; null for one that says nothing of it. */
export function whiteness(code: number, operand: DataView): boolean | null {
  if (code === 0x2a42 && operand.byteLength >= 1) return operand.getUint8(0) === whiteIndex
  return code === 0x6870 && operand.byteLength >= 4 ? operand.getUint32(0, true) === 0xffffff : null
}

/** Shading in two bytes, of a run and of a paragraph. */
const shortShadings: ReadonlySet<number> = new Set([0x4866, 0x442d])
/** Shading in ten bytes behind their count, of a run, of a paragraph, of the cells of a row or a whole table. */
const longShadings: ReadonlySet<number> = new Set([
  0xca71, 0xc64d, 0xd612, 0xd60c, 0xd616, 0xd660, 0xd670, 0xd671, 0xd672, 0xd62d,
])
const shortShadingsOfCells = 0xd609
const highlighting = 0x2a0c
const shadingBytes = 10

/** Whether a property paints what is behind text, or may. */
export function paints({ code, operand }: Property): boolean {
  if (code === highlighting) return operand.byteLength > 0 && ![automatic, whiteIndex].includes(operand.getUint8(0))
  if (shortShadings.has(code)) return paintsShort(operand, 0)
  if (code === shortShadingsOfCells) {
    for (let at = 1; at + 2 <= operand.byteLength; at += 2) if (paintsShort(operand, at)) return true
    return false
  }
  if (!longShadings.has(code)) return false
  // Which cells a shading is for may stand before it.
  const first = 1 + (Math.max(0, operand.byteLength - 1) % shadingBytes)
  for (let at = first; at + shadingBytes <= operand.byteLength; at += shadingBytes) {
    if (paintsLong(operand, at)) return true
  }
  return false
}

/** Fore and back colour in five bits each, and a pattern; all bits set where there is none. */
function paintsShort(operand: DataView, at: number): boolean {
  if (operand.byteLength < at + 2) return false
  const shading = operand.getUint16(at, true)
  if (shading === 0xffff) return false
  const [back, pattern] = [(shading >> 5) & 31, shading >> 10]
  return pattern !== 0 || ![automatic, whiteIndex].includes(back)
}

/** Fore and back colour in four bytes each, the last of which is set where the colour is automatic, and a pattern. */
function paintsLong(operand: DataView, at: number): boolean {
  const [back, pattern] = [operand.getUint32(at + 4, true), operand.getUint16(at + 8, true)]
  if (pattern === 0xffff) return false
  return pattern !== 0 || !(back >= 0xff000000 || back === 0xffffff)
}
