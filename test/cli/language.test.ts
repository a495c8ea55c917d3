/** Help and complaints in the language of the user, wherever it is said. */
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { runGouji } from './process.ts'

const gouji = (args: readonly string[], env?: Record<string, string>) => runGouji(tmpdir(), args, env ? { env } : {})

describe('help', () => {
  it.each([
    [''],
    ['ingest'],
    ['extract'],
    ['inspect'],
    ['reports'],
    ['audit'],
    ['export'],
    ['query'],
    ['forms'],
    ['forms show'],
    ['forms check'],
    ['runs'],
    ['runs show'],
    ['doctor'],
    ['forms crosswalk'],
    ['schema'],
  ])('of %s is Chinese', async (command) => {
    const { code, stdout, stderr } = await gouji([...command.split(' ').filter(Boolean), '--help', '--lang', 'zh'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^用法： gouji/)
    expect(stdout).toContain('显示命令的用法')
    expect(stdout).not.toMatch(/\b(?:the|of|and|is|for|display|default|choices|usage|options|command)\b/i)
  })

  it('is English elsewhere', async () => {
    for (const env of [{}, { LANG: 'zh_CN.UTF-8', GOUJI_LANG: 'en' }])
      expect((await gouji(['audit', '--help'], env)).stdout).not.toMatch(/[\u4e00-\u9fff]/)
    expect((await gouji(['audit', '--help'], { LANG: 'zh_CN.UTF-8' })).stdout).toMatch(/^用法/)
  })
})

describe('docs/cli.md', () => {
  it('has every command with every option', async () => {
    const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
    const listed = (help: string, what: RegExp) => [...help.matchAll(what)].map(([, name]) => name!)
    const { stdout: help } = await gouji(['--help'])
    const commands = listed(help.split('Commands:')[1]!, /^ {2}([a-z]+)/gm)
    expect(commands.length).toBeGreaterThan(10)
    for (const command of commands) {
      const part = docs.split('\n#').find((one) => one.split('\n')[0]!.includes(command)) ?? docs
      expect(part).toContain(command)
      const own = (await gouji([command, '--help'])).stdout.split('Global Options:')[0]!
      for (const option of listed(own, /^ {2}(?:-\w, )?(--[a-z-]+)/gm))
        expect(option === '--help' ? docs : part).toContain(option)
    }
  })
})

describe('wrong usage', () => {
  it.each([
    [['extract'], '缺少 <paths>', '<paths> is missing'],
    [['ingst'], '没有命令 ingst（相近的有：ingest）', 'there is no command ingst (similar: ingest)'],
    [['reports', "--o'k"], "没有选项 --o'k", "there is no option --o'k"],
    [['reports', '--store'], '--store 需要一个值', '--store needs a value'],
    [['reports', 'x'], '参数过多：最多 0 个，给出了 1 个', 'too many arguments: at most 0, but there are 1'],
    [
      ['audit', '--format', "x'y"],
      "--format：“x'y”（html, json, csv, xlsx, sarif, ess, letter, table）",
      `--format: "x'y" (html, json, csv, xlsx, sarif, ess, letter, table)`,
    ],
    [['schema', 'x'], 'what：“x”（extract, form, rules）', 'what: "x" (extract, form, rules)'],
    [['query', 'x', '--limit', '0'], '--limit：“0”（从 1 起的整数）', '--limit: "0" (a whole number from 1)'],
  ])('%j is said in both languages', async (args, zh, en) => {
    expect(await gouji(['--lang=zh', ...args])).toEqual({
      code: 2,
      stdout: '',
      stderr: `命令用法有误：${zh}。可加--help查看用法。\n`,
    })
    expect((await gouji(args)).stderr).toBe(`Wrong usage: ${en}. See --help.\n`)
  })

  it('is a language that there is not, also in the environment', async () => {
    for (const { code, stderr } of [
      await gouji(['forms'], { GOUJI_LANG: 'fr' }),
      await gouji(['--lang', 'fr', 'forms']),
    ])
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/LANG|lang.*"fr" \(zh, en\)/) })
  })
})
