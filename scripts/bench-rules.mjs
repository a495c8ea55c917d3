/**
 * What `npm run bench` measures of rules: how many reports a second are judged by all rules of one report, and how long it
 * takes to find where a report with one slip is wrong. Reports are generated as in the tests: one in ten has a slip.
 */
const root = new URL('..', import.meta.url)
const slipEvery = 10

/** Facts of generated reports as the rules take them, ready to be judged: `filled` in every cell, or with blanks. */
export async function judge(count, kind) {
  const { loadRegistry } = await import(new URL('dist/src/forms/registry.js', root))
  const { compileRegistry, evaluateRules } = await import(new URL('dist/src/rules/evaluate.js', root))
  const { ruleInputs } = await import(new URL('test/rules/injected.ts', root))
  const rules = compileRegistry(loadRegistry())
  const isFilled = ({ facts }) => facts.every(({ state }) => state === 'number')
  const inputs = ruleInputs(count, slipEvery)
    .filter((input) => isFilled(input) === (kind === 'filled'))
    .map((input) => ({ ...input, rules }))
  return {
    bytes: inputs.length,
    run: () => {
      for (const input of inputs) evaluateRules(input)
    },
  }
}

/** Milliseconds a report, the least of five runs each: median, 99th of a hundred, greatest; how many met a bound. */
export async function localiseTimes(seeds, most) {
  const { localiseSlip, sheetOf, slipOf, slipsOf } = await import(new URL('test/rules/injected.ts', root))
  const { slipKinds } = await import(new URL('test/rules/injected-slips.ts', root))
  const counts = Array.from({ length: most }, (_, index) => index + 1)
  const jobs = []
  for (const form of ['ogi_2021', 'ogi_2019', 'ogi_2014']) {
    for (let seed = 5000; seed < 5000 + seeds; seed++) {
      const slips =
        most === 1
          ? slipKinds.map((kind) => slipOf(kind, form, seed))
          : counts.map((count) => slipsOf(count, form, seed))
      for (const slip of slips) if (slip !== null) jobs.push({ slip, sheet: sheetOf(slip), times: [] })
    }
  }
  for (const { slip, sheet } of jobs.slice(0, 500)) localiseSlip(slip, sheet)
  let incomplete = 0
  for (let turn = 0; turn < 5; turn++) {
    for (const { slip, sheet, times } of jobs) {
      const begun = performance.now()
      const { parts } = localiseSlip(slip, sheet)
      times.push(performance.now() - begun)
      if (turn === 0 && parts.some(({ explanations }) => explanations.length === 0)) incomplete++
    }
  }
  const sorted = jobs.map(({ times }) => Math.min(...times)).sort((one, other) => one - other)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return { reports: sorted.length, median: at(0.5), most: at(0.99), greatest: at(1), incomplete }
}
