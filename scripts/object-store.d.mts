import type { S3Config } from '../src/config.ts'

/** A store of objects of its own, without any bucket. */
export type TestObjectStore = {
  readonly settings: S3Config
  /** Ends what clients talk to at once; the data stay. */
  readonly kill: () => Promise<void>
  /** Starts it again. */
  readonly start: () => Promise<void>
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
}
export function startObjectStore(): Promise<TestObjectStore>
