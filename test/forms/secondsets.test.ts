/** A second set of tables behind the report's own: what only it states fills nothing, and a blank one unsettles nothing. */
import { describe, expect, it } from 'vitest'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Fact, Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'
import { chapters, type Tables, tablesOf } from './sample-tables.ts'

const registry = loadRegistry()

const [own, others] = [tablesOf(1), tablesOf(2)]
const set = ({ tables }: Tables): string => tables.map((table, at) => `<p>${chapters[at]}</p>${table}`).join('')
const blank = (table: string): string => table.replaceAll(/>\s*(?:[^<>\d]?[\d.,]+[^<>\d.]{0,2}|[/—-])\s*</g, '><')

function read(body: string): Promise<Reading> {
  const page = `<html><body><h1>宿城区市场监督管理局2023年政府信息公开工作年度报告</h1>${body}</body></html>`
  return readReport(new TextEncoder().encode(page), { fileName: null }, registry)
}

const factsOf = ({ facts }: Reading, table: string): Fact[] =>
  facts.filter(({ code, state }) => code.startsWith(`${table}.`) && state !== 'absent')

function expectOwn(reading: Reading, tables: RegExp): void {
  const facts = new Map(reading.facts.map(({ code, state, value }) => [code, { state, value }]))
  for (const [code, { state, value }] of own.sample.rendering.expected) {
    if (tables.test(code)) expect([code, facts.get(code)]).toEqual([code, { state, value }])
  }
}

const isBlamed = ({ findings }: Reading): boolean => findings.some(({ fault }) => fault === 'report')

describe('a second set of tables without a caption', () => {
  it('does not give the table that the report lacks', async () => {
    const none = `<p>${chapters[1]}</p><p>本年度未收到政府信息公开申请。</p>`
    const body = `<p>${chapters[0]}</p>${own.tables[0]}${none}<p>${chapters[2]}</p>${own.tables[2]}`
    const reading = await read(body + others.tables.join(''))
    const third = factsOf(reading, 't3')
    expect(third.length).toBeGreaterThan(0)
    expect(new Set(third.map(({ state }) => state))).toEqual(new Set(['unreadable']))
    expect(third.some((fact) => fact.state === 'unreadable' && fact.candidates.length === 1)).toBe(true)
    expect(reading.status).toBe('partial')
    expect(isBlamed(reading)).toBe(false)
  })

  it('does not give the rows that the report lacks', async () => {
    const rows = own.tables[1]!.split(/(?=<tr)/)
    const short = rows.filter((row) => !/更正、补正|重复申请|信访/.test(row)).join('')
    const reading = await read(`${short}<p>数据：</p>${others.tables[1]}`)
    const lacking = factsOf(reading, 't3').filter(({ code }) => /duplicate|petition/.test(code))
    expect(new Set(lacking.map(({ state }) => state))).toEqual(new Set(['unreadable']))
  })

  it('takes nothing from the chapters that go on behind one table of it', async () => {
    const [second, third, fourth] = own.tables
    const body = `${second}${others.tables[0]}<p>${chapters[1]}</p>${third}<p>${chapters[2]}</p>${fourth}`
    expectOwn(await read(`<p>${chapters[0]}</p>${body}`), /^t[34]\./)
  })
})

describe('tables that are printed again and say nothing else', () => {
  it.each([
    ['blank, to be filled in', own.tables.map(blank).join('')],
    ['the same', own.tables.join('')],
  ])('%s: the report’s own are read', async (_, again) => {
    const reading = await read(set(own) + again)
    expectOwn(reading, /./)
    expect(reading.status).toBe('ok')
  })

  it('rows of one table over two pages, with its header on both', async () => {
    const rows = own.tables[1]!.split(/(?=<tr)/)
    const head = rows.slice(0, 4).join('')
    const at = rows.findIndex((row) => row.includes('结转下年度'))
    const parts = `${rows.slice(0, at).join('')}</table>${head}${rows.slice(at).join('')}`
    expectOwn(await read(parts), /^t3\./)
  })
})
