/** Rows of tables in LaTeX, as Pandoc and papers have them: takes the lines of a text, writes each row as one of pipes. */

/** Rows of LaTeX tables as rows of pipes, each on the line that it begins on: one ends at its two backslashes only. */
export function joinLatexRows(texts: string[]): void {
  for (let index = 0; index < texts.length; index++) {
    const line = texts[index]!
    if (line.includes('&') && line.length <= latexCharactersMax && !latexEnd.test(line)) {
      let end = index + 1
      while (end < index + latexLinesMax && isLatexPart(texts[end]) && !latexEnd.test(texts[end]!)) end++
      if (isLatexPart(texts[end])) {
        texts[index] = texts.slice(index, end + 1).join(' ')
        texts.fill('', index + 1, end + 1)
      }
    }
    texts[index] = withPipes(texts[index]!)
  }
}

const latexEnd = /\\\\\s*(?:\\hline\s*)?$/
const latexLinesMax = 6

function isLatexPart(line: string | undefined): boolean {
  return line?.includes('&') === true && line.length <= latexCharactersMax
}

/** A row of a LaTeX table (`a & b \\`) as one of pipes; any other line as it is. */
function withPipes(line: string): string {
  if (latexRule.test(line)) return '|---|---|'
  const end = line.length > latexCharactersMax ? null : latexEnd.exec(line)
  if (end === null || !line.includes('&')) return line
  return `|${line
    .slice(0, end.index)
    .replace(/(?<!\\)&/g, '|')
    .replace(/^\s*\{\}\s*(?=\|)/, '')
    .replace(/(?<!\\)~/g, ' ')}|`
}

const latexRule = /^\s*\\(?:(?:top|mid|bottom)rule|hline)\s*$/
const latexCharactersMax = 4_000
