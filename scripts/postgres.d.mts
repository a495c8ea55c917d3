/** A PostgreSQL of its own. */
export type TestPostgres = {
  readonly url: string
  readonly pid: () => number
  /** Starts it again on the same port, with what is on disk. */
  readonly start: () => Promise<void>
  /** Ends it at once, as when a machine dies. */
  readonly kill: () => Promise<void>
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
}
export function startPostgres(): Promise<TestPostgres>
