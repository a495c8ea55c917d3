/**
 * The one way SQL is spoken, whoever carries it: PGlite in this process or a PostgreSQL server. Values go as parameters.
 */

/** A row by column name. Integers come as numbers. */
export type Row = Readonly<Record<string, unknown>>

export type Sql = {
  /** The rows of one statement. */
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
  if (!text.includes('\\u0000')) return text
  // NUL cannot stand in PostgreSQL's text; a hostile document may hold one, or the six characters that stand for it.
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '\ufffd') : part,
  )
}
