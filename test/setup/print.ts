/**
 * Prints the samples of `printShapes`: pages by Chromium, documents by LibreOffice, both found on this machine or
 * installed, then turned or encrypted where the shape says so. What was printed once is kept.
 */
import { execFileSync } from 'node:child_process'
import { degrees, PDFDict, PDFDocument, PDFName } from '@cantoo/pdf-lib'
import { type Browser, chromium } from 'playwright-core'
import { browser as browserProgram, fontPackages, needPackages, needProgram } from '../../scripts/packages.mjs'
import type { PrintSample, Sample } from '../generator/index.ts'
import type { Finish, PrintJob, Sheet } from '../generator/shape.ts'
import { keepMade, nameOfMade, takeMade } from './made.ts'
import { convertWithOffice } from './office.ts'

const pagesAtOnce = 2

/** The samples with the bytes of their PDFs, in their order. */
export async function printPdfs(samples: readonly PrintSample[]): Promise<Sample[]> {
  needPackages(fontPackages)
  const jobs = samples.map(({ job }) => job)
  const printed = new Map<PrintJob, Uint8Array>()
  const documents = jobs.filter(({ program }) => program === 'office')
  const converted = await convertWithOffice(
    documents.map(({ source }) => source),
    'pdf',
  )
  for (const [index, job] of documents.entries()) printed.set(job, converted[index]!)
  await printInBrowser(
    jobs.filter(({ program }) => program === 'chromium'),
    printed,
  )
  const bytes = await Promise.all(jobs.map((job) => finishPdf(printed.get(job)!, job.finish)))
  return samples.map(({ job: _, rendering, ...sample }, index) => ({
    ...sample,
    rendering: { ...rendering, bytes: bytes[index]! },
  }))
}

async function printInBrowser(jobs: readonly PrintJob[], printed: Map<PrintJob, Uint8Array>): Promise<void> {
  if (jobs.length === 0) return
  const path = needProgram(browserProgram)
  const version = execFileSync(path, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString()
  const due: { job: PrintJob; name: string }[] = []
  for (const job of jobs) {
    const name = nameOfMade(version, JSON.stringify(job.sheet), job.source.bytes)
    const bytes = takeMade(name)
    if (bytes === null) due.push({ job, name })
    else printed.set(job, bytes)
  }
  if (due.length === 0) return
  const browser = await chromium.launch({ executablePath: path })
  try {
    const next = due.values()
    const work = async (): Promise<void> => {
      for (const { job, name } of next) {
        const bytes = await printPage(browser, job)
        printed.set(job, bytes)
        keepMade(name, bytes)
      }
    }
    await Promise.all(Array.from({ length: pagesAtOnce }, work))
  } finally {
    await browser.close()
  }
}

async function printPage(browser: Browser, { source, sheet }: PrintJob): Promise<Uint8Array> {
  if (sheet === null) throw new Error('a page to print needs a paper')
  const page = await browser.newPage()
  try {
    await page.setContent(new TextDecoder().decode(source.bytes))
    return new Uint8Array(await page.pdf(optionsOf(sheet)))
  } finally {
    await page.close()
  }
}

function optionsOf({ width, height, margins, header, footer, tagged }: Sheet) {
  const [top, right, bottom, left] = margins.map((margin) => `${margin}mm`)
  // An empty template would be replaced by the browser's own.
  const nothing = '<span></span>'
  return {
    width: `${width}mm`,
    height: `${height}mm`,
    margin: { top: top!, right: right!, bottom: bottom!, left: left! },
    displayHeaderFooter: header !== '' || footer !== '',
    headerTemplate: header || nothing,
    footerTemplate: footer || nothing,
    printBackground: true,
    tagged,
  }
}

async function finishPdf(bytes: Uint8Array, finish: Finish): Promise<Uint8Array> {
  if (finish.kind === 'none') return bytes
  const source = await PDFDocument.load(bytes)
  switch (finish.kind) {
    case 'upright':
      return turnedBack(source, finish.degrees)
    case 'lying':
      for (const page of source.getPages()) page.setRotation(degrees(finish.degrees))
      return source.save()
    case 'nameless':
      for (const [, object] of source.context.enumerateIndirectObjects())
        if (object instanceof PDFDict) object.delete(PDFName.of('ToUnicode'))
      return source.save()
    case 'encrypted':
      source.encrypt({ userPassword: '', ownerPassword: 'owner' })
      return source.save({ useObjectStreams: false })
  }
}

/** Each page drawn turned anticlockwise on a page that viewers turn clockwise. */
async function turnedBack(source: PDFDocument, turn: 90 | 180 | 270): Promise<Uint8Array> {
  const target = await PDFDocument.create()
  const drawn = await target.embedPdf(source, source.getPageIndices())
  for (const one of drawn) {
    const { width, height } = one
    const page = target.addPage(turn === 180 ? [width, height] : [height, width])
    page.setRotation(degrees(turn))
    const corner = { 90: { x: height, y: 0 }, 180: { x: width, y: height }, 270: { x: 0, y: width } }[turn]
    page.drawPage(one, { ...corner, rotate: degrees(turn) })
  }
  return target.save()
}
