/**
 * What the machine itself gives to two processes at once: the ceiling of whatever is measured with two threads or two
 * workers. Cores that are shared with others, or that share their caches, give less than twice one.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How many times as much two processes that share nothing do as one: the median of some turns, least and most. */
export async function gainOfTwo(turns) {
  const gains = []
  for (let turn = 0; turn < turns; turn++) {
    const [one] = await secondsOf(1)
    gains.push((2 * one) / Math.max(...(await secondsOf(2))))
  }
  gains.sort((a, b) => a - b)
  return { median: gains[Math.floor(gains.length / 2)], least: gains[0], most: gains.at(-1) }
}

function secondsOf(count) {
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
            stdio: ['ignore', 'pipe', 'inherit'],
          })
          let out = ''
          child.stdout.on('data', (piece) => {
            out += piece
          })
          child.once('close', () => resolve(Number(out)))
        }),
    ),
  )
}

/** Sums and short-lived objects, as reading makes them; gives how many seconds they took. */
function work() {
  const begun = performance.now()
  let sum = 0
  for (let round = 0; round < 60; round++) {
    for (let index = 0; index < 5e6; index++) sum = (sum * 31 + index) | 0
    sum += Array.from({ length: 2e5 }, (_, index) => ({ index, text: `k${index}` })).length
  }
  return sum === Number.MIN_VALUE ? 0 : (performance.now() - begun) / 1000
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(work())
