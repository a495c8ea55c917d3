/** Which failures of a store may pass by themselves: what was being done is then done again, and nobody is to blame. */

/** PostgreSQL's classes and codes: connection lost, shut down or starting, too many connections, no space, conflicts. */
const passing = /^(?:08...|57P0[1-3]|53...|58030|40001|40P01|55P03)$/
const conflict = /^(?:40001|40P01|23505)$/
const lost =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|read ECONN|Cannot use a pool after calling end/
const system = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOSPC', 'EDQUOT', 'EMFILE', 'EIO'])

/** Whether trying again later may help, with nothing changed but the world around. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('retry' in error && error.retry === true) return true
  const code = codeOf(error)
  return passing.test(code) || system.has(code) || lost.test(error.message)
}

/** Whether another transaction wrote the same at the same time: done again, the work sees what that one wrote. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && conflict.test(codeOf(error))
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
