/**
 * Reads inputs without a store: each becomes its extracted document, in the order of the inputs, at most `2 x threads`
 * of them at work or waiting for their turn.
 */
import { createHash } from 'node:crypto'
import { type ExtractedDocument, extractDocument } from '../exports/extract.ts'
import type { Registry } from '../forms/registry.ts'
import { failedReading } from './failed-reading.ts'
import { fileNameOf, type Input, readInput } from './inputs.ts'
import type { Readers } from './threads.ts'

/** One document for each input, in order. An input that cannot be read is a document with status `failed`. */
export async function* extractInputs(
  inputs: AsyncIterable<Input> | Iterable<Input>,
  readers: Readers,
  registry: Registry,
): AsyncGenerator<ExtractedDocument> {
  const underWay: Promise<ExtractedDocument>[] = []
  for await (const input of inputs) {
    const document = extractInput(input, readers, registry)
    // Where nobody wants more, the readers are closed while some are still read, and nobody waits for those.
    document.catch(() => {})
    underWay.push(document)
    if (underWay.length >= readers.threads * 2) yield await underWay.shift()!
  }
  for (const document of underWay) yield await document
}

async function extractInput(input: Input, readers: Readers, registry: Registry): Promise<ExtractedDocument> {
  const content = await readInput(input)
  const place = { path: input.path, ...(input.archive !== undefined && { archive: input.archive }) }
  if (!content.ok) {
    const origin = { ...place, sha256: null, bytes: content.size }
    return extractDocument(origin, failedReading(content.reason), registry)
  }
  const sha256 = createHash('sha256').update(content.bytes).digest('hex')
  const reading = await readers.read(content.bytes, { fileName: fileNameOf(input) })
  return extractDocument({ ...place, sha256, bytes: content.bytes.length }, reading, registry)
}
