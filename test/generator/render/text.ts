/**
 * Text in every shape that copying and dumping produces: tables by tabs, pipes, aligned spaces, or one cell a line, with
 * what happens to merged cells, page breaks and blanks. Where a shape by itself loses which column a figure belongs to,
 * and only there, the cells concerned are marked so that a reader may decline them.
 */
import { byHeadings, lostByHeadings } from '../byheadings.ts'
import { cutFigures, printTruth, type Truth } from '../figures.ts'
import type { LabelStyle } from '../labels.ts'
import { gridOf, type Layout, type LayoutCell, rowsOf } from '../layout.ts'
import { makeRandom, type Random } from '../random.ts'
import { composeReport, type ReportOptions } from '../report.ts'
import { expectCells, type Rendering, type Shape } from '../shape.ts'
import {
  localColumn,
  localRow,
  localRowInGroup,
  padHeader,
  pages,
  rowNumbers,
  totalBeside,
  trail,
  type Variant,
} from '../variants.ts'
import { alignTable, widthOf } from './aligned.ts'

/** A table as lines, and the codes whose column these lines no longer tell. */
type Lines = { readonly lines: readonly string[]; readonly lost: readonly string[] }

type TableWriter = (layout: Layout, random: Random) => Lines

/** What the positions of a merged cell beyond its first leave: beside it in its own row, and below it. */
type Covered = { readonly beside: 'empty' | 'nothing' | 'repeat'; readonly below: 'empty' | 'nothing' | 'repeat' }

type TextOptions = {
  readonly write: TableWriter
  /** White space that may stand inside labels. */
  readonly spaces?: readonly string[]
  readonly lossy?: boolean
  readonly variant?: Variant
  readonly table2?: ReportOptions['table2']
  readonly headings?: boolean
  /** Prints figures that no cell takes. */
  readonly local?: boolean
  /** Changes the whole text: line ends, byte order mark. */
  readonly finish?: (text: string, random: Random) => string
  /** The figures in a style that the shape can carry. */
  readonly restyle?: (truth: Truth) => Truth
  readonly paragraphs?: 'one a line' | 'run together'
}

const someSpaces = [' ', '\u3000', '\u00a0', '  ']

function textShape(name: string, options: TextOptions): Shape {
  return {
    name: `text ${name}`,
    format: 'text',
    lossy: options.lossy ?? false,
    render: (truth, seed) => renderText(options.restyle?.(truth) ?? truth, makeRandom(seed), options, name),
  }
}

function renderText(truth: Truth, random: Random, options: TextOptions, note: string): Rendering {
  const labels: LabelStyle = {
    level: random.pick(['official', 'alias', 'typography', 'damaged'] as const),
    spaces: options.spaces ?? someSpaces,
  }
  const table2 = options.table2 ?? random.pick(['one', 'one', 'several'] as const)
  const report: ReportOptions = { labels, table2, headings: options.headings ?? true }
  const lost = new Set<string>()
  const heads: string[] = random.chance(0.3) ? [metadata(truth, random)] : []
  const blocks: string[] = []
  for (const part of composeReport(truth, report, random)) {
    if (part.kind === 'title') heads.push(part.lines.join('\n'))
    else if (part.kind !== 'table') blocks.push(part.text)
    else {
      const layouts = options.variant?.(part.layout, random) ?? [part.layout]
      const written = layouts.map((layout) => options.write(layout, random))
      for (const code of written.flatMap((one) => one.lost)) lost.add(code)
      const between = random.pick(['\n\n', `\n- ${random.integer(2, 9)} -\n`])
      blocks.push(written.map((one) => one.lines.join('\n')).join(between))
    }
  }
  const joined =
    options.paragraphs === 'run together'
      ? runTogetherBelow(heads, blocks)
      : [...heads, ...blocks].join(random.chance(0.7) ? '\n\n' : '\n')
  const text = options.finish?.(joined, random) ?? joined
  const name = random.pick([
    'report.txt',
    '正文.txt',
    `t${truth.year + 1}0128_${random.integer(10000, 99999)}.txt`,
    'a1b2c3',
  ])
  return {
    bytes: new TextEncoder().encode(text),
    text,
    name,
    expected: expectCells(truth, lost),
    local: options.local ?? false,
    note: `${note}, labels ${labels.level}`,
  }
}

