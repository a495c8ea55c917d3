/** A database of a test file's own on the PostgreSQL of all tests: files run side by side, and each looks at all it holds. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** Makes an empty database; gives its URL. It goes with its server. */
export async function makeDatabase(): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const client = new pg.Client(inject('postgresUrl'))
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
  return inject('postgresUrl').replace(/[^/]*$/, name)
}
