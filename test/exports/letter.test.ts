/** Letters about real samples: read back by our own parser and by mammoth, with figures, causes and tables. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import mammoth from 'mammoth'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { letter } from '../../src/exports/letter/index.ts'
import { escapeMarkdown } from '../../src/exports/letter/markdown.ts'
import type { Store } from '../../src/store/open.ts'
import { auditedStore, requestOf, samples, wholeOf } from './audited.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'gouji-letter-'))
const hongze = { agency: '淮安市洪泽区人民政府' }
let store: Store

beforeAll(async () => {
  store = await auditedStore(path.join(folder, 'store'), samples, (finding) => {
    return finding.rule === 'ogi2021.t4_litigation_after_review_total' ? { ...finding, fault: 'undecided' } : finding
  })
})

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function markdownOf(more: Parameters<typeof requestOf>[1]): Promise<string> {
  return (await wholeOf(letter, requestOf(store, { extension: 'md', filter: hongze, ...more }))).toString()
}

describe('the letter in Markdown', () => {
  it('lists what to correct in order: place, figures, formula, cause, rule, reference', async () => {
    const text = await markdownOf({ lang: 'zh' })
    expect(text).toMatch(/^# 关于核实2023年度政府信息公开工作年度报告有关数据的函\n\n淮安市洪泽区人民政府：\n/)
    const [, correct = '', check = ''] = text.split(/^## /m)
    expect(correct).toMatch(/^一、请予核实更正/)
    const lines = correct.split('\n').map((line) => line.trim())
    const wanted = [
      '1. 表四行政复议：四项之和为11，与总计0不符。',
      '- 位置：表四“行政复议·总计”',
      '- 填报数：0',
      '- 核算数：11',
      '- 差额：-11',
      '- 疑似原因：若表四“行政复议·总计”为11（现填报0），则各数勾稽一致（疑似合计未同步修改）。',
    ]
    expect(lines.filter((line) => wanted.includes(line))).toEqual(wanted)
    expect(lines.some((line) => /^- 核对规则：ogi2021\.t4\\_review\\_total/.test(line))).toBe(true)
    expect(correct).not.toContain('与总计0不符。\n2.')
    expect(check).toMatch(/^二、请贵单位核对\n\n.*不作为差错认定/)
    expect(check).toContain('表四行政诉讼（复议后起诉）')
    expect(check).not.toContain('请予核实更正')
    expect(text).toContain('| **0** \\[1\\] |')
  })

  it('says of text and table which figure is whose, and where many cells are marked', async () => {
    const text = await markdownOf({ lang: 'zh', filter: { agency: '上海' } })
    const [, point = ''] = text.split(/^\d+\. /m)
    expect(point).toMatch(/表格填报：275\n.*正文所述：258\n/)
    expect(point).not.toMatch(/核算数|填报数/)
    expect(text).toMatch(/位置：共115个单元格，附件中以角标\d+标明\n/)
  })

  it('numbers its points in their order, and says of each which year’s report it is of where there are several', async () => {
    const files = ['pingtan-2018.html', 'pingtan-2023.txt', 'pingtan-2024.txt']
    const several = await auditedStore(path.join(folder, 'several'), files, (finding) => {
      return { ...finding, severity: 'error' }
    })
    try {
      for await (const { name, pieces } of letter.split!(requestOf(several, { extension: 'md', lang: 'zh' }))) {
        let text = ''
        for await (const piece of pieces) text += piece
        const points = [...text.matchAll(/^(\d+)\. .*\n(.*)/gm)]
        expect(
          points.map(([, number]) => Number(number)),
          name,
        ).toEqual(points.map((_, index) => index + 1))
        const years = new Set(text.match(/报告年度：20\d\d/g))
        const reports = text.match(/^《.*来源：/gm) ?? []
        expect(years.size).toBe(reports.length > 1 ? reports.length : 0)
        for (const [, , next] of points) expect(/报告年度：20\d\d$/.test(next!)).toBe(reports.length > 1)
        expect(text).not.toMatch(/。；|算式：(?!.*[=≠≤≥<>])/)
      }
    } finally {
      await several.close()
    }
  })

  it('invents no deadline, and prints the one that is given', async () => {
    expect(await markdownOf({ lang: 'zh' })).toContain('请贵单位于（　　年　　月　　日）前')
    expect(await markdownOf({ lang: 'zh', due: '2026-03-05' })).toContain('请贵单位于2026年3月5日前')
    expect(await markdownOf({ due: '2026-03-05' })).toContain('reply by 5 March 2026.')
  })

  it('holds no Chinese in English but names and words of the report', async () => {
    const text = await markdownOf({})
    const own = text.replace(/淮安市洪泽区人民政府(?:2023年政府信息公开工作年度报告)?/g, '')
    // Units are the form's own, which has them in Chinese alone, and official documents are called what they are called.
    expect(own.replaceAll('(件)', '').replace(/国办\S*?号/g, '')).not.toMatch(/\p{Script=Han}/u)
  })

  it.each(['1. x', '- x', '# x', '<b>', '[x](y)', '![x](y)', '*x*', '_x_', '`x`', 'a | b', '~~x~~', '&lt', 'a\nb'])(
    'takes %j as it is',
    (said) => expect(escapeMarkdown(said)).not.toMatch(/^(?:#|-|\d+\.)|(?<!\\)[*_`|[\]~]|[<\n]|&(?!amp;|lt;|gt;)/),
  )
})

describe('the letter in Word', () => {
  it('reads back by our parser: words in order, the table with its figures', async () => {
    const bytes = await wholeOf(letter, requestOf(store, { lang: 'zh', filter: hongze }))
    const result = await parse(bytes)
    if (!result.ok) throw new Error(result.reason)
    const { blocks } = result.document
    const texts = blocks.flatMap((block) => (block.kind === 'paragraph' ? [block.text] : []))
    const order = [
      '关于核实2023年度',
      '淮安市洪泽区人民政府：',
      '一、请予核实更正',
      '差额：-11',
      '二、请贵单位核对',
      '（发函单位）',
      '附：有关表格截取',
    ]
    const places = order.map((part) => texts.findIndex((text) => text.startsWith(part)))
    expect(places).toEqual([...places].sort((one, other) => one - other))
    expect(places).not.toContain(-1)
    const grids = blocks.flatMap((block) => (block.kind === 'grid' ? [block] : []))
    expect(grids).toHaveLength(1)
    const last = grids[0]!.cells.filter(({ row }) => row === grids[0]!.rowCount - 1)
    // The numbers of the points stand raised, as marks that are no part of a figure.
    expect(last.map(({ text }) => text)).toEqual('10 1 0 0 0 0 0 0 0 0 5 0 0 0 0'.split(' '))
  })

  it('reads back by mammoth: headings, the figure in question bold with the number of its point', async () => {
    const bytes = await wholeOf(letter, requestOf(store, { lang: 'zh', filter: hongze }))
    const { value: html, messages } = await mammoth.convertToHtml({ buffer: bytes })
    expect(messages.filter(({ type }) => type === 'error')).toEqual([])
    expect(html).toMatch(/<h1>.*关于核实2023年度/)
    expect(html).toMatch(/<strong>0<\/strong><sup>1<\/sup>/)
    expect(html).toMatch(/<t[hd] colspan="5"[^>]*>/)
  })
})

describe('letters to several agencies', () => {
  it('go one each into a folder, and not into one file', async () => {
    await expect(wholeOf(letter, requestOf(store))).rejects.toMatchObject({ code: 'several_agencies' })
    const names: string[] = []
    for await (const { name, pieces } of letter.split!(requestOf(store))) {
      names.push(name)
      for await (const piece of pieces) expect(piece.length).toBeGreaterThan(5000)
    }
    expect(names).toEqual(expect.arrayContaining(['上海市人民政府办公厅.docx', '淮安市洪泽区人民政府.docx']))
  })

  it('are none where nothing is found, or only what may be our own misreading', async () => {
    const filter = { ...hongze, fault: ['reading'] }
    await expect(wholeOf(letter, requestOf(store, { filter }))).rejects.toMatchObject({ code: 'no_letter' })
  })
})
