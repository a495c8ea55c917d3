import { expect, it } from 'vitest'
import { csvLine } from '../../src/exports/csv.ts'

it('quotes what could end a field or a line for anyone, and keeps it as it is', () => {
  expect(csvLine(['a\nb', 'a\u000bb', 'a\u2028b', 'a\tb', 'a,"b', ' a', '=a', '\ta', 'a', -1, true, null])).toBe(
    '"a\nb","a\u000bb","a\u2028b","a\tb","a,""b"," a",\'=a,"\'\ta",a,-1,yes,\r\n',
  )
})
