/**
 * Which of many words a text holds: takes the words once, then each text, and goes through it one time however many
 * words there are. For telling at little cost what in a text need not be looked at closer.
 */

/** The words of one search. */
export type WordSearch = {
  /** Looks through a text and gives the places, in the list, of the words that it holds. Good until the next text. */
  read(text: string): readonly number[]
  /** True where the text that was read last holds the word at this place of the list. */
  holds(word: number): boolean
}

/** Characters that any word of any search begins with, by code. */
const begins = new Uint8Array(0x10000)

/** A search for `words`, none of which is empty. */
export function makeWordSearch(words: readonly string[]): WordSearch {
  const byFirst = new Map<number, number[]>()
  for (const [index, word] of words.entries()) {
    const first = word.charCodeAt(0)
    begins[first] = 1
    byFirst.set(first, [...(byFirst.get(first) ?? []), index])
  }
  // The turn in which a word was last found: nothing need be cleared between texts.
  const foundIn = new Uint32Array(words.length)
  const found: number[] = []
  let turn = 0
  const read = (text: string): readonly number[] => {
    turn++
    found.length = 0
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (begins[code] === 0) continue
      const those = byFirst.get(code)
      if (those === undefined) continue
      for (const word of those) {
        if (foundIn[word] === turn || !text.startsWith(words[word]!, index)) continue
        foundIn[word] = turn
        found.push(word)
      }
    }
    return found
  }
  return { read, holds: (word) => foundIn[word] === turn }
}
