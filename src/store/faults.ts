/** Which failures of a store may pass by themselves: what was being done is then done again, and nobody is to blame. */

/** PostgreSQL's classes and codes: connection lost, shut down or starting, a standby, no space or connections, conflicts. */
const passing = /^(?:08...|57P0[1-3]|25006|53...|58030|40001|40P01|55P03)$/
const conflict = /^(?:40001|40P01|23505)$/
const lost =
  /Connection terminated|connection error|is not queryable|timeout exceeded when trying to connect|read ECONN|Cannot use a pool after calling end/
const system = new Set(
  (
    'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN ' +
    'ENOSPC EDQUOT EMFILE ENFILE EAGAIN ENOMEM EIO'
  ).split(' '),
)

/** Whether trying again later may help, with nothing changed but the world around. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('retry' in error && error.retry === true) return true
  const code = codeOf(error)
  return passing.test(code) || system.has(code) || lost.test(error.message)
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

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