/** Crawlers that drop all line breaks of an article still print its title on a line of its own. */
function runTogetherBelow(heads: readonly string[], blocks: readonly string[]): string {
  return `${heads.join('\n')}\n${blocks.join('')}`
}

/** The lines that portals print over an article, with other years than the report's. */
function metadata(truth: Truth, random: Random): string {
  const separator = random.pick(['：', ': ', '：\t'])
  return [
    ['索引号', `01442${random.integer(1000, 9999)}/${truth.year + 1}-0${random.integer(1000, 9999)}`],
    ['发布日期', `${truth.year + 1}-01-${random.integer(10, 30)}`],
    ['文号', '无'],
  ]
    .map((pair) => pair.join(separator))
    .join('\n')
}

/** One list of fields a row, by what merged cells leave. */
function fieldsOf(layout: Layout, covered: Covered): string[][] {
  return gridOf(layout).map((row, at) =>
    row.flatMap((cell, column): string[] => {
      if (cell === null) return []
      if (cell.row === at && cell.column === column) return [cell.text]
      const kind = cell.row === at ? covered.beside : covered.below
      if (kind === 'nothing' || (cell.column !== column && covered.beside === 'nothing')) return []
      return [kind === 'repeat' ? cell.text : '']
    }),
  )
}

function tabs(covered: Covered): TableWriter {
  return (layout) => {
    const rows = fieldsOf(layout, covered)
    return { lines: rows.map((fields) => fields.join('\t')), lost: lostWithoutProof(layout, rows, covered) }
  }
}

/**
 * Rows of a table in which not one row shows where its values begin: with blanks at both edges, that they stand as its
 * header does is likely, but no more than that. One row that shows it proves the others of its level, built alike.
 */
function lostWithoutProof(layout: Layout, rows: readonly string[][], covered: Covered): string[] {
  const open: { readonly level: number; readonly codes: readonly string[] }[] = []
  const shown = new Set<number>()
  for (const [at, row] of rows.entries()) {
    const first = layout.cells.find((cell) => cell.row === at && cell.code !== null)
    if (first === undefined) continue
    const codes = codesOf(layout, at)
    const level = levelOf(layout, at)
    const start = covered.beside === 'nothing' ? row.length - codes.length : first.column
    if (isOpen(row, codes.length, start)) open.push({ level, codes })
    // A row without any figure says the same from wherever it is read, and so shows nothing.
    else if (row.slice(start).some((field) => field.trim() !== '')) shown.add(level)
  }
  return open.flatMap(({ level, codes }) => (shown.has(level) ? [] : codes))
}

/** In which label column a row's own label stands. */
function levelOf(layout: Layout, row: number): number {
  return Math.max(-1, ...layout.cells.flatMap((cell) => (cell.row === row && cell.role === 'row' ? [cell.column] : [])))
}

/** The codes of a row's value cells, in order. */
function codesOf(layout: Layout, row: number): string[] {
  return layout.cells.flatMap((cell) => (cell.row === row && cell.code !== null ? [cell.code] : []))
}

/** Every field from which `count` values can begin so that all figures behind the last label are among them. */
function startsOf(fields: readonly string[], count: number, start: number): number[] {
  const from = fields.findLastIndex((field, index) => index < start && field.trim() !== '') + 1
  const starts: number[] = []
  for (let at = from; at + count <= fields.length; at++) {
    const outside = [...fields.slice(from, at), ...fields.slice(at + count)]
    if (outside.every((field) => field.trim() === '')) starts.push(at)
  }
  return starts
}

/**
 * True where a row's fields alone do not say in which field its values begin: another window of as many fields also
 * holds every figure, says something else, and the row's own total does not decide between them.
 */
