/** The day of publication, as pages state it. */
import { describe, expect, it } from 'vitest'
import { parse } from '../../parsers/index.ts'
import { loadRegistry } from '../../src/forms/registry.ts'
import { dueOn, publishedOn } from '../../src/pipeline/surroundings.ts'

const form = loadRegistry().byId.get('ogi_2021')!

async function dayOf(head: string, body: string): Promise<string | null> {
  const html = `<html><head><meta charset="utf-8">${head}</head><body><h1>某县2023年年度报告</h1>${body}</body></html>`
  const parsed = await parse(Buffer.from(html))
  if (!parsed.ok) throw new Error(parsed.reason)
  return publishedOn(parsed.document)
}

describe('the day of publication', () => {
  it.each([
    ['<meta name="PubDate" content="2024-01-31 09:30">', '', '2024-01-31'],
    ['<meta property="article:published_time" content="2024-02-05T08:00:00+08:00">', '', '2024-02-05'],
    ['', '<p>发布时间：2024年1月5日　来源：办公室</p>', '2024-01-05'],
    ['<meta name="PubDate" content="2024-1-31">', '<p>发布日期：2024-01-31</p>', '2024-01-31'],
    ['<meta name="PubDate" content="2024-01-31">', '<p>发布日期：2024-03-01</p>', null],
    ['<meta name="PubDate" content="2024-02-31">', '', null],
    ['<meta name="PubDate" content="2024-13-45">', '', null],
    ['', '<p>成文日期：2024-01-05</p>', null],
    ['', '', null],
  ])('of %s %s is %s', async (head, body, day) => {
    expect(await dayOf(head, body)).toBe(day)
  })

  it('is held against the last day that the form sets, in the year after the report’s', () => {
    expect(dueOn(form, 2023)).toBe('2024-01-31')
    expect(dueOn(form, null)).toBeNull()
    expect(dueOn(undefined, 2023)).toBeNull()
  })
})
