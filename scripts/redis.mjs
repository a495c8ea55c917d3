/**
 * A real Redis for tests and measurements: found on this machine or installed, started on a free port of 127.0.0.1 in a
 * temporary folder with what the service asks for (append-only file, noeviction), stopped by its process number.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needProgram } from './packages.mjs'
import { freePort } from './ports.mjs'

const program = { names: ['redis-server', 'valkey-server'], packages: ['redis-server'] }

/**
 * Starts a server. Gives its URL, its process number, `kill` (as a machine that dies), `start` (again, with the data that
 * is on disk) and `stop`, which also removes the data.
 */
export async function startRedis(more = []) {
  const path = needProgram(program)
  const folder = mkdtempSync(join(tmpdir(), 'gouji-redis-'))
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes']
  let server
  const start = async () => {
    const all = [...settings, '--maxmemory-policy', 'noeviction', '--daemonize', 'no', ...more]
    server = spawn(path, all, { stdio: 'ignore' })
    await waitFor(port, server)
  }
  const end = async (signal) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill(signal)
    await ended
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: () => server.pid,
    start,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts a cluster of three masters. Gives the URLs of its nodes and `stop`. */
export async function startRedisCluster() {
  const nodes = []
  // One after another: a port is free until it is taken. The bus between nodes would else take one 10,000 higher.
  for (let count = 0; count < 3; count++)
    nodes.push(await startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())]))
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())))
  try {
    const addresses = nodes.map(({ url }) => url.replace('redis://', ''))
    execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { stdio: 'ignore' })
    return { urls: nodes.map(({ url }) => url), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Until it answers PING with PONG: while it loads its file it answers that it is loading. */
async function waitFor(port, server) {
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode}`)
    if (await answers(port)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('redis-server does not answer')
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const end = (good) => {
      socket.destroy()
      resolve(good)
    }
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')))
    socket.once('error', () => end(false))
    socket.setTimeout(1000, () => end(false))
  })
}
