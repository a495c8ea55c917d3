/**
 * How well errors are found: `npx tsx test/generator/measure-localise.ts 300` injects so many slips of each kind into
 * generated reports of each form and says of each kind what became of them.
 */
import { seeSlip, slipOf } from '../rules/injected.ts'
import { slipKinds } from '../rules/injected-slips.ts'

const runs = Number(process.argv[2] ?? 300)
const verbose = process.argv[3]
const share = (part: number, all: number): string => (all === 0 ? '-' : `${((100 * part) / all).toFixed(1)}%`)
console.log('kind form slips contained determined exact-of-determined exact-of-all named-of-contained incomplete')
for (const form of ['ogi_2021', 'ogi_2019', 'ogi_2014'] as const) {
  for (const kind of slipKinds) {
    const seen = Array.from({ length: runs }, (_, seed) => slipOf(kind, form, seed)).flatMap((slip) =>
      slip === null ? [] : [seeSlip(slip)],
    )
    const contained = seen.filter((one) => one.contained)
    const determined = seen.filter((one) => one.determined)
    const exact = seen.filter((one) => one.exact)
    const line = [
      kind,
      form,
      seen.length,
      share(contained.length, seen.length),
      determined.length,
      share(determined.filter((one) => one.exact).length, determined.length),
      share(exact.length, seen.length),
      share(contained.filter((one) => one.named).length, contained.length),
      seen.filter((one) => !one.complete).length,
    ]
    console.log(line.join(' '))
    if (verbose === undefined) continue
    const told = seen.flatMap((one) => (one.contained && !one.named ? [one.cause ?? 'none'] : []))
    console.log(
      '   told as',
      JSON.stringify(
        Object.fromEntries([...new Set(told)].map((code) => [code, told.filter((one) => one === code).length])),
      ),
    )
    for (const one of seen
      .filter(({ contained, exact, determined }) => !contained || (determined && !exact))
      .slice(0, 2)) {
      console.log(
        JSON.stringify([...one.slip.wrong]),
        [...one.slip.wrong.keys()].map((code) => one.slip.cells.get(code)?.value),
      )
      console.log(
        JSON.stringify(
          one.localisation.parts.map(({ broken, explanations, complete }) => ({
            broken,
            complete,
            of: explanations
              .slice(0, 4)
              .map(({ changes, fills, weight, cause }) => [
                weight,
                cause?.code,
                changes.map(({ code, printed, range }) => `${code} ${printed}->${range}`),
                fills.map(({ code, range }) => `${code}=${range}`),
              ]),
          })),
        ),
      )
    }
  }
}
