/**
 * LibreOffice as a converter: many files by one process, with a profile of its own in a temporary folder. Found on this
 * machine or installed; what was converted once is kept.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { needProgram, office } from '../../scripts/packages.mjs'
import { keepMade, nameOfMade, takeMade } from './made.ts'

/** A file to convert: its extension says what it is. */
export type OfficeFile = { readonly bytes: Uint8Array; readonly extension: string }

const run = promisify(execFile)
const filesAtOnce = 100
/** A process that has not ended by then hangs. */
const longest = 300_000
/** Filters where the extension alone does not say which one is meant. */
const filters: Readonly<Record<string, string>> = { doc: 'doc:MS Word 97', xls: 'xls:MS Excel 97' }
const spreadsheets = ['xls', 'xlsx', 'ods', 'csv']

/**
 * The files as `to` (pdf, doc, odt, rtf, docx; xls, xlsx, ods of pages and spreadsheets), in their order; throws where
 * one was not converted.
 */
export async function convertWithOffice(files: readonly OfficeFile[], to: string): Promise<Uint8Array[]> {
  const path = needProgram(office)
  const version = execFileSync(path, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString()
  const names = files.map(({ bytes, extension }) => nameOfMade(version, extension, to, bytes))
  const made = names.map(takeMade)
  for (const extension of new Set(files.map((file) => file.extension))) {
    const due = files.flatMap((file, index) => (file.extension === extension && made[index] === null ? [index] : []))
    for (let start = 0; start < due.length; start += filesAtOnce) {
      const batch = due.slice(start, start + filesAtOnce)
      const converted = await convertBatch(
        path,
        batch.map((index) => files[index]!),
        extension,
        to,
      )
      for (const [place, index] of batch.entries()) {
        made[index] = converted[place]!
        keepMade(names[index]!, converted[place]!)
      }
    }
  }
  return made.map((bytes) => bytes!)
}

async function convertBatch(
  program: string,
  files: readonly OfficeFile[],
  extension: string,
  to: string,
): Promise<Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gouji-office-'))
  try {
    const paths = files.map(({ bytes }, index) => {
      const path = join(folder, `${index}.${extension}`)
      writeFileSync(path, bytes)
      return path
    })
    const out = join(folder, 'out')
    const words = ['--headless', '--norestore', `-env:UserInstallation=file://${join(folder, 'profile')}`]
    if (extension.startsWith('htm'))
      words.push(`--infilter=HTML (${spreadsheets.includes(to) ? 'StarCalc' : 'StarWriter'})`)
    const { stderr } = await run(program, [...words, '--convert-to', filters[to] ?? to, '--outdir', out, ...paths], {
      maxBuffer: 64 * 1024 * 1024,
      timeout: longest,
    })
    return files.map((_, index) => {
      const path = join(out, `${index}.${to}`)
      if (!existsSync(path))
        throw new Error(`LibreOffice did not convert file ${index} from ${extension} to ${to}: ${stderr}`)
      return new Uint8Array(readFileSync(path))
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
