/**
 * What a reader thread runs: one document in, its reading out. A file of its own, since piscina loads it by name; the
 * registry is loaded once a thread, because a form has thousands of labels and a thread reads thousands of documents.
 */
import { workerData } from 'node:worker_threads'
import { loadRegistry } from '../forms/registry.ts'
import type { PdfChoice, Reading } from '../model.ts'
import { readReport } from './read.ts'
import { tesseractFinder } from './tesseract.ts'

/** One document for a thread. */
export type ThreadTask = { readonly bytes: Uint8Array; readonly fileName: string | null }

/** What a thread is told when it starts. */
export type ThreadSettings = {
  readonly forms: readonly { readonly file: string; readonly json: string }[]
  readonly pdf: PdfChoice
}

const settings = settingsOf(workerData)
const registry = loadRegistry(settings.forms)
const ocr = tesseractFinder()

/** Reads one document with the pure core. */
export default async function readInThread(task: ThreadTask): Promise<Reading> {
  return readReport(task.bytes, { fileName: task.fileName }, registry, { ocr, pdf: settings.pdf })
}

/** piscina hands a thread its data inside an array with its own. */
function settingsOf(data: unknown): ThreadSettings {
  const found: unknown = Array.isArray(data) ? data.find((item) => isSettings(item)) : data
  return isSettings(found) ? found : { forms: [], pdf: 'auto' }
}

function isSettings(data: unknown): data is ThreadSettings {
  return typeof data === 'object' && data !== null && 'forms' in data && Array.isArray(data.forms) && 'pdf' in data
}
