/** Tables whose merged cells have spans that are not those of the form: figures stay in their rows and columns, or open. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()
const sample = readFileSync(new URL('../../samples/hongze-2023.html', import.meta.url))
const report = new TextDecoder('gb18030').decode(sample).replace('charset=gb2312', 'charset=utf-8')
const third = report.match(/<table[\s\S]*?<\/table>/g)!.find((one) => one.includes('结转下年度继续办理'))!
const read = (table: string) => readReport(Buffer.from(report.replace(third, table)), { fileName: null }, registry)
const valuesOf = ({ facts }: Awaited<ReturnType<typeof read>>) =>
  facts.map(({ code, state, value }) => `${code} ${state} ${value}`)

const groups = [...third.matchAll(/<td[^>]*rowspan="(\d+)"[^>]*>([^<]*)</g)]
  .map(([, span, label]) => ({ span: Number(span), label: label! }))
  .filter(({ label }) => /本年度办理结果|不予公开|无法提供|不予处理/.test(label))

describe('a group label over another number of rows', () => {
  it('is told apart from the labels under it', () => {
    expect(groups.length).toBe(3)
  })

  for (const { span, label } of groups) {
    for (const by of [-1, 1]) {
      it(`${label} over ${span + by} rows instead of ${span}`, async () => {
        const cell = third.match(new RegExp(`<td[^>]*>${label}`))![0]
        const moved = third.replace(cell, cell.replace(`rowspan="${span}"`, `rowspan="${span + by}"`))
        expect(moved).not.toBe(third)
        expect(valuesOf(await read(moved))).toEqual(valuesOf(await read(third)))
      })
    }
  }
})

describe('a header that stands one column beside its figures', () => {
  const pushed = third
    .replace('rowspan="3"', 'rowspan="3" data-corner')
    .replace(/colspan="3"([^>]*data-corner)/, 'colspan="4"$1')
  const withoutZeros = (table: string): string =>
    table.replace(/(<td[^>]*>(?:<p[^>]*>)?(?:<span[^>]*>)?)0((?:<\/span>)?(?:<\/p>)?<\/td>)/g, '$1$2')

  it('gives each figure to its column where all are filled', async () => {
    expect(pushed).not.toBe(third)
    expect(valuesOf(await read(pushed))).toEqual(valuesOf(await read(third)))
  })

  it('gives no figure to another column where rows have blanks and are filled up to the width of the header', async () => {
    const one = (table: string): string =>
      withoutZeros(table).replace(/8\.属于行政查询事项(?:(?!<\/tr>)[\s\S])*/, (row) => {
        const [label, ...values] = row.match(/(?:^|<td)(?:(?!<td)[\s\S])*/g)!
        return label + values.map((cell, at) => (at === 2 || at === 6 ? '<td>7</td>' : cell)).join('')
      })
    const right = new Set(valuesOf(await read(one(third))))
    expect(right).toContain('t3.denied_admin_inquiry.research_institution number 7')
    const padded = one(pushed).replace(/<tr[\s\S]*?<\/tr>/g, (row) =>
      /自然人|企业|申请人情况/.test(row) ? row : row.replace('</tr>', '<td></td></tr>'),
    )
    const { facts } = await read(padded)
    const told = facts
      .filter(({ state }) => state === 'number')
      .map(({ code, state, value }) => `${code} ${state} ${value}`)
    expect(told.filter((one) => !right.has(one))).toEqual([])
    expect(told.length).toBeGreaterThan(20)
  })

  it('gives no figure to another column where most are blank', async () => {
    const right = new Set(valuesOf(await read(withoutZeros(third))))
    const { facts } = await read(withoutZeros(pushed))
    const told = facts
      .filter(({ state }) => state === 'number')
      .map(({ code, state, value }) => `${code} ${state} ${value}`)
    expect(told.filter((one) => !right.has(one))).toEqual([])
    expect(told.length).toBeGreaterThan(20)
  })
})

describe('a row with fewer cells than the others', () => {
  /** The row of a label without the cell at `place` of its seven values. */
  const without = (label: string, place: number): string =>
    third.replace(/<tr[\s\S]*?<\/tr>/g, (row) => {
      if (!row.includes(label)) return row
      const cells = row.match(/<td[\s\S]*?<\/td>/g)!
      cells.splice(cells.length - 7 + place, 1)
      return `<tr>${cells.join('')}</tr>`
    })

  for (const label of ['二、上年结转', '1.本机关不掌握', '（七）总计']) {
    for (const place of [0, 1, 3, 6]) {
      it(`${label}, cell ${place} missing: no figure goes to another column`, async () => {
        const page = without(label, place)
        expect(page).not.toBe(third)
        const right = new Set(valuesOf(await read(third)))
        const { facts, status } = await read(page)
        const wrong = facts
          .filter(({ state }) => state === 'number')
          .map(({ code, state, value }) => `${code} ${state} ${value}`)
          .filter((one) => !right.has(one))
        expect(wrong).toEqual([])
        expect(status).toBe('partial')
      })
    }
  }
})

describe('a local total among the columns', () => {
  /** Figures of the organisations added up in a column of their own behind them. */
  const withSubtotal = (label: string): string =>
    third
      .replace('colspan="7">申请人情况', 'colspan="8">申请人情况')
      .replace('colspan="5">法人或其他组织', 'colspan="6">法人或其他组织')
      .replace('<td>其他</td>', `<td>其他</td><td>${label}</td>`)
      .replace(/<tr[\s\S]*?<\/tr>/g, (row) =>
        /<span[^>]*>\d+<\/span>/.test(row)
          ? row.replace(/(<td(?:(?!<td)[\s\S])*<\/td>)<\/tr>$/, '<td>0</td>$1</tr>')
          : row,
      )

  it.each(['合计', '总计', '小计'])('%s under the organisations is not the total beside them', async (label) => {
    const reading = await read(withSubtotal(label))
    expect(valuesOf(reading)).toEqual(valuesOf(await read(third)))
    expect(reading.notices.map(({ code }) => code)).toContain('unplaced_figure')
  })
})

