/**
 * Builds dist/: type-checked JavaScript, and beside it the data files that the code reads at run time.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const isData = (source) => !/\.ts$/.test(source)

rmSync(`${root}/dist`, { recursive: true, force: true })
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.json`], {
  stdio: 'inherit',
})
for (const folder of ['src', 'parsers', 'workers'].filter((name) => existsSync(`${root}/${name}`))) {
  cpSync(`${root}/${folder}`, `${root}/dist/${folder}`, { recursive: true, filter: isData })
}
chmodSync(`${root}/dist/src/cli/main.js`, 0o755)
