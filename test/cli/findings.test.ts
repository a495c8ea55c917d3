/** Work on findings from the command line: list, decide, look at one, compare readings, name who is below whom. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runGouji, samples } from './process.ts'

let folder: string
const gouji = (...args: string[]) => runGouji(folder, [...args, '--store', 'data'])
const json = async (...args: string[]) => JSON.parse((await gouji(...args, '--format', 'json')).stdout)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-cli-findings-'))
  for (const name of ['hongze-2023.html', 'pingtan-2023.txt', 'pingtan-2024.txt'])
    copyFileSync(join(samples, name), join(folder, name))
  expect((await gouji('ingest', 'hongze-2023.html', 'pingtan-2023.txt', 'pingtan-2024.txt')).code).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('findings', () => {
  it('are listed by what is asked for', async () => {
    const all = await json('findings')
    const errors = await json('findings', 'list', '--severity', 'error')
    expect(errors.map(({ rule }: { rule: string }) => rule)).toEqual([
      'ogi2021.t4_review_total',
      'ogi2021.t4_litigation_after_review_total',
    ])
    expect(all.length).toBeGreaterThan(errors.length)
    for (const finding of all) expect(finding).toMatchObject({ state: 'open', outdated: false, decision: null })
    expect(new Set(all.map(({ id }: { id: string }) => id)).size).toBe(all.length)
    expect(await json('findings', '--rule', 'ogi2021.t4_review*')).toHaveLength(1)
    expect(await json('findings', '--agency', '洪泽', '--year', '2023', '--fault', 'report')).toHaveLength(3)
    expect(await json('findings', '--agency', '洪泽', '--year', '2022')).toEqual([])
    const { stdout } = await gouji('findings', 'list', '--severity', 'error', '--lang', 'zh')
    expect(stdout).toContain('未处理')
    expect(stdout).toContain('表四行政复议：四项之和为11，与总计0不符。')
  })

  it('are decided about, with who and why, and keep their history', async () => {
    const [one, other] = await json('findings', '--severity', 'error')
    expect((await gouji('findings', 'confirm', one.id, other.id, '--by', '审计一处')).code).toBe(0)
    expect((await gouji('findings', 'dismiss', other.id)).code).toBe(2)
    await gouji('findings', 'dismiss', other.id.slice(0, 10), '--reason', '机关已说明', '--by', 'Li')
    await gouji('findings', 'return', one.id, '--by', '审计一处')
    expect(await json('findings', '--state', 'returned')).toMatchObject([{ id: one.id, decision: { by: '审计一处' } }])
    expect(await json('findings', '--state', 'dismissed')).toMatchObject([
      { id: other.id, decision: { by: 'Li', reason: '机关已说明' } },
    ])
    const { stdout } = await gouji('findings', 'show', other.id)
    expect(stdout).toContain('dismissed: 机关已说明')
    expect(stdout).toContain('t4.cases.litigation_after_review_total')
    expect(stdout).toContain('table[4]/tr[4]/td[15]')
    await gouji('findings', 'reopen', other.id, '--by', 'Li')
    const shown = await json('findings', 'show', other.id)
    expect(shown.state).toBe('open')
    expect(shown.decisions.map(({ action }: { action: string }) => action)).toEqual([
      'confirmed',
      'dismissed',
      'reopened',
    ])
    const csv = (await gouji('findings', 'list', '--state', 'returned', 'open', '--format', 'csv')).stdout
    expect(csv.split('\r\n')[0]).toMatch(/^id,state,outdated,agency,year/)
    expect(csv).toContain(`${one.id},returned,no,淮安市洪泽区人民政府,2023`)
  })

  it('are fixed by a later revision, and say so', async () => {
    const html = readFileSync(join(folder, 'hongze-2023.html'))
    const [finding] = await json('findings', '--rule', 'ogi2021.t4_review_total')
    // The total of the reviews, 0 in the published page, corrected.
    const at = html.lastIndexOf(Buffer.from('<td', 'latin1'), html.length)
    expect(at).toBeGreaterThan(0)
    const text = html.toString('latin1')
    const row = text.lastIndexOf('<tr', text.lastIndexOf('</table>'))
    const cells = [...text.slice(row).matchAll(/<td[\s\S]*?<\/td>/g)]
    const total = cells[4]!
    expect(total[0].replace(/<[^>]*>|&nbsp;|\s/g, '')).toBe('0')
    const fixed = total[0].replace(/>(\s*)0(\s*)</, '>$111$2<')
    const start = row + total.index
    writeFileSync(
      join(folder, 'corrected.html'),
      Buffer.from(text.slice(0, start) + fixed + text.slice(start + total[0].length), 'latin1'),
    )
    expect((await gouji('ingest', 'corrected.html')).code).toBe(0)
    expect(await json('findings', '--rule', 'ogi2021.t4_review_total')).toEqual([])
    expect(await json('findings', '--state', 'fixed')).toMatchObject([{ id: finding.id, state: 'fixed' }])
    const late = await gouji('findings', 'confirm', finding.id)
    expect(late.code).toBe(2)
    expect(late.stderr).toContain('holds no more')
    const diff = await gouji('diff', '洪泽@2023#1', '洪泽@2023')
    expect(diff.code).toBe(1)
    expect(diff.stdout).toMatch(/t4\.cases\.review_total .* 0 +11 +\+11/)
    expect(diff.stdout).toContain('Cells that differ 1')
    expect(diff.stdout).toContain('− error  Table 4, administrative review')
  })

  it('refuses ids that are none, or not clear', async () => {
    expect(await gouji('findings', 'show', 'ffff0000ffff')).toMatchObject({ code: 2 })
    expect((await gouji('findings', 'show', 'zz')).stderr).toContain('No finding has an id that begins with zz')
    expect((await gouji('findings', 'show', '')).stderr).toMatch(/Several findings/)
  })
})

describe('diff', () => {
  it('compares years by their cells, and the same with itself', async () => {
    const { code, stdout } = await gouji('diff', '平潭@2023', '平潭@2024', '--format', 'csv')
    expect(code).toBe(1)
    expect(stdout).toContain(
      't2_art20_8.administrative_fees.fee_amount,number,5949.088667,number,18651.06,12701.971333',
    )
    expect(await gouji('diff', '平潭@2023', '平潭@2023')).toMatchObject({ code: 0 })
    expect((await gouji('diff', '平潭@1999', '平潭@2023')).stderr).toContain('Nothing is stored under 平潭@1999')
  })
})

describe('agencies', () => {
  it('are taken from a list, or refused with every line that is wrong', async () => {
    writeFileSync(
      join(folder, 'list.csv'),
      '机关,上级,数据含于上级,有规章制定权\n平潭综合实验区,福建省,是,否\n某县,福建省,,\n',
    )
    expect((await gouji('agencies', 'import', 'list.csv')).stdout).toContain('Agencies 2')
    expect(await json('agencies')).toMatchObject([
      { name: '平潭综合实验区', parent: '福建省', countedInParent: true, mayMakeRegulations: false },
      { name: '某县', countedInParent: false, mayMakeRegulations: null },
    ])
    writeFileSync(join(folder, 'bad.csv'), 'agency,since\n甲,1\n甲,2020\n,\n')
    const { code, stderr } = await gouji('agencies', 'import', 'bad.csv')
    expect(code).toBe(2)
    expect(stderr).toMatch(/2: a year is expected \(1\).*3: the agency is named twice \(甲\).*4: the name/)
    expect(await json('agencies')).toHaveLength(2)
    expect((await gouji('recheck')).stdout).toContain('Reports 3')
    const coverage = await gouji('agencies', 'coverage', '2023', '--format', 'csv')
    expect(coverage.code).toBe(1)
    expect(coverage.stdout.split('\r\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^平潭综合实验区,福建省,late,2024-03-08,2024-01-31,\d{4}-\d\d-\d\d,ogi_2021,0,\d+$/),
      '某县,福建省,missing,,,,,,',
    ])
  })

  it('are taken off the list by name, or as those that a new list does not have', async () => {
    const unknown = await gouji('agencies', 'remove', '某县', '无此县')
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('The list does not have 无此县; nothing was taken off it')
    expect(await json('agencies')).toHaveLength(2)
    const { code, stdout } = await gouji('agencies', 'remove', '某县')
    expect(code).toBe(0)
    expect(stdout).toBe('− 某县\ntaken off the list 1 · Reports whose findings changed 0\n')
    expect((await gouji('agencies', 'coverage', '2023', '--format', 'csv')).stdout).not.toContain('某县')
    writeFileSync(join(folder, 'new.csv'), 'agency\n乙县\n')
    expect((await gouji('agencies', 'import', 'new.csv')).stdout).toContain('Agencies 1 · Reports')
    expect(await json('agencies')).toHaveLength(2)
    const replaced = await gouji('agencies', 'import', 'new.csv', '--replace', '--lang', 'zh')
    expect(replaced.stdout).toBe('− 平潭综合实验区\n机关 1 · 移出名单 1 · 问题有变化的报告 0\n')
    expect(await json('agencies')).toMatchObject([{ name: '乙县' }])
  })
})
