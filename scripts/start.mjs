/**
 * `npm start`: the main job on the samples, into an embedded store, with the audit report at the end. Builds first where
 * nothing was built yet.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = `${root}/dist/src/cli/main.js`
if (!existsSync(main)) execFileSync(process.execPath, [`${root}/scripts/build.mjs`], { stdio: 'inherit' })
const exclude = [
  '--exclude',
  'README.md',
  '--exclude',
  '*.truth.json',
  '--exclude',
  'samples/foia/*',
  '--exclude',
  'samples/rules/*',
]
const ingest = ['ingest', 'samples', ...exclude, '--audit', ...process.argv.slice(2)]
const { status } = spawnSync(process.execPath, [main, ...ingest], { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 1
