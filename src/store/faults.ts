/**
 * Whose failure it is when the store says no: the document's, which cannot be stored as it is; or the connection's, the
 * server's, the disk's, which may pass: what was being done is then done again, and nobody is to blame. Anything else is a
 * bug of ours.
 */
import { setTimeout } from 'node:timers/promises'
import { detailOf, isNetworkCode, UserError } from '../errors.ts'
import { hidePasswords } from '../secrets.ts'
import type { Store } from './open.ts'

/**
 * PostgreSQL's classes and codes: connection lost, shut down, starting or ended for standing idle, a standby, no space or
 * connections, conflicts.
 */
const passing = /^(?:08...|57P0[1-35]|25006|25P03|53...|58030|40001|40P01|55P03)$/
const conflict = /^(?:40001|40P01|23505)$/
const lost =
  /Connection terminated|connection error|is not queryable|timeout exceeded when trying to connect|read ECONN|Cannot use a pool after calling end/
const system = new Set('ENOSPC EDQUOT EMFILE ENFILE EAGAIN ENOMEM EIO'.split(' '))

/** Whether trying again later may help, with nothing changed but the world around. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('retry' in error && error.retry === true) return true
  const code = codeOf(error)
  return passing.test(code) || isNetworkCode(code) || system.has(code) || lost.test(error.message)
}

const conflictTries = 5

/** Does work, again where another transaction wrote the same at the same time: it then sees what that one wrote. */
export async function afterConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Error && conflict.test(codeOf(error))) || tries === conflictTries) throw error
    }
  }
}

/** What is tried again waits so many milliseconds, each time longer, and then no more. */
const waits = [100, 300, 1_000, 2_000, 4_000, 8_000]

/**
 * Does `work` again while the store cannot be reached. It may have been done all the same when an answer was lost: `work`
 * must come to the same twice, and is told how often it was tried before.
 * @throws UserError `store_unreachable` once it has waited long enough; whatever else `work` throws
 */
export async function persistently<Made>(store: Store, work: (attempt: number) => Promise<Made>): Promise<Made> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      if (error instanceof UserError || !mayPass(error)) throw error
      const wait = waits[attempt]
      if (wait === undefined)
        throw new UserError('store_unreachable', { url: hidePasswords(store.target), detail: detailOf(error) }, true)
      await setTimeout(wait)
    }
  }
}

/** Data, constraints, limits of the program, and triggers that refuse. */
const refusals = /^(?:22|23|38|39|44|54|P0)...$/

/** Why these very values cannot be stored, in the database's words; null where that is not what went wrong. */
export function refusalOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  // Text that is longer than one string may be.
  if (error instanceof RangeError) return detailOf(error)
  const refused = refusals.test(codeOf(error)) || /memory alloc request size/.test(error.message)
  return refused ? detailOf(error) : null
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
