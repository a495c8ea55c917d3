/**
 * Grids to facts: a document's lines, the tables of the known forms among them, and what their cells state, with
 * everything about them that is not certain.
 */
import type { Document } from '../../parsers/document.ts'
import { mendBreaks } from './breaks.ts'
import type { EquationsOf } from './equations.ts'
import { collectFacts, type Match } from './facts.ts'
import { type LabelIndex, labelKey, makeLabelIndex } from './labels.ts'
import { readLines } from './lines.ts'
import type { Registry } from './registry.ts'
import { remembering } from './remember.ts'
import { makeScopes, type TableScope } from './scope.ts'
import { doubtSecondSets } from './secondsets.ts'
import { findTables } from './tables.ts'
import { markKey } from './values.ts'

type Prepared = {
  readonly scopes: readonly TableScope[]
  readonly index: LabelIndex
  /** What some form prints in place of a figure. */
  readonly marks: ReadonlySet<string>
  /** True for the heading of a part of some form, with its number or without. */
  readonly isChapter: (text: string) => boolean
  /** True for the heading of a table of some form. */
  readonly isOfTable: (text: string) => boolean
}
/** Texts of which it is remembered whether they head a part of a form. */
const rememberedMax = 5_000

const prepared = new WeakMap<Registry, Prepared>()

/** The tables of all forms with their labels, worked out once a registry. */
export function prepare(registry: Registry): Prepared {
  let ready = prepared.get(registry)
  if (ready === undefined) {
    const scopes = makeScopes(registry)
    const marks = new Set(registry.forms.flatMap(({ definition }) => definition.marks.map(markKey)))
    const index = makeLabelIndex(scopes)
    const titles = registry.forms.flatMap(({ definition }) => definition.sections.flatMap((one) => one.titles))
    const chapters = new Set(titles.map(labelKey))
    const isOfTable = (text: string): boolean => index.find(text).captions.size > 0
    const isChapter = remembering(rememberedMax, (text) => chapters.has(labelKey(text)) || isOfTable(text))
    ready = { scopes, index, marks, isChapter, isOfTable }
    prepared.set(registry, ready)
  }
  return ready
}

/** The document with rows and cells put together that its page breaks cut in two. Pure. */
export function mendPageBreaks(document: Document, registry: Registry): Document {
  const { find } = prepare(registry).index
  const blocks = document.blocks.map((block) => (block.kind === 'grid' ? mendBreaks(block, find) : block))
  return { ...document, blocks }
}

/** The facts of a document with everything about its tables that is not certain. Pure. */
export function matchForms(document: Document, registry: Registry, equationsOf: EquationsOf): Match {
  const ready = prepare(registry)
  const source = readLines(document.blocks, ready.index, ready.marks)
  const match = collectFacts(source, findTables(source.lines, ready.scopes, ready.index.find), equationsOf)
  return doubtSecondSets(match, document.blocks, ready.isOfTable)
}
