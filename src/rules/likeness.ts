/**
 * How far two texts repeat each other: takes the sentences of a report, gives a short signature, and of two signatures
 * the share of text they have in common. MinHash (Broder, On the resemblance and containment of documents, 1997) by one
 * hash function whose values are dealt into bins, empty bins filled from others (Shrivastava, Optimal densification for
 * fast and accurate minwise hashing, 2017): the share of equal minima is the share of common pieces, with a standard
 * error below 0.05.
 */

import type { Signature } from '../model.ts'

/** Characters in a piece: long enough that common phrases of the trade are none. */
const pieceLength = 8
const binCount = 128
/** Bands of minima: texts that share a whole band are looked at closer, which finds all but a few that are 80 % alike. */
const bandCount = 16
const bandLength = binCount / bandCount

/**
 * The signature of sentences. Figures, white space and punctuation do not count, nor do the words of `names`: a copied
 * report differs in just these. Null where there is too little text to say that it was copied.
 */
export function signatureOf(sentences: readonly string[], names: readonly string[], piecesMin = 200): Signature | null {
  let text = sentences.join('')
  for (const name of names) if (name !== '') text = text.replaceAll(name, '')
  text = text.normalize('NFKC').replace(/[\p{N}\p{P}\p{Z}\p{S}\p{C}\s零〇一二三四五六七八九十百千万]/gu, '')
  const hashes = new Set<number>()
  for (let start = 0; start + pieceLength <= text.length; start++) hashes.add(hashOf(text, start, start + pieceLength))
  if (hashes.size < piecesMin) return null
  const minima = new Int32Array(binCount).fill(empty)
  for (const hash of hashes) {
    const bin = hash & (binCount - 1)
    const value = hash >>> 7
    if (value < minima[bin]!) minima[bin] = value
  }
  return { pieces: hashes.size, minima: fillEmpty(minima) }
}

const empty = 0x7fffffff

/** Each empty bin takes the value of one that is not, found by a walk that is the same for all texts. */
function fillEmpty(minima: Int32Array): number[] {
  return Array.from(minima, (minimum, bin) => {
    if (minimum !== empty) return minimum
    let walk = bin + 1
    for (;;) {
      walk = nextOf(walk)
      const found = minima[walk & (binCount - 1)]!
      if (found !== empty) return found
    }
  })
}

/** The share of text that two signatures have in common, 0 to 1. */
export function likenessOf(one: Signature, other: Signature): number {
  let equal = 0
  for (const [index, minimum] of one.minima.entries()) if (minimum === other.minima[index]) equal++
  return equal / binCount
}

/** The bands of a signature, a number each, its place included: texts that have one in common may be alike. */
export function bandsOf({ minima }: Signature): number[] {
  return Array.from({ length: bandCount }, (_, band) => {
    let hash = nextOf(band)
    for (let index = band * bandLength; index < (band + 1) * bandLength; index++) hash = nextOf(hash ^ minima[index]!)
    return hash
  })
}

/** FNV-1a over characters, with the end mixed. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let index = start; index < end; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return nextOf(hash)
}

/** The next number of a hash function's row: xorshift and multiplication (Murmur's finisher) with a constant added. */
function nextOf(state: number): number {
  let mixed = (state + 0x9e3779b9) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
