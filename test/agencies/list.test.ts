/** The user's list of agencies: what is taken, and what is refused with its line. */
import { describe, expect, it } from 'vitest'
import { readAgencyList } from '../../src/agencies/list.ts'

const codes = (csv: string): string[] => readAgencyList(csv).problems.map(({ line, code }) => `${line} ${code}`)

describe('a list of agencies', () => {
  it('is read by names of columns in both languages, in any order', () => {
    const { agencies, problems } = readAgencyList('\ufeff上级,机关,数据含于上级,since\n乙市, 甲局 ,是,2021\n,乙市,,\n')
    expect(problems).toEqual([])
    expect(agencies).toEqual([
      {
        name: '甲局',
        parent: '乙市',
        countedInParent: true,
        mayMakeRegulations: null,
        level: null,
        since: 2021,
        until: null,
      },
      {
        name: '乙市',
        parent: null,
        countedInParent: false,
        mayMakeRegulations: null,
        level: null,
        since: null,
        until: null,
      },
    ])
  })

  it.each([
    ['agency,since\n甲,1\n甲,2020\n,\n', ['2 not_a_year', '3 twice', '4 no_name']],
    ['agency,since\n\n甲,1\n\n乙,x\n', ['3 not_a_year', '5 not_a_year']],
    ['agency,parent,since,until\n"甲\n乙",丙,2020,2010\n丁,丁,,\n', ['3 since_after_until', '4 own_parent']],
    ['agency,name\nx,y\n', ['1 column_twice']],
    ['x\n1\n', ['1 unknown_column', '1 no_agency_column', '2 no_name']],
    ['agency,counted_in_parent\n甲,maybe\n', ['2 not_yes_or_no']],
    ['', ['1 no_agency_column']],
  ])('%j is refused with every line that is wrong', (csv, expected) => {
    expect(codes(csv)).toEqual(expected)
  })

  it('loses nothing to a quote that never ends, and takes no NUL into a name', () => {
    expect(codes('agency\n"甲,\n乙\n')).toEqual([expect.stringMatching(/ not_csv$/)])
    expect(readAgencyList('agency\n甲\0乙\n').agencies[0]!.name).toBe('甲乙')
  })
})
