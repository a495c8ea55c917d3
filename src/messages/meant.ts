/** How figures that do not add up could be mended, in words. A hint, and worded as one: what is published stays as it is. */
import type { Registry } from '../forms/registry.ts'
import type { Change, Explanation, Localisation } from '../model.ts'
import type { Catalogue } from './catalogue.ts'
import { en } from './en.ts'
import { figure, fill, fillSlots } from './fill.ts'
import { cellLabel, formOfCode, type Lang } from './labels.ts'
import { zh } from './zh.ts'

/**
 * A sentence for each way to mend a finding, `most` of them at most and then how many more there are. Where there are
 * several the first sentence says how many, and where there may be more than were found the last one says so. Empty where
 * nothing was looked for.
 */
export function renderMeant(
  meant: Localisation | null,
  registry: Registry,
  lang: Lang,
  most = Number.POSITIVE_INFINITY,
): string[] {
  if (meant === null) return []
  const catalogue = lang === 'zh' ? zh : en
  const { none, unfinished, several, more, incomplete } = catalogue.meant
  const count = meant.explanations.length
  if (count === 0) return [meant.complete ? none : unfinished]
  const head = count === 1 ? [] : [fill(several, { count }, catalogue)]
  const shown = meant.explanations.slice(0, most)
  const ways = shown.map((explanation) => renderWay(explanation, registry, lang, catalogue))
  const rest = count > shown.length ? [fill(more, { count: count - shown.length }, catalogue)] : []
  return [...head, ...ways, ...rest, ...(meant.complete ? [] : [incomplete])]
}

function renderWay({ changes, cause }: Explanation, registry: Registry, lang: Lang, catalogue: Catalogue): string {
  const { slips, meant } = catalogue
  const said = changes.map((change) => renderChange(change, registry, lang, catalogue)).join(meant.and)
  const causes = [cause, ...changes.map((change) => change.cause)].flatMap((one) => (one === null ? [] : [one.code]))
  const named = [...new Set(causes)].map((code) => slips[code]).join(catalogue.parts.listSeparator)
  const way = changes.some(({ code }) => formOfCode(code, registry) === null) ? meant.wayAcross : meant.way
  return fill(way, { changes: said, cause: named === '' ? null : named }, catalogue)
}

function renderChange(
  { code, printed, implied, range: [from, to], held }: Change,
  registry: Registry,
  lang: Lang,
  catalogue: Catalogue,
): string {
  const { meant, states } = catalogue
  // What is no cell of the form is the figure of another report that a rule across years asks for.
  const form = formOfCode(code, registry)
  const shown = printed === null ? states.blank : figure(printed)
  const standing = held === true ? meant.held : meant.notHeld
  const slots = {
    cell: form === null ? meant.lastYear : cellLabel(code, form, lang, catalogue),
    printed: held === undefined ? shown : `${shown}${standing}`,
    implied,
    from,
    to,
  }
  if (implied !== null) return fillSlots(meant.exact, slots, catalogue)
  if (from === null) return fillSlots(to === null ? meant.other : meant.atMost, slots, catalogue)
  return fillSlots(to === null ? meant.atLeast : meant.between, slots, catalogue)
}
