/**
 * The one way SQL is spoken, whoever carries it: PGlite in this process or a PostgreSQL server. Values go as parameters.
 */

/** A row by column name. Integers come as numbers. */
export type Row = Readonly<Record<string, unknown>>

export type Sql = {
  /**
   * The rows of one statement, which is prepared: so its text is one of a few, and what a worker asks names its columns, since an
   * upgrade that adds one must not change what a statement gives that is prepared already.
   */
  query(text: string, parameters?: readonly unknown[]): Promise<Row[]>
  /** The same with column names in order and rows as lists. */
  table(text: string): Promise<{ columns: string[]; rows: unknown[][] }>
  /** Several statements without parameters. */
  run(text: string): Promise<void>
  /** All of `work` or nothing of it. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A value as a parameter for jsonb; null for null and undefined. */
export function json(value: unknown): string | null {
  if (value === null || value === undefined) return null
  const text = JSON.stringify(value)
  if (!/\\u(?:0000|d[89a-f])/.test(text)) return text
  // A hostile document may hold such characters, or the six that stand for one.
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? storable(part) : part))
}

/** Text as PostgreSQL takes it: NUL and halves of characters, which cannot stand there, become marks. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\ufffd')
}
