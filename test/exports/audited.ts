/** A store with real samples in it, and what a format needs to write a report of it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AuditFormat, AuditRequest } from '../../src/exports/audit/request.ts'
import { loadRegistry, type Registry } from '../../src/forms/registry.ts'
import type { Finding } from '../../src/model.ts'
import { readerVersion, readReport } from '../../src/pipeline/read.ts'
import { openStore, type Store } from '../../src/store/open.ts'
import { saveReading } from '../../src/store/reports.ts'

export const registry: Registry = loadRegistry()
export const samples = ['hongze-2023.html', 'pingtan-2018.html', 'rundong-2021.txt', 'shanghai-office-2019.html']

/** Opens a new store at `place` with the samples, each finding as `change` makes it, text put `behind` some, all of them from some folder or address. */
export async function auditedStore(
  place: string,
  files: readonly string[] = samples,
  change: (finding: Finding) => Finding = (finding) => finding,
  behind: Readonly<Record<string, string>> = {},
  from = '<b>',
): Promise<Store> {
  const store = await openStore(place)
  for (const file of files) {
    const sample = readFileSync(new URL(`../../samples/${file}`, import.meta.url))
    const bytes = Buffer.concat([sample, Buffer.from(behind[file] ?? '')])
    const reading = await readReport(bytes, { fileName: file }, registry)
    await saveReading(store, registry, {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      path: `${from}${file}`,
      reader: readerVersion(registry),
      reading: { ...reading, findings: reading.findings.map(change) },
      seenAt: new Date(Date.UTC(2026, 0, 2)),
    })
  }
  return store
}

export function requestOf(store: Store, more: Partial<AuditRequest> = {}): AuditRequest {
  const rest = { filter: {}, lang: 'en', version: '1', baseline: null, due: null, extension: null } as const
  return { store, registry, ...rest, ...more }
}

/** All of a report in one piece. */
export async function wholeOf(format: AuditFormat, request: AuditRequest): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of format.encode(request)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}
