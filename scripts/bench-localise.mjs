/**
 * `npx tsx scripts/bench-localise.mjs`: how long it takes to find where generated reports with one slip each are wrong, in
 * milliseconds a report. Each is timed five times and its least time taken: what others do on
 * a shared machine is none of it.
 */
import { localiseSlip, sheetOf, slipOf } from '../test/rules/injected.ts'
import { slipKinds } from '../test/rules/injected-slips.ts'

const seeds = Number(process.argv[2] ?? 100)
const jobs = []
for (const form of ['ogi_2021', 'ogi_2019', 'ogi_2014']) {
  for (const kind of slipKinds) {
    for (let seed = 5000; seed < 5000 + seeds; seed++) {
      const slip = slipOf(kind, form, seed)
      if (slip !== null) jobs.push({ slip, sheet: sheetOf(slip), times: [] })
    }
  }
}
for (const { slip, sheet } of jobs.slice(0, 500)) localiseSlip(slip, sheet)
let incomplete = 0
for (let turn = 0; turn < 5; turn++) {
  for (const { slip, sheet, times } of jobs) {
    const begun = performance.now()
    const { parts } = localiseSlip(slip, sheet)
    times.push(performance.now() - begun)
    if (turn === 0 && !parts.every(({ complete }) => complete)) incomplete++
  }
}
const sorted = jobs
  .map(({ slip, times }) => ({ slip, time: [...times].sort((one, other) => one - other)[0] }))
  .sort((one, other) => one.time - other.time)
const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].time.toFixed(2)
console.log(
  `${sorted.length} reports: p50 ${at(0.5)} ms, p90 ${at(0.9)}, p99 ${at(0.99)}, max ${at(1)}; ${incomplete} met a bound`,
)
console.log(
  sorted
    .slice(-8)
    .map(({ slip, time }) => `${slip.kind} ${slip.form.definition.id} ${time.toFixed(1)}`)
    .join('; '),
)
