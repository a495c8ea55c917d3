/** Documents that break off: what they lack is told, and no report is blamed for it. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openEndOf } from '../../parsers/cutoff.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import type { Reading } from '../../src/model.ts'
import { readReport } from '../../src/pipeline/read.ts'

const registry = loadRegistry()

async function read(bytes: Uint8Array): Promise<Reading> {
  return readReport(bytes, { fileName: null }, registry)
}

/** What the report itself is blamed for. */
function blamed({ findings }: Reading): string[] {
  return findings.flatMap(({ key, fault, severity }) => (fault === 'report' && severity !== 'info' ? [key] : []))
}

/** Cells that say another thing than those of the whole document. */
function wrongCells(cut: Reading, whole: Reading): string[] {
  const facts = new Map(whole.facts.map((fact) => [fact.code, fact]))
  return cut.facts.flatMap(({ code, state, value }) => {
    const fact = facts.get(code)
    const isOpen = state === 'unreadable' || state === 'absent'
    return isOpen || (fact?.state === state && fact.value === value) ? [] : [code]
  })
}

/** That a document cut off anywhere behind the first figure says nothing wrong and blames no one. */
async function expectHonest(bytes: Uint8Array, runs: number): Promise<void> {
  const whole = await read(bytes)
  const first = Math.floor(bytes.length * 0.15)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: first, max: bytes.length - 400 }), async (end) => {
      const cut = await read(bytes.subarray(0, end))
      expect(wrongCells(cut, whole)).toEqual([])
      expect(blamed(cut).filter((key) => !blamed(whole).includes(key))).toEqual([])
      const lost = whole.facts.length - cut.facts.filter(({ state }) => state !== 'absent').length
      if (lost > 0) expect(cut.status).not.toBe('ok')
    }),
    { numRuns: runs, seed: 5 },
  )
}

describe('a page that was cut off', () => {
  it('says nothing wrong, and blames no report for what it lacks', async () => {
    await expectHonest(readFileSync('samples/hongze-2023.html'), 15)
  })

  it.each([
    ['<table><tr><td>12', 'cell'],
    ['<table><tr><td>12</td>', 'table'],
    ['<table><tr><td>12</td></tr></table><p>a</p><td cl', 'tag'],
    ['<html><body><p>a</p>', 'page'],
    ['<p>a</p><p>a</p><p>a</p><p>b', 'page'],
    ['<p>a</p><!-- <table>', 'tag'],
    ['<script>if (a < b) "<table>"</script><p>a</p>', null],
    ['<html><body><div><table><tr><td>12</body></html>', null],
    ['<html><body><table><tr><td>12<!-- </body></html>', 'tag'],
    ['<html><body><script>a</body></html>\n', 'tag'],
    ['<p>a<p>b', null],
    ['3 < 4', null],
  ] as const)('%s ends in: %s', (source, inside) => {
    expect(openEndOf(source)).toBe(inside)
  })
})

describe('a table whose last page is lost', () => {
  it('is of the form that the other tables follow', async () => {
    const text = readFileSync('samples/rundong-2021.txt', 'utf8')
    const [start, end] = [text.indexOf('4.保护第三方合法权益'), text.indexOf('四、政府信息公开行政复议')]
    expect(start).toBeGreaterThan(0)
    const reading = await read(Buffer.from(`${text.slice(0, start)}\n${text.slice(end)}`))
    expect(reading.tables.map(({ form }) => form)).toEqual(reading.tables.map(() => 'ogi_2021'))
    expect(blamed(reading).filter((key) => key.includes('form_matches_year'))).toEqual([])
  })
})

const title = '2024年白河市人民政府政府信息公开工作年度报告'
const head = '信息内容\t本年处理决定数量'
const licences = ['二、主动公开政府信息情况', '第二十条第（五）项', head, '行政许可\t12']
const penalties = ['第二十条第（六）项', head, '行政处罚\t34', '行政强制\t5']

describe('a text that was cut off', () => {
  it('is told where it ends in a table whose rows go on, and the row that it ends in is not believed', async () => {
    const reading = await read(Buffer.from([title, ...licences, ...penalties.slice(0, 3)].join('\n')))
    expect(reading).toMatchObject({ status: 'partial', reason: { code: 'document_cut_off' } })
    const states = new Map(reading.facts.map(({ code, state }) => [code, state]))
    expect(states.get('t2_art20_5.licences.decisions')).toBe('number')
    expect(states.get('t2_art20_6.penalties.decisions')).toBe('unreadable')
    expect(blamed(reading)).toEqual([])
  })

  it('keeps the row that it ends in where that line ends as lines do', async () => {
    const lines = readFileSync('samples/rundong-2021.txt', 'utf8').split('\n')
    const last = lines.findIndex((line) => line.startsWith('行政规范性文件'))
    const upTo = (end: string) =>
      read(
        Buffer.from(
          lines
            .slice(0, last + 1)
            .join('\n')
            .trimEnd() + end,
        ),
      )
    const stateOf = ({ facts }: Reading) =>
      facts.find(({ code }) => code === 't2_art20_1.normative_documents.in_force')?.state
    expect([stateOf(await upTo('\n')), stateOf(await upTo(''))]).toEqual(['number', 'unreadable'])
  })

  it('is whole where its prose goes on behind the tables that are there: then the report lacks the others', async () => {
    const prose = ['五、存在的主要问题及改进情况', '公开内容的质量有待提高。', '六、其他需要报告的事项', '无。']
    const reading = await read(Buffer.from([title, ...licences, ...penalties, ...prose].join('\n')))
    expect(reading.notices.map(({ code }) => code)).not.toContain('document_cut_off')
    expect(blamed(reading)).toContain('ogi2021.tables_complete')
  })

  it('lacks the last digits of its figures where lines were cut at a width, and is not read there', async () => {
    const labels = ['自然人', '商业企业', '科研机构', '社会公益组织', '法律服务机构', '其他', '总计']
    const rows = [
      ['本年新收政府信息公开申请数量', '101', '20', '30', '40', '50', '60', '301'],
      ['上年结转政府信息公开申请数量', '1', '2', '3', '4', '5', '6', '21'],
      ['予以公开', '102', '22', '33', '44', '55', '66', '322'],
      ['结转下年度继续办理', '0', '0', '0', '0', '0', '0', '0'],
    ]
    const width = (text: string): number => [...text].reduce((sum, one) => sum + (one > '\u2e80' ? 2 : 1), 0)
    const line = (cells: readonly string[]): string =>
      cells.map((cell, index) => cell + ' '.repeat((index === 0 ? 40 : 16) - width(cell))).join('')
    const text = (cut: number): string =>
      [title, '', '三、收到和处理政府信息公开申请情况', '', ...[['', ...labels], ...rows].map(line)]
        .map((one) => one.trimEnd().slice(0, -cut || undefined))
        .join('\n')
    const totals = ({ facts }: Reading): unknown[] =>
      rows.length > 0
        ? facts
            .filter(({ code }) => code.endsWith('.total'))
            .map(({ value }) => value)
            .slice(0, 3)
        : []
    expect(totals(await read(Buffer.from(text(0))))).toEqual([301, 21, 322])
    const cut = await read(Buffer.from(text(1)))
    expect(totals(cut)).toEqual([null, null, null])
    expect(cut.notices.map(({ code }) => code)).toContain('lines_cut_off')
  })
})
