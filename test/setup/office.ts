/**
 * LibreOffice for tests, to make documents of formats that nothing else here writes: found on this machine or installed,
 * run without a window in a profile of its own, many files by one process.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** LibreOffice leaves out files, without a word, where it is given some hundreds at once. */
const filesMax = 100

const packages = ['libreoffice-writer-nogui', 'libreoffice-calc-nogui']

/** The path of the program; installs it where this runs as root on Debian. */
export function findOffice(): string {
  const found = officeOnPath()
  if (found !== null) return found
  if (process.getuid?.() !== 0)
    throw new Error(`LibreOffice is needed for the tests: install ${packages.join(' and ')}, or run them as root`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['update', '-q'], { stdio: 'inherit', env })
  execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { stdio: 'inherit', env })
  const installed = officeOnPath()
  if (installed === null) throw new Error('LibreOffice was installed but its program was not found')
  return installed
}

function officeOnPath(): string | null {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/lib/libreoffice/program']
  for (const place of places) if (place !== '' && existsSync(join(place, 'soffice'))) return join(place, 'soffice')
  return null
}

/** Each file, of the format named by its extension `from`, as LibreOffice writes it in the format `to`. */
export function convertWithOffice(files: readonly Uint8Array[], from: string, to: string): Uint8Array[] {
  const office = findOffice()
  const folder = mkdtempSync(join(tmpdir(), 'gouji-office-'))
  try {
    const [source, target] = [join(folder, 'in'), join(folder, 'out')]
    mkdirSync(source)
    const paths = files.map((bytes, index) => {
      const path = join(source, `${index}.${from}`)
      writeFileSync(path, bytes)
      return path
    })
    const profile = `-env:UserInstallation=${pathToFileURL(join(folder, 'profile')).href}`
    for (let first = 0; first < paths.length; first += filesMax) {
      const rest = ['--headless', '--convert-to', to, '--outdir', target, ...paths.slice(first, first + filesMax)]
      // What it warns of (no Java, no display) is shown only where it fails.
      execFileSync(office, [profile, ...rest], { stdio: ['ignore', 'ignore', 'pipe'] })
    }
    return files.map((_, index) => readFileSync(join(target, `${index}.${to}`)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
