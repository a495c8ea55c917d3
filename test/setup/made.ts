/**
 * Files that programs outside took long to make, kept beside the installed packages: taken again by the hash of all that
 * they were made from. Nothing is ever removed here; `npm ci` does.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../node_modules/.cache/gouji-made/', import.meta.url))

/** The name under which something made from these parts is kept. */
export function nameOfMade(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}

/** What was kept under this name; null where nothing was. */
export function takeMade(name: string): Uint8Array | null {
  const path = join(folder, name)
  return existsSync(path) ? new Uint8Array(readFileSync(path)) : null
}

/** Keeps bytes under a name; another process may do the same at the same time. */
export function keepMade(name: string, bytes: Uint8Array): void {
  mkdirSync(folder, { recursive: true })
  const unfinished = join(folder, `${name}.${process.pid}`)
  writeFileSync(unfinished, bytes)
  renameSync(unfinished, join(folder, name))
}
