/**
 * A real PostgreSQL for tests: found on this machine or installed, started on a free port of 127.0.0.1 in a temporary
 * folder, stopped by its process number. `initdb` refuses to run as root, so as root an ordinary user runs it.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findProgram, installPackages } from './packages.mjs'
import { freePort } from './ports.mjs'

const asRoot = process.getuid?.() === 0

/**
 * Starts a server. Gives its URL, its process number, `kill` (as a machine that dies), `start` (again, on the same data) and `stop`, which also
 * removes the data.
 */
export async function startPostgres() {
  const binaries = findBinaries() ?? install()
  const folder = mkdtempSync(join(tmpdir(), 'gouji-postgres-'))
  chmodSync(folder, 0o755)
  if (asRoot) execFileSync('chown', ['-R', 'postgres', folder])
  const data = join(folder, 'data')
  run(`${binaries}/initdb`, ['-D', data, '-U', 'gouji', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'])
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${folder}`]
  const [command, rest] = asUser(`${binaries}/postgres`, ['-D', data, ...settings.flatMap((one) => ['-c', one])])
  const url = `postgres://gouji@127.0.0.1:${port}/postgres`
  let server
  const start = async () => {
    server = spawn(command, rest, { stdio: 'ignore' })
    await waitFor(`${binaries}/pg_isready`, port, server)
  }
  // Fast shutdown ends open connections; immediate is what a power cut leaves.
  const end = async (mode) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = new Promise((resolve) => server.once('exit', resolve))
    run(`${binaries}/pg_ctl`, ['stop', '-D', data, '-m', mode, '-s'])
    await ended
  }
  await start()
  const stop = async () => {
    await end('fast')
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, pid: () => server.pid, start, kill: () => end('immediate'), stop }
}

function findBinaries() {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const places = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  const complete = places.filter((place) =>
    ['initdb', 'postgres', 'pg_ctl'].every((name) => findProgram([name], [place])),
  )
  return complete[0] ?? null
}

function install() {
  installPackages(['postgresql'])
  const found = findBinaries()
  if (found === null) throw new Error('PostgreSQL was installed but its programs were not found')
  return found
}

function asUser(command, rest) {
  return asRoot
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--', command, ...rest]]
    : [command, rest]
}

function run(command, rest) {
  const [program, parameters] = asUser(command, rest)
  execFileSync(program, parameters, { stdio: ['ignore', 'ignore', 'inherit'], cwd: '/' })
}

async function waitFor(ready, port, server) {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended at once, with ${server.exitCode}`)
    try {
      execFileSync(ready, ['-h', '127.0.0.1', '-p', String(port), '-q'], { stdio: 'ignore' })
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error('PostgreSQL did not start within 20 seconds')
}
