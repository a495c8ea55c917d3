/** `gouji rules` and `--rules` as a process: what is listed, what the exit codes say, what is refused and why. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Options, type Result, runGouji, samples } from './process.ts'

let folder: string
const gouji = (args: readonly string[], options?: Options): Promise<Result> => runGouji(folder, args, options)
const city = join(samples, 'rules/city.json')
const huaian = join(samples, 'huaian-2024.docx')

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gouji-rules-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Pack = { form: string; rules: Record<string, unknown>[] }

/** The sample pack, changed, as a file of its own. */
function pack(name: string, change: (pack: Pack) => void): string {
  const made = JSON.parse(readFileSync(city, 'utf8')) as Pack
  change(made)
  writeFileSync(join(folder, name), JSON.stringify(made))
  return name
}

describe('gouji rules', () => {
  it('lists the rules of all forms, or of one, with those of the user', async () => {
    const all = JSON.parse((await gouji(['rules', '--format', 'json'])).stdout) as { id: string; form: string }[]
    const one = await gouji(['rules', 'list', 'ogi_2021', '--rules', city, '--format', 'json'])
    const listed = JSON.parse(one.stdout) as { id: string; form: string; scope: string; title: object }[]
    expect(one.code).toBe(0)
    expect(new Set(all.map(({ form }) => form))).toEqual(new Set(['ogi_2021', 'ogi_2019', 'ogi_2014']))
    const own = all.filter(({ form }) => form === 'ogi_2021').map(({ id }) => id)
    const added = ['city.few_carried_forward', 'city.suits_need_requests', 'city.usual_decisions']
    expect(listed.map(({ id }) => id)).toEqual([...own, ...added])
    expect(listed.at(-1)).toMatchObject({ scope: 'years', title: { zh: '处罚、强制决定数量与往年相当' } })
    const { stdout } = await gouji(['rules', 'list', 'ogi_2014', '--lang', 'zh'])
    expect(stdout).toMatch(/ogi2014\.staff_sum\s+错误\s+表\s+工作人员数等于专职与兼职人员数之和/)
  })

  it('shows one with why, who says so, where it does not hold, and examples', async () => {
    const { code, stdout } = await gouji(['rules', 'show', 'ogi2021.fee_unpaid_needs_fee_notice'])
    expect(code).toBe(0)
    expect(stdout).toContain('t3.other_fee_unpaid.total > 0 => mentioned(other_matters, info_fee)')
    expect(stdout).toContain('Why: A fee can only go unpaid after a notice of it.')
    expect(stdout).toContain('holds: {"cells":{"t3.other_fee_unpaid.total":2},"text":{"other_matters.info_fee":true}}')
    expect(stdout).toContain('broken: {"cells":{"t3.other_fee_unpaid.total":2}}')
    const chinese = await gouji(['rules', 'show', 'ogi2021.t3_balance', '--lang', 'zh'])
    expect(chinese.stdout).toContain('依据: 《中华人民共和国政府信息公开工作年度报告格式》（国办公开办函〔2021〕30号）')
    expect(chinese.stdout).toContain('例外: 申请人撤回')
  })

  it('refuses forms and rules that there are not', async () => {
    for (const args of [
      ['list', 'ogi_2020'],
      ['test', 'ogi_2020'],
      ['lint', 'ogi_2020'],
      ['show', 'ogi2021.t9'],
    ]) {
      const { code, stdout, stderr } = await gouji(['rules', ...args])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toContain(args[1])
    }
  })

  it('runs examples, and ends with 1 where one says otherwise', async () => {
    const fine = await gouji(['rules', 'test', 'ogi_2021', '--rules', city])
    expect([fine.code, fine.stdout]).toEqual([0, expect.stringMatching(/^Examples \d{3} · wrong 0\n$/)])
    const wrong = pack('wrong-example.json', ({ rules }) => {
      const [holds, broken] = rules[0]!.examples as { verdict: string }[]
      rules[0]!.examples = [holds, { ...broken, verdict: 'holds' }]
    })
    const { code, stdout } = await gouji(['rules', 'test', '--rules', wrong])
    expect(code).toBe(1)
    expect(stdout).toContain('city.few_carried_forward /examples/1: broken ≠ holds\n')
    expect(stdout).toContain('wrong 1\n')
  })

  it('finds what does not fit together, and ends with 1', async () => {
    const fine = await gouji(['rules', 'lint', 'ogi_2021', '--rules', city])
    expect([fine.code, fine.stdout]).toEqual([0, 'Problems 0\n'])
    const wrong = pack('wrong-set.json', ({ rules }) => {
      rules[0]!.formula = 't3.new_received.total < t3.new_received.natural_person'
      rules[1]!.examples = []
    })
    const { code, stdout } = await gouji(['rules', 'lint', 'ogi_2021', '--rules', wrong, '--format', 'json'])
    expect(code).toBe(1)
    const problems = JSON.parse(stdout) as { code: string; rule: string; others: string[] }[]
    expect(problems.map((problem) => [problem.code, problem.rule])).toEqual([
      ['contradiction', 'ogi2021.t3_row_total'],
      ['no_example', 'city.suits_need_requests'],
    ])
    expect(problems[0]!.others).toEqual(['city.few_carried_forward'])
    const told = await gouji(['rules', 'lint', 'ogi_2021', '--rules', wrong])
    expect(told.stdout).toMatch(/^ogi2021\.t3_row_total: .*city\.few_carried_forward/)
  })
})