describe('a row that a report adds to a group', () => {
  it.each([
    ['text', 'rundong-2021.txt'],
    ['a page', null],
  ])('4.其他 of another group is not 3.其他 of the last one, in %s', async (_what, name) => {
    const text = readFileSync(new URL('../../samples/rundong-2021.txt', import.meta.url), 'utf8')
    const added = text.replace(/^\t\t3\.补正后.*$/m, (row) => `${row}\n\t\t4.其他\t${'9\t'.repeat(7).trim()}`)
    const changed = added.replace(/^\t\t3\.其他\t.*\n/m, '')
    expect(changed.length).toBeLessThan(added.length)
    const rows = changed.split('\n').map((line) => line.replaceAll('\t', '</td><td>'))
    const page = `<h1>润东镇2021年政府信息公开工作年度报告</h1><table><tr><td>${rows.join('</td></tr><tr><td>')}</table>`
    const reading = await readReport(Buffer.from(name === null ? page : changed), { fileName: name }, registry)
    expect(reading.facts.filter(({ value, code }) => value === 9 && code.startsWith('t3.'))).toEqual([])
    expect(reading.status).toBe('partial')
  })
})

describe('blank cells between the values of a table with a column too many', () => {
  it('leave no figure in another column', async () => {
    const cells = /<td(?:(?!<td)[\s\S])*?<\/td>/g
    const spaced = third.replace(/<tr[\s\S]*?<\/tr>/g, (row) => {
      const values = row.match(cells)!.slice(-7)
      if (!/\d<\/span>/.test(values[6]!)) return row
      const figures = row.includes('8.属于行政查询事项') ? ['', '', '7', '', '', '', '7'] : null
      const texts = values.map((cell, at) => figures?.[at] ?? cell.replace(/<[^>]*>/g, '').replace(/^0$/, ''))
      const printed = [...texts.slice(0, 6), '', texts[6]].map((text) => `<td>${text}</td>`).join('')
      return row.slice(0, row.length - values.join('').length - '</tr>'.length) + printed
    })
    expect(spaced).toContain('<td>7</td>')
    const { facts } = await read(spaced)
    const row = facts.filter(({ code, value }) => code.startsWith('t3.denied_admin_inquiry.') && value === 7)
    expect(row.filter(({ code }) => !/\.(?:research_institution|total)$/.test(code))).toEqual([])
  })
})

/** The rows of table 3 with figures, in markup. */
const rowsOf = (table: string): string[] => table.match(/<tr(?:(?!<\/tr>)[\s\S])*?<p[\s\S]*?<\/tr>/g)!
const valueCell = /<td><p[\s\S]*?<\/td>/g

describe('a figure merged over several rows', () => {
  /** The first figures of two rows that follow one another, as one cell. */
  const merged = (figure: string): string => {
    const [first, second] = rowsOf(third).filter((row) => /予以公开|部分公开/.test(row))
    const cell = first!.match(valueCell)![0]!
    return third
      .replace(first!, first!.replace(cell, `<td rowspan="2">${figure}</td>`))
      .replace(second!, second!.replace(second!.match(valueCell)![0]!, ''))
  }
  const told = async (figure: string): Promise<readonly string[]> => {
    const reading = await read(merged(figure))
    return valuesOf(reading).filter((fact) => /\.(?:granted|partially_granted)\.natural_person /.test(fact))
  }

  it('is that of none of them for sure', async () => {
    const [granted, partly] = ['t3.granted.natural_person', 't3.partially_granted.natural_person']
    expect(await told('4')).toEqual([`${granted} unreadable null`, `${partly} unreadable null`])
    expect((await read(merged('4'))).status).toBe('partial')
  })

  it('is that of each where it is 0', async () => {
    expect(await told('0')).toEqual([
      't3.granted.natural_person number 0',
      't3.partially_granted.natural_person number 0',
    ])
  })
})

describe('rows that all lack the cell of one column', () => {
  it.each([
    ['none in its place', ''],
    ['a blank one behind', '<td></td>'],
  ])('are not read where their sums show that figures stand one column off: %s', async (_what, behind) => {
    const drawn = rowsOf(third).reduce((table, row) => {
      const at = row.match(valueCell)!
      return table.replace(row, row.replace(at.join(''), at.toSpliced(3, 1).join('') + behind))
    }, third)
    const reading = await read(drawn)
    expect(reading.facts.filter(({ code, state }) => code.startsWith('t3.') && state === 'number')).toEqual([])
    expect(reading.notices.map(({ code }) => code)).toContain('row_shifted')
    expect(reading.status).toBe('partial')
  })
})

describe('figures of a row in a table of their own within it', () => {
  it('do not go unnoticed where no label stands beside them', async () => {
    const nested = rowsOf(third).reduce((table, row) => {
      const cells = row.match(valueCell)!.join('')
      return table.replace(row, row.replace(cells, `<td colspan="7"><table><tr>${cells}</tr></table></td>`))
    }, third)
    const reading = await read(nested)
    expect(reading.status).toBe('partial')
    expect(reading.notices.map(({ code }) => code)).toContain('unknown_table')
  })
})
