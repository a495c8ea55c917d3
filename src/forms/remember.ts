/**
 * What short texts were found to mean. Reports repeat the same few labels and marks, which cost more to work out than to
 * look up; the memory is emptied when it is full, so that a year of reading takes no more of it than a day.
 */

/** The same function, with a memory for so many texts. */
export function remembering<Meaning>(max: number, work: (text: string) => Meaning): (text: string) => Meaning {
  const known = new Map<string, Meaning>()
  return (text) => {
    let meaning = known.get(text)
    if (meaning === undefined) {
      meaning = work(text)
      if (known.size >= max) known.clear()
      known.set(detached(text), meaning)
    }
    return meaning
  }
}

/** A copy of its own: a slice of a document's text keeps all of that text in memory. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