function isOpen(fields: readonly string[], count: number, start: number): boolean {
  const readingAt = (at: number): string =>
    Array.from({ length: count }, (_, index) => fields[at + index]?.trim() ?? '').join('\t')
  const readings = new Set(startsOf(fields, count, start).map(readingAt))
  if (readings.size <= 1) return false
  const fitting = [...readings].filter((reading) => addsUp(reading.split('\t')))
  return !(fitting.length === 1 && fitting[0] === readingAt(start))
}

function addsUp(fields: readonly string[]): boolean {
  const amounts = fields.map((field) => Number(field.normalize('NFKC').replace(/[^\d]/g, '')))
  const total = amounts.at(-1)!
  return total > 0 && amounts.slice(0, -1).reduce((sum, one) => sum + one, 0) === total
}

/** Like the sheet of a real report: figures begin at another field in each kind of row, empty fields follow the total. */
function shiftedRows(layout: Layout, random: Random): { rows: string[][]; starts: number[] } {
  const rows = fieldsOf(layout, { beside: 'empty', below: 'empty' })
  const starts = rows.map(() => layout.labelColumns)
  if (layout.table !== 't3') return { rows, starts }
  const width = layout.columnCount + random.integer(0, 2)
  const startOf = [random.pick([2, 3]), random.pick([2, 3]), 3]
  const last = layout.rowCount - 1
  for (const [at, row] of rows.entries()) {
    if (at < layout.headerRows) row.splice(1, 1)
    else {
      const values = row.splice(layout.labelColumns)
      const level = row.findLastIndex((field) => field !== '')
      const start = at === last ? random.pick([2, 3]) : startOf[level]!
      row.splice(start)
      row.push(...values)
      starts[at] = start
    }
    while (row.length < width) row.push('')
  }
  return { rows, starts }
}

function lostIn(layout: Layout, rows: readonly string[][], starts: readonly number[]): string[] {
  return rows.flatMap((row, at) => {
    const codes = codesOf(layout, at)
    return codes.length > 0 && isOpen(row, codes.length, starts[at]!) ? codes : []
  })
}

function shiftedTabs(layout: Layout, random: Random): Lines {
  const { rows, starts } = shiftedRows(layout, random)
  const lost = layout.table === 't3' ? lostIn(layout, rows, starts) : []
  return { lines: rows.map((row) => row.join('\t')), lost }
}

/** A page break in table 3: what follows has lost its leading tabs or moved them behind the first label. */
function brokenPage(shifted: boolean, header: boolean): TableWriter {
  return (layout, random) => {
    if (layout.table !== 't3') return tabs({ beside: 'empty', below: 'empty' })(layout, random)
    const { rows, starts } = shifted
      ? shiftedRows(layout, random)
      : {
          rows: fieldsOf(layout, { beside: 'empty', below: 'empty' }),
          starts: Array.from({ length: layout.rowCount }, () => layout.labelColumns),
        }
    const at = random.integer(layout.headerRows + 3, layout.rowCount - 2)
    let moved = shifted
    for (let row = at; row < layout.rowCount; row++) {
      if (!random.chance(row === at ? 0.9 : 0.4)) continue
      const before = rows[row]!.join('\t')
      starts[row] = starts[row]! + loseTabs(rows[row]!, random)
      moved ||= rows[row]!.join('\t') !== before
    }
    // Once one row has moved, no row tells where another begins.
    const lost = moved ? lostIn(layout, rows, starts) : []
    const lines = rows.map((row) => row.join('\t'))
    const gap = random.pick([
      [''],
      ['', `- ${random.integer(2, 9)} -`, ''],
      [`— ${random.integer(2, 9)} —`],
      [`第${random.integer(2, 9)}页`, ''],
      ['\f'],
    ])
    const again = header ? lines.slice(0, layout.headerRows) : []
    return { lines: [...lines.slice(0, at), ...gap, ...again, ...lines.slice(at)], lost }
  }
}

/** Removes a row's leading empty fields; returns how far its values moved. */
function loseTabs(row: string[], random: Random): number {
  const leading = row.findIndex((field) => field !== '')
  if (leading <= 0) return 0
  row.splice(0, leading)
  const way = random.pick(['gone', 'behind the label', 'at the end'] as const)
  if (way === 'behind the label') {
    row.splice(1, 0, ...new Array<string>(leading).fill(''))
    return 0
  }
  if (way === 'at the end') row.push(...new Array<string>(leading).fill(''))
  return -leading
}

