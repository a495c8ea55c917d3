/**
 * Tables as language models write them that turn pages into Markdown: a small table beneath a heading for each group, its
 * columns without their names or one group of columns beneath the other. Takes a layout, gives the small tables.
 */
import { gridOf, type Layout, type LayoutCell } from './layout.ts'
import type { Random } from './random.ts'

export type SmallTable = { readonly heading: string | null; readonly rows: readonly (readonly string[])[] }

const groupNames = new Set(['行政复议', '行政诉讼', '未经复议直接起诉', '复议后起诉'])

/**
 * The cells whose groups lost their names to damage, and those whose columns nothing tells but the form's order: all of a table
 * without names of columns in which fewer than two rows with figures add up, unless all its cells are printed alike.
 */
export function lostByHeadings({ table, cells }: Layout): string[] {
  if (table === 't4') {
    const groups = cells.filter(({ role, columnSpan }) => role === 'column' && columnSpan > 1)
    const isWhole = groups.every(({ text }) => groupNames.has(text.normalize('NFKC').replace(/\s/g, '')))
    return isWhole ? [] : cells.flatMap(({ code }) => code ?? [])
  }
  if (table !== 't3') return []
  const values = cells.filter(({ role }) => role === 'value')
  if (new Set(values.map(({ text }) => text.trim())).size === 1) return []
  const rows = new Map<number, number[]>()
  for (const { row, text } of values) {
    const digits = text.normalize('NFKC').replace(/\D/g, '')
    rows.set(row, [...(rows.get(row) ?? []), Number(digits)])
  }
  const adding = [...rows.values()].filter((figures) => {
    const total = figures.at(-1)!
    return total > 0 && figures.reduce((sum, figure) => sum + figure, -2 * total) === 0
  })
  return adding.length < 2 ? values.map(({ code }) => code!) : []
}

/** The small tables of a table with several columns; null for one that such programs leave as it is. */
export function byHeadings(layout: Layout, random: Random): SmallTable[] | null {
  if (layout.table === 't4') return columnGroups(layout)
  return layout.table === 't3' ? rowGroups(layout, random) : null
}

function columnGroups(layout: Layout): SmallTable[] {
  const grid = gridOf(layout)
  const tables: { heading: string; labels: string[]; figures: string[] }[] = []
  for (let column = 0; column < layout.columnCount; column++) {
    const over = grid.slice(0, layout.headerRows).map((row) => row[column]!)
    const groups = [...new Set(over)].filter(({ columnSpan }) => columnSpan > 1)
    const texts = groups.map(({ text }) => text.trim())
    const heading = texts.length > 1 ? `${texts[0]}（${texts.slice(1).join('）（')}）` : texts[0]!
    if (tables.at(-1)?.heading !== heading) tables.push({ heading, labels: [], figures: [] })
    tables.at(-1)!.labels.push(over.at(-1)!.text)
    tables.at(-1)!.figures.push(grid[layout.headerRows]![column]!.text)
  }
  return tables.map(({ heading, labels, figures }) => ({ heading, rows: [labels, figures] }))
}

/** Names of columns that name nothing, and one that names what the rows are. */
const nameless = ['数据1', '列1', '数值 1', 'Column 1', '数据一', 'A', 'Unnamed: 1', 'col_1']
const wrong = ['本年新收件数', '上年结转件数', '予以公开', '部分公开', '不予公开', '结转下年度']

/** The name so many places further. */
function nextName(name: string, places: number): string {
  const numerals = '一二三四五六七八九十'
  return name.replace(/[1一A]$/, (last) => {
    if (last === 'A') return String.fromCharCode(0x41 + places)
    return last === '1' ? String(1 + places) : numerals[places]!
  })
}

function rowGroups(layout: Layout, random: Random): SmallTable[] {
  const word = random.pick([...nameless, null])
  const isNamed = random.chance(0.5)
  const columns = layout.columnCount - layout.labelColumns
  const names = gridOf(layout)
    [layout.headerRows - 1]!.slice(layout.labelColumns)
    .map((cell) => cell!.text)
  const header = names.map((name, index) =>
    word === null ? name : index === columns - 1 && isNamed ? '总计' : nextName(word, index),
  )
  const misread = [...wrong, '总计'].slice(-columns)
  const tables: { heading: string | null; group: LayoutCell | null; rows: string[][] }[] = []
  const turn = random.chance(0.5) ? random.integer(8, layout.rowCount - 3) : -1
  for (const [at, row] of gridOf(layout).entries()) {
    if (at < layout.headerRows) continue
    const labels = [...new Set(row.slice(0, layout.labelColumns))].filter((cell) => cell !== null)
    const own = labels.at(-1)!
    const group = labels.at(-2) ?? null
    const values = row.slice(layout.labelColumns).map((cell) => cell!.text)
    if (at === turn) tables.push({ heading: null, group, rows: [['项目', ...misread]] })
    else if (tables.length === 0 || tables.at(-1)!.group !== group) {
      tables.push({ heading: (group ?? own).text, group, rows: [['类别', ...header]] })
    }
    tables.at(-1)!.rows.push([own.text, ...values])
  }
  return tables
}
