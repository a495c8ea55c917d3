/**
 * SQL of users, read only: one statement, in a transaction that cannot write, and only functions that are known to do
 * nothing but compute. The last matters on a server, where READ ONLY does not stop a superuser's query from reading the
 * server's files or ending its connections. Whoever gives others this command gives them all that the store holds.
 * Time is bounded: a server ends the statement itself; PGlite cannot be interrupted, so it runs in a thread that can.
 */
import { Worker } from 'node:worker_threads'
import { detailOf, UserError } from '../errors.ts'
import { unlockFolder } from './lock.ts'
import { kindOfStore, openStore, type Store } from './open.ts'

export type QueryResult = { readonly columns: string[]; readonly rows: unknown[][] }

/** What a thread gets, and what it says. */
export type QueryTask = { readonly target: string; readonly sql: string; readonly limit: number }
export type QueryAnswer =
  | { readonly ok: true; readonly result: QueryResult }
  | { readonly ok: false; readonly error: Pick<UserError, 'code' | 'data' | 'retry'> }

const querySecondsMax = 60

const firstWords = new Set(['select', 'with', 'values', 'table', 'explain'])

const functions = new Set(
  (
    'abs array_agg array_length array_position array_remove array_to_string avg bool_and bool_or btrim cardinality ceil ceiling char_length coalesce concat concat_ws corr count covar_pop covar_samp cume_dist date_part date_trunc dense_rank div every exp extract first_value floor format generate_series greatest initcap json_agg json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_object_agg jsonb_agg jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_object_agg jsonb_object_keys jsonb_path_exists jsonb_path_query jsonb_typeof lag last_value lead least left length ln log lower lpad ltrim make_date max md5 min mod mode ntile nth_value nullif num_nulls numnode percent_rank percentile_cont percentile_disc position power rank regexp_count regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regr_intercept regr_r2 regr_slope repeat replace reverse right round row row_number rpad rtrim sign split_part sqrt starts_with stddev stddev_pop stddev_samp string_agg string_to_array string_to_table strpos substr substring sum to_char to_date to_json to_jsonb to_number to_timestamp translate trim trunc unnest upper var_pop var_samp variance width_bucket' +
    // Words that stand before a bracket without being functions.
    ' all and any array as between by case cast cube distinct else end except exists filter from group grouping having in intersect interval is join lateral like ilike limit materialized not numeric decimal varchar char on or order ordinality over partition rollup select sets similar some then union using values when where with within'
  ).split(' '),
)

const forbidden =
  /\b(?:into|insert|update|delete|merge|create|alter|drop|truncate|grant|revoke|copy|set|reset|call|do|lock|vacuum|analyze|listen|notify|prepare|execute|deallocate|begin|commit|rollback|refresh|share|import)\b/

/**
 * Opens a store, asks it one thing within a time, and closes it.
 * @throws UserError of `openStore` and `runQuery`, `query_timeout`
 */
export async function queryStore(task: QueryTask, seconds = querySecondsMax): Promise<QueryResult> {
  if (kindOfStore(task.target) === 'embedded') return queryInThread(task, seconds)
  const store = await openStore(task.target, { readOnly: true })
  try {
    return await runQuery(store, task.sql, task.limit, seconds)
  } finally {
    await store.close()
  }
}

async function queryInThread(task: QueryTask, seconds: number): Promise<QueryResult> {
  const worker = new Worker(new URL('./query-thread.js', import.meta.url), { workerData: task })
  let timer: NodeJS.Timeout | undefined
  try {
    const answer = await new Promise<QueryAnswer>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
      timer = setTimeout(() => {
        void worker.terminate().then(() => {
          unlockFolder(task.target)
          reject(new UserError('query_timeout', { seconds }))
        })
      }, seconds * 1000)
    })
    if (answer.ok) return answer.result
    throw new UserError(answer.error.code, answer.error.data, answer.error.retry)
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

/**
 * The columns and at most `limit` rows of one SELECT over the documented views. `seconds` holds on a server.
 * @throws UserError `query_not_read_only`, `query_timeout`, or `query_failed` with PostgreSQL's own words
 */
export async function runQuery(
  store: Store,
  sql: string,
  limit = 10_000,
  seconds = querySecondsMax,
): Promise<QueryResult> {
  const statement = checkStatement(sql)
  const explain = /^\s*explain\b/i.test(statement)
  const bounded = explain
    ? statement
    : `SELECT * FROM (${statement}\n) AS query LIMIT ${Math.max(0, Math.floor(limit))}`
  try {
    return await store.sql.transaction(async (tx) => {
      await tx.run('SET TRANSACTION READ ONLY')
      await tx.run(`SET LOCAL statement_timeout = '${Math.ceil(seconds * 1000)}ms'`)
      // A role called like our schema would otherwise find the tables before the views.
      await tx.run('SET LOCAL search_path = public')
      const { columns, rows } = await tx.table(bounded)
      return { columns, rows: rows.map((row) => row.map(plainValue)) }
    })
  } catch (error) {
    // query_canceled
    if (error instanceof Error && 'code' in error && error.code === '57014')
      throw new UserError('query_timeout', { seconds })
    throw new UserError('query_failed', { detail: detailOf(error) })
  }
}

function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'bigint' ? Number(value) : value
}

function checkStatement(sql: string): string {
  const refuse = (detail: string): never => {
    throw new UserError('query_not_read_only', { detail })
  }
  const statement = sql.trim().replace(/;\s*$/, '')
  const bare = withoutLiterals(statement)
  if (bare === null) return refuse("--, /* */, $…$, E'…', U&…, \\")
  const words = bare.toLowerCase()
  const first = /^[\s(]*([a-z]+)/.exec(words)?.[1] ?? ''
  if (!firstWords.has(first)) return refuse(first || statement.slice(0, 20))
  if (bare.includes(';')) return refuse(';')
  const word = forbidden.exec(words)
  if (word !== null) return refuse(word[0])
  if (/"\s*\(/.test(bare)) return refuse('"…"(')
  for (const [, name] of words.matchAll(/([a-z_][a-z0-9_.$]*)\s*\(/g)) {
    // `t (a, b)` names the columns of a table; what is computed is named before it.
    if (
      !functions.has(name!) &&
      !new RegExp(`\\b(?:as|with|,|recursive)\\s+${name!.replace(/[.$]/g, '\\$&')}\\s*\\(`).test(words)
    ) {
      return refuse(`${name}()`)
    }
  }
  if (/\b(?:pg_|lo_|dblink|information_schema|current_setting)/.test(words)) return refuse('pg_…')
  return statement
}

/**
 * The statement with strings and quoted names emptied, in one pass from left to right as PostgreSQL reads it; null where
 * its quoting is not plain. Comments are refused: they nest, and could hide where a string begins.
 */
function withoutLiterals(statement: string): string | null {
  if (/\$[A-Za-z_]*\$|\b[eE]'|\b[uU]&['"]|\\/.test(statement)) return null
  let comment = false
  const bare = statement.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--|\/\*/g, (literal) => {
    if (literal.startsWith("'")) return "''"
    if (literal.startsWith('"')) return '""'
    comment = true
    return ' '
  })
  return comment || bare.replaceAll("''", '').includes("'") || bare.replaceAll('""', '').includes('"') ? null : bare
}
