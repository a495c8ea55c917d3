/**
 * One owner for an embedded store: PGlite does not refuse a second process on the same files, and was seen to lose the
 * first one's rows without a word. The lock is a file made exclusively, with the owner's process number and start time,
 * so that a lock left behind by a process that was killed is known for what it is, also when its number is used again.
 */
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { detailOf, UserError } from '../errors.ts'

type Owner = { readonly pid: number; readonly started: string; readonly host: string; readonly since: string }

/** Who died while taking over a lock is waited for this long. */
const takeoverMilliseconds = 10_000

/**
 * Takes the lock of a folder and gives the function that releases it.
 * @throws UserError `store_locked` naming the process that holds it and since when, `path_not_writable`
 */
export function lockFolder(folder: string, now: Date): () => void {
  const file = path.join(folder, 'gouji.lock')
  const owner: Owner = { pid: process.pid, started: startOf(process.pid), host: hostname(), since: now.toISOString() }
  try {
    if (!create(file, owner)) takeOver(file, owner, folder)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    throw new UserError('path_not_writable', { path: folder, detail: detailOf(error) })
  }
  let held = true
  const release = (): void => {
    if (!held) return
    held = false
    process.off('exit', release)
    unlockFolder(folder)
  }
  process.on('exit', release)
  return release
}

/** Removes a lock that a thread of this process took and could not release. */
export function unlockFolder(folder: string): void {
  const file = path.join(folder, 'gouji.lock')
  if (read(file)?.pid === process.pid) rmSync(file, { force: true })
}

function create(file: string, owner: Owner): boolean {
  try {
    writeFileSync(file, JSON.stringify(owner), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Only one process at a time may judge a lock stale and replace it: a folder made exclusively stands guard. */
function takeOver(file: string, owner: Owner, folder: string): void {
  const guard = `${file}.takeover`
  refuseIfAlive(file, folder)
  try {
    mkdirSync(guard)
  } catch {
    if (ageOf(guard) < takeoverMilliseconds) throw lockedBy(read(file), folder)
    rmdirSync(guard)
    mkdirSync(guard)
  }
  try {
    refuseIfAlive(file, folder)
    rmSync(file, { force: true })
    if (!create(file, owner)) throw lockedBy(read(file), folder)
  } finally {
    rmdirSync(guard)
  }
}

function refuseIfAlive(file: string, folder: string): void {
  const holder = read(file)
  // A lock that cannot be read was made this instant, or by something else: it is not ours to remove.
  if (holder === null ? ageOf(file) < takeoverMilliseconds : isAlive(holder)) throw lockedBy(holder, folder)
}

function lockedBy(holder: Owner | null, folder: string): UserError {
  return new UserError('store_locked', { path: folder, pid: holder?.pid ?? 0, since: holder?.since ?? '' }, true)
}

function isAlive(holder: Owner): boolean {
  // Another machine's processes cannot be asked: a shared folder's lock is believed.
  if (holder.host !== hostname()) return true
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return holder.started === '' || startOf(holder.pid) === holder.started
}

/** When a process began, in the kernel's ticks; empty where the system does not say. */
function startOf(pid: number): string {
  try {
    // The second field is a name in brackets that may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function read(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner
  } catch {
    return null
  }
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
