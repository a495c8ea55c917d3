/** A letter as Markdown. Text of documents is escaped, so that none of it is taken for markup or for HTML. */
import { sayInLetter } from '../../messages/letter.ts'
import { placesOf, printedText } from '../audit/layout.ts'
import type { Letter, LetterTable } from './content.ts'

/** The letter as text. */
export function letterMarkdown(letter: Letter): string {
  const { title, salutation, opening, sources, groups, closing, signature, attachment, lang } = letter
  const colon = lang === 'zh' ? '：' : ': '
  const items = groups.flatMap(({ heading, lead, items }) => [
    `## ${escapeMarkdown(heading)}`,
    escapeMarkdown(lead),
    ...items.map(({ number, sentence, entries }) => {
      const lines = entries.map(([name, value]) => `   - ${escapeMarkdown(name)}${colon}${escapeInline(value)}`)
      return [`${number}. ${escapeMarkdown(sentence)}`, ...lines].join('\n')
    }),
  ])
  const tables = attachment.tables.flatMap((table) => drawTable(table, lang))
  const attached =
    tables.length === 0 ? [] : [`## ${escapeMarkdown(attachment.heading)}`, escapeMarkdown(attachment.lead), ...tables]
  const parts = [`# ${escapeMarkdown(title)}`, ...[salutation, opening, ...sources].map(escapeMarkdown), ...items]
  return `${[...parts, ...[...closing, ...signature].map(escapeMarkdown), ...attached].join('\n\n')}\n`
}

/** Text that stands for itself wherever it stands on a line. Lines are joined. */
export function escapeMarkdown(text: string): string {
  return escapeInline(text)
    .replace(/^([-+=])/, '\\$1')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2')
}

/** Text that stands for itself behind other text. */
function escapeInline(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: line ends and what HTML forbids
      .replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g, ' ')
      .trim()
      .replace(/[\\`*_[\]~|#!]/g, '\\$&')
      .replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]!)
  )
}

/** Spans are written out: Markdown has none. Several rows of heads become one. */
function drawTable({ caption, layout, marks }: LetterTable, lang: Letter['lang']): string[] {
  const grid = placesOf(layout)
  const width = Math.max(...grid.map((row) => row.length))
  const heads = Array.from({ length: width }, (_, column) => {
    const labels = grid.slice(0, layout.headRows).map((row) => {
      const cell = row[column]?.cell
      return cell?.kind === 'head' || cell?.kind === 'corner' ? (cell.label?.[lang] ?? '') : ''
    })
    return [...new Set(labels)].filter((label) => label !== '').join(' / ')
  })
  const rows = grid.slice(layout.headRows).map((row) =>
    row.map(({ cell, first }) => {
      if (cell.kind === 'head') return first ? escapeMarkdown(cell.label[lang]) : ''
      if (cell.kind !== 'value') return ''
      const mark = marks.get(cell.code)
      const absent = cell.fact === undefined || cell.fact.state === 'absent'
      const text = escapeInline(absent ? sayInLetter('absent', lang) : printedText(cell.fact))
      const shown = mark?.role === 'printed' && text !== '' ? `**${text}**` : text
      return mark === undefined ? shown : `${shown} \\[${mark.findings.join(', ')}\\]`.trim()
    }),
  )
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const table = [line(heads.map(escapeMarkdown)), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
  const unit = layout.unit === null ? '' : ` (${layout.unit})`
  return [`### ${escapeMarkdown(`${layout.title[lang]}${unit} ${caption}`)}`, table]
}
