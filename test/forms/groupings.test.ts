/** Figures of countries where points part thousands and commas decimals. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import { readReport } from '../../src/pipeline/read.ts'

const line = (code: string, label: string, more: object = {}) => ({ code, title: label, labels: [label], ...more })
const form = {
  id: 'requests_abroad',
  title: 'Requests',
  source: 'A test',
  years: [2000, null],
  titles: ['{agency} Requests {year}'],
  tables: [
    {
      code: 'requests',
      title: 'Requests',
      headings: ['Table 1. Requests'],
      corners: ['Kind'],
      kind: 'count',
      rows: [line('all', 'All requests'), line('granted', 'Granted'), line('refused', 'Refused')],
      columns: [
        line('number', 'Number'),
        line('fees', 'Fees', { kind: 'money' }),
        line('days', 'Days', { kind: 'measure' }),
      ],
    },
  ],
}
const registry = loadRegistry([{ file: 'form.json', json: JSON.stringify(form) }])

async function read(rows: readonly (readonly string[])[]) {
  const labels = ['All requests', 'Granted', 'Refused']
  const lines = rows.map((row, index) => [labels[index], ...row].join('\t'))
  const text = `River Board Requests 2023\n\nTable 1. Requests\nKind\tNumber\tFees\tDays\n${lines.join('\n')}\n`
  const { facts, status, notices } = await readReport(new TextEncoder().encode(text), { fileName: 'a.txt' }, registry)
  const said = facts.map((fact) => (fact.state === 'unreadable' ? [...fact.candidates] : (fact.value ?? fact.state)))
  return { status, said, told: notices.filter(({ code }) => code === 'value_unreadable').length }
}

describe('a separator with three digits behind it', () => {
  it('is no decimal point in a count, and then in no figure of the report', async () => {
    const { status, said, told } = await read([
      ['1.234', '10.500', '5'],
      ['1.000', '10,250', '0.125'],
      ['234', '3.5', '1,234.5'],
    ])
    expect(said).toEqual([[1234, 1.234], [10500, 10.5], 5, [1000, 1], [10250, 10.25], 0.125, 234, 3.5, 1234.5])
    expect({ status, told }).toEqual({ status: 'partial', told: 4 })
  })

  it.each(['2.345,50', '1.234.567', '17,5'])('is in doubt beside %s', async (figure) => {
    const { said } = await read([
      ['1,234', '10.500', '5'],
      ['1,000', figure, '6.125'],
      ['234', '-1.250', '7'],
    ])
    expect(said[0]).toBe(1234)
    expect(said[1]).toEqual([10500, 10.5])
    expect(said[5]).toEqual([6125, 6.125])
    expect(said[7]).toEqual([-1250, -1.25])
  })

  it('is what it looks like in a report that shows nothing else', async () => {
    const { status, said } = await read([
      ['1,234', '10.500', '5'],
      ['1,000', '10,250', '6.125'],
      ['234', '0', '7.5'],
    ])
    expect(said).toEqual([1234, 10.5, 5, 1000, 10250, 6.125, 234, 0, 7.5])
    expect(status).toBe('ok')
  })
})