/**
 * Lines without their trailing tabs, as editors leave them; blanks at the end are then gone. A table in which no blank
 * stands between two figures does not even show that blanks inside were kept.
 */
function trimmedTabs(covered: Covered): TableWriter {
  return (layout) => {
    const rows = fieldsOf(layout, covered)
    const keepsBlanks = rows.some((row, at) => {
      const count = codesOf(layout, at).length
      return /\S\t\s*\t\s*\S/.test(row.slice(row.length - count).join('\t')) && count > 0
    })
    const lost = rows.flatMap((row, at) => {
      const values = layout.cells.filter((cell) => cell.row === at && cell.code !== null)
      if (values.every(({ text }) => text.trim() !== '')) return []
      const codes = codesOf(layout, at)
      const start = covered.beside === 'nothing' ? row.length - codes.length : values[0]!.column
      const trimmed = row.join('\t').trimEnd().split('\t')
      // Any number of blanks may have stood at the end.
      const restored = [...trimmed, ...new Array<string>(codes.length - 1).fill('')]
      if (trimmed.length === row.length) return isOpen(restored, codes.length, start) ? codes : []
      if (!keepsBlanks || isOpen(restored, codes.length, start)) return codes
      return codes.slice(Math.max(0, trimmed.length - start))
    })
    return { lines: rows.map((row) => row.join('\t').trimEnd()), lost }
  }
}

/** Blank cells leave no field at all, so that `7 1 8` may be any three of the columns. */
function droppedBlanks(separator: string, rowEnd: string): TableWriter {
  return (layout) => {
    const rows = rowsOf(layout)
    const lost = rows.flatMap((row, at) =>
      row.some((cell) => cell.code !== null && cell.text.trim() === '') ? codesOf(layout, at) : [],
    )
    const lines = rows.map(
      (row) =>
        row
          .map((cell) => cell.text.trim())
          .filter((text) => text !== '')
          .join(separator) + rowEnd,
    )
    return { lines: lines.filter((line) => line.trim() !== ''), lost }
  }
}

/**
 * Each cell ends in a bar, on a line of its own where it holds paragraphs; a row with fewer cells than the table has columns
 * is filled up with bars, as one crawler writes them, or a bar stands before each cell but the first, as it once did.
 */
function barredCells(
  bar: 'behind' | 'behind, and before each row' | 'before' | 'below',
  filling: 'filled up' | 'not filled up',
  ofParagraphs: number,
): TableWriter {
  return (layout, random) => {
    const rows = fieldsOf(layout, bare)
    // The last row of a table may be left as it is, which only shows where a heading follows.
    const filledUp = rows.length - (layout.table === 't3' && random.chance(0.5) ? 1 : 0)
    const lines = rows.flatMap((row, at) => {
      const written = row.map((field) => field.trim().replaceAll('\n', ' '))
      if (bar === 'before') return [...written.map((text, index) => (index === 0 ? text : `| ${text}`.trim())), '|']
      const end = bar === 'below' ? '\n|' : ' |'
      const ends = written.map((text) => `${text}${end}`.trim() + (random.chance(ofParagraphs) ? '\n' : ' '))
      const isFilled = filling === 'filled up' && at < filledUp
      const filled = isFilled ? '|'.repeat(layout.columnCount - row.length) : ''
      const led = bar === 'behind, and before each row' ? '|\n' : ''
      return `${led}${ends.join('').trimEnd()}\n${filled}`.trimEnd().split('\n')
    })
    return { lines, lost: lostWithoutProof(layout, rows, bare) }
  }
}

/** A cell for each that is there, and bars without spaces between for the rest of the columns. */
function filledPipes(layout: Layout): Lines {
  const rows = fieldsOf(layout, bare)
  const lines = rows.map((row) =>
    `| ${row.map((field) => `${field.trim()} | `).join('')}${'|'.repeat(layout.columnCount - row.length)}`.trim(),
  )
  return { lines, lost: lostWithoutProof(layout, rows, bare) }
}

