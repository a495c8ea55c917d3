/**
 * The one error meant for people. Anything else that is thrown is a bug of ours and is shown as one.
 */
import type { Data } from '../parsers/document.ts'

/** What went wrong, as a code that src/messages words in the user's language. */
export type ErrorCode =
  | 'store_locked' // data: path, pid, since
  | 'store_unusable' // data: store; neither a folder nor the URL of a PostgreSQL
  | 'store_unreachable' // data: url, detail
  | 'store_forgetful' // data: url; what stands before the server loses prepared statements
  | 'store_newer' // data: found, known
  | 'store_damaged' // data: path, detail
  | 'path_not_found' // data: path
  | 'path_not_readable' // data: path, detail
  | 'path_not_writable' // data: path, detail
  | 'original_missing' // data: path; bytes that were kept are gone
  | 'original_damaged' // data: path; bytes that are no longer those that were kept
  | 'originals_elsewhere' // data: path; those of the store lie in another place than this
  | 'originals_unreachable' // data: path, detail; the storage of originals does not answer as it should
  | 'network_away' // data: detail; no host can be reached, also none that answered before
  | 'output_lost' // data: detail; what was printed did not arrive
  | 'no_inputs' // data: paths
  | 'archive_given' // data: path, names; one document was asked for
  | 'document_not_drawn' // data: path, detail; a page of a document that could not be read was asked for
  | 'page_not_drawn' // data: path, page; a page was asked for that cannot be drawn
  | 'run_not_found' // data: id
  | 'query_not_read_only' // data: detail
  | 'query_failed' // data: detail
  | 'query_timeout' // data: seconds
  | 'form_not_found' // data: id, ids
  | 'form_invalid' // data: file, count, paths; what is wrong at each path stands in `problems`
  | 'rule_not_found' // data: id
  | 'reading_not_found' // data: text
  | 'reading_ambiguous' // data: text, choices
  | 'agency_not_listed' // data: names
  | 'list_invalid' // data: path, count, lines; a list of agencies with lines that cannot be right
  | 'finding_not_found' // data: id
  | 'finding_ambiguous' // data: id, ids
  | 'finding_gone' // data: id, state; it holds no more, so that nothing is to be decided
  | 'usage' // data: detail
  | 'store_empty' // data: store
  | 'queue_unreachable' // data: url, detail
  | 'queue_full' // data: url; Redis has no memory left
  | 'settings_invalid' // data: count; what is wrong with each stands in `problems`
  | 'board_without_password' // the queues are shown to whoever knows it
  | 'listen_failed' // data: host, port, detail
  | 'tracing_not_installed' // data: packages
  | 'queue_needs_server' // data: store; an embedded store has one owner
  | 'url_with_password' // it would be kept and shown
  | 'binary_output' // data: format; bytes are not for a terminal
  | 'folder_not_possible' // data: format; it is one file
  | 'workbook_too_large' // data: reports, max
  | 'several_agencies' // data: count, agencies; a letter goes to one
  | 'no_letter' // there is nothing to write about
  | 'baseline_invalid' // data: path

/** What is wrong at one place of a form's definition: src/messages says it in words. */
export type FormProblemCode =
  | 'not_utf8'
  | 'not_json' // data: detail, and line and character where they are known
  | 'missing' // a field that must be there
  | 'unknown_field' // data: known; a field that a definition does not have
  | 'not_an_object'
  | 'not_a_list'
  | 'not_a_text' // or an empty one
  | 'not_a_number' // data: whole
  | 'not_true_or_false'
  | 'not_a_code' // data: text
  | 'not_a_rule_id' // data: text
  | 'not_one_of' // data: choices
  | 'not_years'
  | 'not_a_day' // data: text
  | 'not_a_template' // data: text
  | 'not_a_mark' // data: text
  | 'too_long' // data: max
  | 'twice' // data: text
  | 'no_such_line' // data: text
  | 'not_before' // data: text
  | 'total_of_itself' // data: text
  | 'total_of_heading' // data: text
  | 'no_cells'
  | 'no_labels'
  | 'several_unlabelled'
  | 'too_many_cells' // data: max
  | 'id_taken' // data: text
  | 'prefix_differs' // data: text; rules of one form begin with one word
  | 'prefix_taken' // data: text, form
  | 'formula' // data: rule, position, expected, found
  | 'no_such_cell' // data: rule, text
  | 'no_such_table' // data: rule, text
  | 'no_such_set' // data: rule, text, choices
  | 'no_such_variable' // data: rule, text
  | 'no_such_fact' // data: rule, text, choices
  | 'too_many_places' // data: rule, max
  | 'no_such_statements' // data: text, choices
  | 'no_patterns'
  | 'too_many_patterns' // data: max
  | 'not_words' // data: text
  | 'pattern_character' // data: text, position; a character that means nothing in a pattern
  | 'pattern_brackets' // data: position
  | 'pattern_empty' // data: position; a choice without words, or a pattern of fewer than two letters
  | 'pattern_gap' // data: max; `~` at an end, in brackets, beside another, or too many of them
  | 'pattern_figure' // `{n}` is missing, there twice, in brackets, or in a flag
  | 'pattern_costly' // data: max; too long, too deep, or with too many readings

/** What is wrong with a setting: src/messages says it in words. No data hold a secret. */
export type SettingProblemCode =
  | 'setting_count' // data: value, min, max
  | 'setting_choice' // data: value, choices
  | 'setting_address' // data: value
  | 'setting_redis'
  | 'setting_url'
  | 'setting_header'
  | 'setting_short' // data: min
  | 'setting_twice' // data: other
  | 'setting_file' // data: file, detail
  | 'setting_value'
  | 'setting_unknown' // data: similar

/**
 * One thing that is wrong with a form's definition, or with the settings. `path` is a JSON pointer into the definition, or
 * where the setting was said.
 */
export type FormProblem = {
  readonly path: string
  readonly code: FormProblemCode | SettingProblemCode
  readonly data: Data
}

/** An error that a person can act on. `retry` is true where trying again later may help. */
export class UserError extends Error {
  readonly code: ErrorCode
  readonly data: Data
  readonly retry: boolean
  /** For `form_invalid` and `settings_invalid`: everything that was found wrong, in order. */
  readonly problems: readonly FormProblem[]
  constructor(code: ErrorCode, data: Data = {}, retry = false, problems: readonly FormProblem[] = []) {
    super(`${code} ${JSON.stringify(data)}`)
    this.name = 'UserError'
    this.code = code
    this.data = data
    this.retry = retry
    this.problems = problems
  }
}

/** The error for a definition that cannot be used. */
export function formInvalid(file: string, problems: readonly FormProblem[]): UserError {
  const paths = problems.map(({ path }) => path || '/')
  return new UserError('form_invalid', { file, count: problems.length, paths }, false, problems)
}

/** What keeps a path or a URL from being used, as the system calls it or as we do: src/messages words these. */
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
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED',
  'ERR_SSL_DH_KEY_TOO_SMALL',
  'not_a_url',
  'not_http',
  'has_password',
  'port_closed',
  'not_a_file',
] as const

export type Cause = (typeof causes)[number]

/** What the system says where a server is not there, or no longer. */
const networkCodes = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN'.split(' '),
)

/** Whether the system says that a server is not there, or no longer. */
export function isNetworkCode(code: unknown): boolean {
  return networkCodes.has(String(code))
}

/** What went wrong, for the `detail` of an error or a reason: one of `causes`, or whatever the thrower said. */
export function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? error.code : null
  return causes.find((cause) => cause === code) ?? (error.message || error.name)
}