describe('--rules', () => {
  const findingsOf = (stdout: string): { rule: string; message: { zh: string; en: string } }[] =>
    JSON.parse(stdout.trim()).findings

  it('adds rules whose findings stand among the others', async () => {
    const without = findingsOf((await gouji(['extract', huaian, '--format', 'jsonl'])).stdout)
    const { code, stdout, stderr } = await gouji(['extract', huaian, '--rules', city, '--format', 'jsonl'])
    expect([code, stderr]).toEqual([0, ''])
    const own = findingsOf(stdout).filter(({ rule }) => rule.startsWith('city.'))
    expect(own.map(({ rule, message }) => [rule, message])).toEqual([
      [
        'city.few_carried_forward',
        {
          zh: '结转下年度103件，超过新收与上年结转之和的3%（94.59件）。',
          en: '103 requests are carried forward, more than 3% of new and carried over together (94.59).',
        },
      ],
    ])
    expect(findingsOf(stdout).filter(({ rule }) => !rule.startsWith('city.'))).toEqual(without)
    const named = await gouji(['extract', huaian, '--format', 'jsonl'], { env: { GOUJI_RULES: city } })
    expect(findingsOf(named.stdout)).toEqual(findingsOf(stdout))
  })

  const wrong: [string, (pack: Pack) => void, string, RegExp][] = [
    [
      'a form that there is not',
      (made) => {
        made.form = 'ogi_2020'
      },
      '/form',
      /must be one of .*ogi_2021/,
    ],
    [
      'a prefix that a form has',
      ({ rules }) => {
        for (const rule of rules) rule.id = String(rule.id).replace('city', 'ogi2021')
      },
      '/rules/0/id',
      /“ogi2021” belong to the form ogi_2021/,
    ],
    [
      'two prefixes',
      ({ rules }) => {
        rules[1]!.id = 'town.suits'
      },
      '/rules/1/id',
      /city/,
    ],
    [
      'a formula that says nothing',
      ({ rules }) => {
        rules[2]!.formula = 't3.granted.total >='
      },
      '/rules/2/formula',
      /character 20/,
    ],
    [
      'a cell that the form lacks',
      ({ rules }) => {
        rules[0]!.formula = 't3.granted.sum > 0'
      },
      '/rules/0/formula',
      /t3\.granted\.sum/,
    ],
    [
      'a field that there is not',
      ({ rules }) => {
        rules[0]!.severty = 'error'
      },
      '/rules/0/severty',
      /./,
    ],
    [
      'an example without a verdict',
      ({ rules }) => {
        rules[0]!.examples = [{ cells: {} }]
      },
      '/rules/0/examples/0/verdict',
      /./,
    ],
  ]
  it.each(wrong)('refuses %s, with file, place and reason', async (name, change, path, reason) => {
    const file = pack(`${name.replaceAll(' ', '-')}.json`, change)
    const { code, stdout, stderr } = await gouji(['extract', huaian, '--rules', file])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(file)
    const told = stderr.split('\n').find((line) => line.includes(`${path}: `))
    expect(told).toMatch(reason)
  })

  it('refuses two files with one prefix, and a file that is not there', async () => {
    const again = pack('again.json', ({ rules }) => {
      rules.splice(1)
    })
    const twice = await gouji(['rules', 'list', '--rules', city, '--rules', again])
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('“city”')])
    const missing = await gouji(['rules', 'list', '--rules', 'nowhere.json'])
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('nowhere.json')])
  })
})

describe('gouji schema rules', () => {
  it('takes the sample, and what it refuses gouji refuses too', async () => {
    const { code, stdout } = await gouji(['schema', 'rules'])
    expect(code).toBe(0)
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(stdout))
    const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
    expect(validate(read(city)), JSON.stringify(validate.errors)).toBe(true)
    const changes: ((pack: Pack) => void)[] = [
      (made) => Object.assign(made, { tables: 1 }),
      ({ rules }) => Object.assign(rules[0]!, { id: 'city' }),
      ({ rules }) => Object.assign(rules[0]!, { nullPolicy: 'zero' }),
      ({ rules }) => Object.assign(rules[0]!, { tolerance: 'exact' }),
      ({ rules }) => Object.assign(rules[0]!, { examples: [{ verdict: 'holds', cells: { t3: 1 } }] }),
      ({ rules }) => delete rules[0]!.message,
    ]
    for (const [index, change] of changes.entries()) {
      const file = pack(`schema-${index}.json`, change)
      expect([index, validate(read(join(folder, file)))]).toEqual([index, false])
      expect([index, (await gouji(['rules', 'list', '--rules', file])).code]).toEqual([index, 2])
    }
  })
})