function markdown(covered: 'empty' | 'repeat', outer: boolean): TableWriter {
  return (layout, random) => {
    const rows = fieldsOf(layout, { beside: covered, below: covered })
    if (layout.table === 't3') rows[0]![0] = `${rows[0]![0]}|单位：件`
    const escaped = rows.map((row) => row.map((field) => field.trim().replaceAll('|', '\\|')))
    const width = escaped[0]!.length
    const rule = new Array<string>(width).fill(random.pick(['---', ':---:', '---:', ':--']))
    const pad = random.pick([' ', ''])
    const line = (fields: readonly string[]): string => {
      const inner = fields.map((field) => `${pad}${field}${pad}`).join('|')
      return outer ? `|${inner}|` : inner
    }
    const lines = escaped.map(line)
    lines.splice(1, 0, line(rule))
    // Without outer pipes a blank last cell cannot be told from a missing one.
    const lost = outer
      ? []
      : rows.flatMap((row, at) => (row.at(-1)?.trim() === '' ? codesOf(layout, at).slice(-1) : []))
    return { lines, lost }
  }
}

/** Small tables beneath headings, in Markdown. */
function markdownByHeadings(mark: (heading: string) => string): TableWriter {
  return (layout, random) => {
    const tables = byHeadings(layout, random)
    if (tables === null) return markdown('repeat', true)(layout, random)
    const lines = tables.flatMap(({ heading, rows }) => {
      const [header, ...others] = rows.map((row) => `| ${row.map((field) => field.trim()).join(' | ')} |`)
      const rule = `|${rows[0]!.map(() => '---').join('|')}|`
      return [...(heading === null ? [] : [mark(heading.trim())]), header!, rule, ...others, '']
    })
    return { lines, lost: lostByHeadings(layout) }
  }
}

type LineStyle = { readonly blank: string | null; readonly between: string | null; readonly before: string | null }

/** One cell a line, merged cells once. */
function cellLines({ blank, between, before }: LineStyle): TableWriter {
  return (layout) => {
    const lines: string[] = []
    for (const cell of layout.cells) {
      const text = cell.text.trim()
      if (before !== null) lines.push(before)
      if (text !== '') lines.push(text)
      else if (blank !== null) lines.push(blank)
      if (between !== null) lines.push(between)
    }
    // Where an empty line is a blank cell, those behind the last row may as well be the space below the table; where a
    // pipe begins a cell, the last one takes in what follows the table.
    const last = layout.cells.filter((cell) => cell.row === layout.rowCount - 1 && cell.code !== null)
    const open = (blank === '' || before !== null) && last.at(-1)?.text.trim() === ''
    return { lines, lost: open ? last.map(({ code }) => code!) : [] }
  }
}

/** As spreadsheets copy and save: cells with line breaks, delimiters or quotes inside are quoted. */
function spreadsheet(delimiter: string, covered: Covered): TableWriter {
  return (layout, random) => {
    const rows = fieldsOf(layout, covered)
    const spot = random.integer(0, 1)
    const lines = rows.map((row) =>
      row
        .map((field) => {
          // The same label breaks the same way wherever it stands.
          const breaks = /^\D{10}/.test(field) && (field.length + spot) % 2 === 0
          const text = breaks ? `${field.slice(0, 6)}\n${field.slice(6)}` : field
          return text.includes('\n') || text.includes(delimiter) || text.includes('"')
            ? `"${text.replaceAll('"', '""')}"`
            : text
        })
        .join(delimiter),
    )
    return { lines, lost: lostWithoutProof(layout, rows, covered) }
  }
}

