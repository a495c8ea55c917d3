/**
 * `npm run test:crash`: 2,000 documents through 4 workers of which one is killed 100 times and more, while Redis and
 * PostgreSQL are killed too. Prints the figures; ends with 1 where anything was lost or doubled. Numbers of documents, of
 * kills and a seed may be given.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { crash } from '../test/system/crash.ts'

const [documents = 2_000, kills = 110, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number)
execFileSync(process.execPath, [fileURLToPath(new URL('./build.mjs', import.meta.url))], { stdio: 'inherit' })
const setup = { documents, kills, seed, workers: 4, restarts: 3, secondsMax: 3_600, tell: console.log }
const { differences, wrong, ...figures } = await crash(setup)
console.log(JSON.stringify({ seed, workers: setup.workers, ...figures }, null, 2))
const bad = [...differences, ...wrong]
for (const line of bad.slice(0, 50)) console.error(line)
const whole = figures.documents === documents && figures.kills >= kills
console.log(bad.length === 0 && whole ? 'nothing lost, nothing doubled' : `${bad.length} differences`)
process.exitCode = bad.length === 0 && whole ? 0 : 1
