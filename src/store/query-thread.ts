/**
 * What the thread of a query runs: opens the embedded store, asks, closes it, and only then answers. A file of its own,
 * since a thread is started by name.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { UserError } from '../errors.ts'
import { openStore } from './open.ts'
import { type QueryAnswer, type QueryTask, runQuery } from './query.ts'

parentPort!.postMessage(await answer(workerData as QueryTask))

async function answer({ target, sql, limit }: QueryTask): Promise<QueryAnswer> {
  try {
    const store = await openStore(target, { readOnly: true })
    try {
      return { ok: true, result: await runQuery(store, sql, limit) }
    } finally {
      await store.close()
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { ok: false, error: { code: error.code, data: error.data, retry: error.retry } }
  }
}
