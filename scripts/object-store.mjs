/**
 * A real object store that speaks S3, for tests: OpenStack Swift with its S3 interface, as Debian ships it; one account,
 * one disk, four servers on free ports of 127.0.0.1 in a temporary folder, stopped by their process numbers.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { needProgram, objectStore } from './packages.mjs'
import { freePort } from './ports.mjs'

const kinds = ['account', 'container', 'object']
const filters = ['catch_errors', 'gatekeeper', 'cache', 's3api', 'tempauth', 'copy', 'slo', 'dlo']

/** On a busy machine one late answer must not have it believe for a minute that a disk is gone. */
const patience = 'conn_timeout = 10\nnode_timeout = 60\nrecoverable_node_timeout = 60\nerror_suppression_limit = 1000\n'

/** Which server has what, as swift-ring-builder writes it, which takes as long for one step as this for all. */
const rings = `
import sys
from os.path import join
from swift.common.ring import RingBuilder
for kind, port in zip(('account', 'container', 'object'), sys.argv[2:]):
    builder = RingBuilder(4, 1, 1)
    builder.add_dev(dict(region=1, zone=1, ip='127.0.0.1', port=int(port), device='d1', weight=1))
    builder.rebalance()
    builder.get_ring().save(join(sys.argv[1], kind + '.ring.gz'))
`

/** Starts it. Gives its settings, `kill` and `start` for what clients talk to, and `stop`, which also removes the data. */
export async function startObjectStore() {
  const programs = dirname(needProgram(objectStore))
  const folder = mkdtempSync(join(tmpdir(), 'gouji-s3-'))
  const disk = join(folder, 'disk')
  mkdirSync(join(disk, 'd1'), { recursive: true })
  const shared = `bind_ip = 127.0.0.1\nworkers = 0\nuser = ${userInfo().username}\nswift_dir = ${folder}\n`
  const running = []
  const run = (kind) => {
    const server = spawn(join(programs, `swift-${kind}-server`), [join(folder, `${kind}.conf`)], { stdio: 'ignore' })
    running.push(server)
    return server
  }
  const ports = await Promise.all(kinds.map(freePort))
  // Debian's own: another Python may come first on the PATH.
  execFileSync('/usr/bin/python3', ['-c', rings, folder, ...ports.map(String)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const stores = []
  for (const [index, kind] of kinds.entries()) {
    const own = `devices = ${disk}\nmount_check = false\n[pipeline:main]\npipeline = ${kind}-server\n`
    const app = `[app:${kind}-server]\nuse = egg:swift#${kind}\n`
    writeFileSync(join(folder, `${kind}.conf`), `[DEFAULT]\nbind_port = ${ports[index]}\n${shared}${own}${app}`)
    stores.push(answers(`http://127.0.0.1:${ports[index]}/`, run(kind)))
  }
  await Promise.all(stores)
  const port = await freePort()
  const pipeline = `[pipeline:main]\npipeline = ${filters.join(' ')} proxy-server\n`
  const app = `[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n${patience}`
  // It asks for a memcached and does without one that is not there.
  const more = {
    cache: 'memcache_servers = 127.0.0.1:1',
    s3api: 'location = us-east-1',
    tempauth: 'user_test_tester = testing .admin',
  }
  const sections = filters.map(
    (name) => `[filter:${name}]\nuse = egg:swift#${name === 'cache' ? 'memcache' : name}\n${more[name] ?? ''}\n`,
  )
  writeFileSync(
    join(folder, 'proxy.conf'),
    `[DEFAULT]\nbind_port = ${port}\n${shared}${pipeline}${app}${sections.join('')}`,
  )
  let proxy
  const start = async () => {
    proxy = run('proxy')
    await answers(`http://127.0.0.1:${port}/`, proxy)
  }
  await start()
  return {
    settings: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      accessKey: 'test:tester',
      secretKey: 'testing',
      sessionToken: '',
    },
    start,
    kill: () => end(proxy),
    stop: async () => {
      await Promise.all(running.map(end))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function end(server) {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGKILL')
  await ended
}

async function answers(url, server) {
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended with ${server.exitCode}`)
    const answer = await fetch(url).catch(() => null)
    if (answer !== null) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${server.spawnfile} does not answer`)
}
