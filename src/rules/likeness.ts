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
  const hashes = hashesOf(wordsOf(text))
  if (hashes.length < piecesMin) return null
  const minima = new Int32Array(binCount).fill(empty)
  for (const hash of hashes) {
    const bin = hash & (binCount - 1)
    const value = hash >>> 7
    if (value < minima[bin]!) minima[bin] = value
  }
  return { pieces: hashes.length, minima: fillEmpty(minima) }
}

const uncounted = /[\p{N}\p{P}\p{Z}\p{S}\p{C}\s零〇一二三四五六七八九十百千万]+/gu

/** What counts of a text. */
function plainWords(text: string): string {
  return text.normalize('NFKC').replace(uncounted, '')
}

/** Of a character that stands for itself, whatever stands beside it, what counts of it; else one of the marks below. */
const counted = new Uint16Array(0x10000)
const dropped = 0xffff
/** It may join with its neighbours, or is more than one character. */
const joining = 0xfffe

function learn(code: number): number {
  const one = String.fromCharCode(code)
  const apart = one.normalize('NFKD')
  const joins = /[\p{M}\p{Cs}\u1100-\u11ff\uac00-\ud7ff]/u.test(apart)
  const words = plainWords(one)
  const known = joins || words.length > 1 ? joining : words === '' ? dropped : words.charCodeAt(0)
  counted[code] = known
  return known
}

/** The characters that count of a text. */
function wordsOf(text: string): Uint16Array {
  const words = new Uint16Array(text.length)
  let length = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const known = counted[code]! || learn(code)
    if (known === joining) return Uint16Array.from(codesOf(plainWords(text)))
    if (known !== dropped) words[length++] = known
  }
  return words.subarray(0, length)
}

function codesOf(text: string): number[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
}

/** The hashes of all pieces, each once. */
function hashesOf(words: Uint16Array): Int32Array {
  const count = Math.max(0, words.length - pieceLength + 1)
  const found = new Int32Array(count)
  let length = 0
  // Open addressing: places that are taken hold one more than the place in `found`.
  const mask = 2 ** Math.ceil(Math.log2(2 * count + 2)) - 1
  const places = new Int32Array(mask + 1)
  for (let start = 0; start < count; start++) {
    const hash = hashOf(words, start)
    let place = hash & mask
    while (places[place] !== 0 && found[places[place]! - 1] !== hash) place = (place + 1) & mask
    if (places[place] !== 0) continue
    found[length] = hash
    places[place] = ++length
  }
  return found.subarray(0, length)
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

/** FNV-1a over the characters of a piece, with the end mixed. */
function hashOf(words: Uint16Array, start: number): number {
  let hash = 0x811c9dc5
  for (let index = start; index < start + pieceLength; index++) hash = Math.imul(hash ^ words[index]!, 0x01000193)
  return nextOf(hash)
}

/** The next number of a hash function's row: xorshift and multiplication (Murmur's finisher) with a constant added. */
function nextOf(state: number): number {
  let mixed = (state + 0x9e3779b9) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
