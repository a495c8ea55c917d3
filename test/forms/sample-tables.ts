/** The tables of generated reports, as HTML, and the headings of the chapters that hold them. */
import { makeSample, type Sample, shapes } from '../generator/index.ts'

const shape = shapes.find(({ format }) => format === 'html')!

/** A generated report and its tables as they are printed. */
export type Tables = { readonly sample: Sample; readonly tables: readonly string[] }

/** The tables of the report that a seed makes. */
export function tablesOf(seed: number): Tables {
  const sample = makeSample(shape, seed)
  const html = new TextDecoder().decode(sample.rendering.bytes)
  return { sample, tables: [...html.matchAll(/<table[\s\S]*?<\/table>/g)].map(([table]) => table) }
}

/** The headings over tables 2 to 4. */
export const chapters = [
  '二、主动公开政府信息情况',
  '三、收到和处理政府信息公开申请情况',
  '四、因政府信息公开被提起行政复议、行政诉讼情况',
]