/** Cells in boxes drawn by characters, long labels on several lines of their box. */
function drawnGrid(corner: string, across: string, down: string): TableWriter {
  return (layout) => {
    const rows = fieldsOf(layout, full).map((row) => row.map((field) => wrap(field.trim(), 8)))
    const widths = Array.from({ length: layout.columnCount }, (_, column) =>
      Math.max(2, ...rows.map((row) => Math.max(0, ...(row[column] ?? []).map((line) => widthOf(line, 2))))),
    )
    const rule = corner + widths.map((width) => across.repeat(width + 2)).join(corner) + corner
    const lines = rows.flatMap((row) => {
      const height = Math.max(1, ...row.map((field) => field.length))
      return Array.from({ length: height }, (_, index) => {
        const cells = widths.map((width, column) => {
          const text = row[column]?.[index] ?? ''
          return ` ${text}${' '.repeat(width - widthOf(text, 2))} `
        })
        return down + cells.join(down) + down
      }).concat(rule)
    })
    return { lines: [rule, ...lines], lost: [] }
  }
}

function wrap(text: string, width: number): string[] {
  if (text.length <= width || /^\d/.test(text)) return text === '' ? [] : [text]
  return [text.slice(0, width), ...wrap(text.slice(width), width)]
}

/** Cells of a row by single spaces, as viewers of PDF copy them. */
function singleSpaces(layout: Layout): Lines {
  const lines = rowsOf(layout).map((row) =>
    row
      .map((cell) => cell.text.replace(/\s/g, ''))
      .join(' ')
      .trim(),
  )
  return { lines: lines.filter((line) => line !== ''), lost: [] }
}

/** Cells of several paragraphs, as one browser copies them: each on a line of its own, a tab on one between two of a row. */
function tabLines(layout: Layout): Lines {
  const lines = rowsOf(layout).flatMap((row) =>
    row.flatMap((cell, index) => (index === 0 ? [cell.text.trim()] : ['', '\t', cell.text.trim()])),
  )
  return { lines, lost: [] }
}

/** A whole table on one line, its cells apart by one separator, as dumps of a page's text give it. */
function oneLine(separator: string): TableWriter {
  return (layout) => ({ lines: [layout.cells.map((cell) => cell.text.replace(/\s/g, '')).join(separator)], lost: [] })
}

/** Nothing between cells and rows, as one crawler leaves it: only sums can tell the figures apart. */
function runTogether(layout: Layout): Lines {
  return {
    lines: [layout.cells.map((cell) => cell.text).join('')],
    lost: layout.cells.flatMap((cell) => (cell.code === null ? [] : [cell.code])),
  }
}

/** The same figures with every zero printed and no ornament. */
function allFilled(truth: Truth): Truth {
  return printTruth(truth, { ...truth.style, zeros: '0', totals: 'all', remark: false })
}

function allPlain(truth: Truth): Truth {
  return printTruth(truth, {
    ...truth.style,
    zeros: '0',
    totals: 'all',
    remark: false,
    figures: 'plain',
    moneyUnit: false,
  })
}

/** Plain figures, and nothing where there is none. */
function plainOrBlank(truth: Truth): Truth {
  return printTruth(truth, { ...truth.style, zeros: '', remark: false, figures: 'plain', moneyUnit: false })
}

/** Cells of a row by single spaces, with the spaces that cut figures; blanks leave nothing. */
function looseSpaces(layout: Layout): Lines {
  const lines = rowsOf(layout).map((row) =>
    row
      .map(({ code, text }) => (code === null ? text.replace(/\s/g, '') : text.trim()))
      .filter((text) => text !== '')
      .join(' '),
  )
  const isOpen = ({ code, text }: LayoutCell): boolean => code !== null && (text.trim() === '' || /\d \d/.test(text))
  const lost = rowsOf(layout).flatMap((row, at) => (row.some(isOpen) ? codesOf(layout, at) : []))
  return { lines: lines.filter((line) => line !== ''), lost }
}

/** Fields by tabs, with spaces that cut figures. */
function partedTabs(layout: Layout): Lines {
  const { lines, lost } = tabs(full)(layout, makeRandom(0))
  const parted = layout.cells.filter(({ code, text }) => code !== null && /\d \d/.test(text))
  return { lines, lost: [...lost, ...parted.map(({ code }) => code!)] }
}

const full: Covered = { beside: 'empty', below: 'empty' }
const bare: Covered = { beside: 'nothing', below: 'nothing' }

