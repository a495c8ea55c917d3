/**
 * The one error meant for people. Anything else that is thrown is a bug of ours and is shown as one.
 */
import type { Data } from '../parsers/document.ts'

/** What went wrong, as a code that src/messages words in the user's language. */
export type ErrorCode =
  | 'store_locked' // data: path, pid, since
  | 'store_unusable' // data: store; neither a folder nor the URL of a PostgreSQL
  | 'store_unreachable' // data: url, detail
  | 'store_newer' // data: found, known
  | 'store_damaged' // data: path, detail
  | 'path_not_found' // data: path
  | 'path_not_readable' // data: path, detail
  | 'path_not_writable' // data: path, detail
  | 'output_lost' // data: detail; what was printed did not arrive
  | 'no_inputs' // data: paths
  | 'archive_given' // data: path, names; one document was asked for
  | 'run_not_found' // data: id
  | 'query_not_read_only' // data: detail
  | 'query_failed' // data: detail
  | 'query_timeout' // data: seconds
  | 'form_not_found' // data: id, ids
  | 'form_invalid' // data: file, path, detail
  | 'usage' // data: detail
  | 'store_empty' // data: store

/** An error that a person can act on. `retry` is true where trying again later may help. */
export class UserError extends Error {
  readonly code: ErrorCode
  readonly data: Data
  readonly retry: boolean
  constructor(code: ErrorCode, data: Data = {}, retry = false) {
    super(`${code} ${JSON.stringify(data)}`)
    this.name = 'UserError'
    this.code = code
    this.data = data
    this.retry = retry
  }
}

/** What keeps a path from being used, as the system calls it or as we do: src/messages words these. */
export const causes = [
  'ENOENT',
  'EACCES',
  'EPERM',
  'ELOOP',
  'EISDIR',
  'ENOTDIR',
  'EEXIST',
  'ENAMETOOLONG',
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EMFILE',
  'EIO',
  'EPIPE',
  'ENXIO',
  'ECONNREFUSED',
  'ENOTFOUND',
  'ETIMEDOUT',
  'not_a_file',
] as const

export type Cause = (typeof causes)[number]

/** What went wrong, for the `detail` of an error or a reason: one of `causes`, or whatever the thrower said. */
export function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : null
  return causes.find((cause) => cause === code) ?? (error.message || error.name)
}
