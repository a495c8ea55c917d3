/**
 * What a reader thread runs: one document in, its reading out. A file of its own, since piscina loads it by name; the
 * registry is loaded once a thread, because a form has thousands of labels and a thread reads thousands of documents.
 */
import { workerData } from 'node:worker_threads'
import { loadRegistry } from '../forms/registry.ts'
import type { Reading } from '../model.ts'
import { readReport } from './read.ts'
import { tesseractFinder } from './tesseract.ts'

/** One document for a thread. */
export type ThreadTask = { readonly bytes: Uint8Array; readonly fileName: string | null }

const registry = loadRegistry(formsOf(workerData))
const findEngine = tesseractFinder()

/** Reads one document with the pure core. */
export default async function readInThread(task: ThreadTask): Promise<Reading> {
  return readReport(task.bytes, { fileName: task.fileName }, registry, findEngine)
}

/** piscina hands a thread its data inside an array with its own. */
function formsOf(data: unknown): { file: string; json: string }[] {
  const found: unknown = Array.isArray(data) ? data.find((item) => isForms(item)) : data
  return isForms(found) ? found.forms : []
}

function isForms(data: unknown): data is { forms: { file: string; json: string }[] } {
  return typeof data === 'object' && data !== null && 'forms' in data && Array.isArray(data.forms)
}