/** Every text shape. */
export const textShapes: readonly Shape[] = [
  textShape('tabs, merged cells leave empty fields', { write: tabs(full) }),
  textShape('tabs, merged cells leave nothing', { write: tabs(bare) }),
  textShape('tabs, merged cells repeat their text', { write: tabs({ beside: 'repeat', below: 'repeat' }) }),
  textShape('tabs, row spans leave a field, column spans nothing', {
    write: tabs({ beside: 'nothing', below: 'empty' }),
  }),
  textShape('tabs, column spans leave fields, row spans nothing', {
    write: tabs({ beside: 'empty', below: 'nothing' }),
  }),
  textShape('tabs, figures start at another field in each kind of row', { write: shiftedTabs }),
  textShape('tabs, page break', { write: brokenPage(false, false) }),
  textShape('tabs, page break with the header again', { write: brokenPage(false, true) }),
  textShape('tabs, shifted rows and page break', { write: brokenPage(true, false) }),
  textShape('tabs, trailing tabs trimmed', { write: trimmedTabs(full) }),
  textShape('tabs, merged cells leave nothing, trailing tabs trimmed', { write: trimmedTabs(bare) }),
  textShape('tabs, blanks dropped', { write: droppedBlanks('\t', ''), lossy: true }),
  textShape('spreadsheet copy, quoted line breaks', { write: spreadsheet('\t', full) }),
  textShape('comma separated', { write: spreadsheet(',', full) }),
  textShape('semicolons, merged cells repeated', { write: spreadsheet(';', { beside: 'repeat', below: 'repeat' }) }),
  textShape('boxes of plain characters', { write: drawnGrid('+', '-', '|'), spaces: [] }),
  textShape('boxes of drawing characters', { write: drawnGrid('┼', '─', '│'), spaces: [] }),
  textShape('single spaces, all filled', { write: singleSpaces, restyle: allPlain, spaces: [] }),
  textShape('a tab on a line between cells, all filled', { write: tabLines, restyle: allFilled, spaces: [] }),
  textShape('tabs, rows numbered', { write: tabs(full), variant: rowNumbers }),
  textShape('tabs, CRLF and byte order mark', {
    write: tabs(full),
    finish: (text) => `\ufeff${text.replaceAll('\n', '\r\n')}`,
  }),
  textShape('tabs, CR alone', { write: tabs(full), finish: (text) => text.replaceAll('\n', '\r') }),
  textShape('tabs, paragraphs indented by full-width spaces', {
    write: tabs(bare),
    finish: (text) => text.replace(/^(?=[^\t\n]{1,}$)/gm, '\u3000\u3000'),
  }),
  textShape('pipes, merged cells empty', { write: markdown('empty', true) }),
  textShape('pipes, rows filled up with pipes', { write: filledPipes }),
  textShape('pipes, merged cells repeated', { write: markdown('repeat', true) }),
  textShape('pipes, merged cells repeated, no outer pipes', { write: markdown('repeat', false) }),
  textShape('pipes, small tables beneath headings', {
    write: markdownByHeadings((heading) => `### ${heading}`),
    lossy: true,
  }),
  textShape('pipes, small tables beneath bold lines', {
    write: markdownByHeadings((heading) => `**${heading}**`),
    lossy: true,
  }),
  textShape('columns by spaces, figures right', { write: aligned('right'), spaces: [' '] }),
  textShape('columns by spaces, figures left', { write: aligned('left'), spaces: [' '] }),
  textShape('columns by spaces, figures centred', { write: aligned('centre'), spaces: [' '] }),
  textShape('one cell a line, blanks as empty lines', { write: cellLines({ blank: '', between: null, before: null }) }),
  textShape('one cell a line, all filled', {
    write: cellLines({ blank: '', between: null, before: null }),
    restyle: allFilled,
  }),
  textShape('one cell a line, empty lines between', {
    write: cellLines({ blank: null, between: '', before: null }),
    restyle: allFilled,
  }),
  textShape('one cell a line, a pipe before each', { write: cellLines({ blank: null, between: null, before: '|' }) }),
  textShape('a bar behind each cell of a line of its own', { write: barredCells('behind', 'filled up', 1) }),
  textShape('a bar behind each cell, most on lines of their own', { write: barredCells('behind', 'filled up', 0.8) }),
  textShape('a bar behind each cell and before each row', {
    write: barredCells('behind, and before each row', 'filled up', 1),
  }),
  textShape('a bar behind each cell of a line of its own, rows not filled up', {
    write: barredCells('behind', 'not filled up', 1),
  }),
  textShape('a bar on the line below each cell', { write: barredCells('below', 'filled up', 1) }),
  textShape('a bar on the line below each cell, rows not filled up', {
    write: barredCells('below', 'not filled up', 1),
  }),
  textShape('a bar before each cell of a line of its own', { write: barredCells('before', 'not filled up', 1) }),
  textShape('one cell a line, blanks dropped', { write: droppedBlanks('\n', ''), lossy: true }),
  textShape('a table on one line, pipes between', {
    table2: 'one',
    write: oneLine('|'),
    restyle: allPlain,
    spaces: [],
  }),
  textShape('a table on one line, tabs between', {
    table2: 'one',
    write: oneLine('\t'),
    restyle: allPlain,
    spaces: [],
  }),
  textShape('a table on one line, single spaces between', {
    table2: 'one',
    write: oneLine(' '),
    restyle: allPlain,
    spaces: [],
  }),
  textShape('tabs, table cut in two', { write: tabs(full), variant: pages(2, { header: false, repeat: false }) }),
  textShape('tabs, table cut in three, header again', {
    write: tabs(full),
    variant: pages(3, { header: true, repeat: true }),
  }),
  textShape('tabs, header padded above', { write: tabs(full), variant: padHeader('above') }),
  textShape('tabs, total beside the applicants', { write: tabs(full), variant: totalBeside }),
  textShape('tabs, no empty fields, total beside the applicants', {
    write: tabs({ beside: 'nothing', below: 'nothing' }),
    variant: totalBeside,
  }),
  textShape('tabs, trailing blanks', { write: tabs(full), variant: trail(true) }),
  textShape('tabs, value cells span otherwise than their header', { write: tabs(bare), table2: 'uneven' }),
  textShape('tabs, headings of table 2 missing', { write: tabs(full), headings: false }),
  textShape('tabs, a local row', { write: tabs(full), variant: localRow, local: true }),
  textShape('tabs, a local row in a group', { write: tabs(full), variant: localRowInGroup, local: true }),
  textShape('tabs, a local column', { write: tabs(full), variant: localColumn, local: true }),
  textShape('pipes, table cut in two, header again', {
    write: markdown('empty', true),
    variant: pages(2, { header: true, repeat: false }),
  }),
  textShape('run together', {
    write: runTogether,
    restyle: allPlain,
    spaces: [],
    lossy: true,
    paragraphs: 'run together',
  }),
  textShape('run together, blanks dropped', {
    write: runTogether,
    restyle: plainOrBlank,
    spaces: [],
    lossy: true,
    paragraphs: 'run together',
  }),
  textShape('single spaces, blanks dropped', { write: looseSpaces, restyle: plainOrBlank, spaces: [], lossy: true }),
  textShape('single spaces, figures cut by spaces', {
    write: looseSpaces,
    restyle: (truth) => cutFigures(allPlain(truth)),
    spaces: [],
    lossy: true,
  }),
  textShape('single spaces, blanks dropped and figures cut', {
    write: looseSpaces,
    restyle: (truth) => cutFigures(plainOrBlank(truth)),
    spaces: [],
    lossy: true,
  }),
  textShape('tabs, figures cut by spaces', {
    write: partedTabs,
    restyle: (truth) => cutFigures(allPlain(truth)),
    lossy: true,
  }),
]

/** What stands under no header is seen to be blank; only a row without label and figures leaves no trace at all. */
function aligned(side: 'left' | 'right' | 'centre'): TableWriter {
  return (layout, random) => {
    const lines = alignTable(layout, { side, ambiguous: random.pick([1, 2]), gap: random.integer(2, 4) })
    return { lines, lost: lines.flatMap((line, row) => (line.trim() === '' ? codesOf(layout, row) : [])) }
  }
}
