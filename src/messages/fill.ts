/** Templates into sentences: `{name}` is a slot, `[...]` is left out where one of its slots has nothing to say. */
import type { Catalogue } from './catalogue.ts'
import { printable } from './printable.ts'

export type Slot = string | number | null | undefined
export type Slots = Readonly<Record<string, Slot>>

/** A figure as it is printed. */
export function figure(value: number): string {
  return Number.isFinite(value) ? String(value === 0 ? 0 : value) : ''
}

/** The sentence of one of our own templates. A slot outside brackets that has nothing to say is called unknown. */
export function fill(template: string, slots: Slots, catalogue: Catalogue): string {
  let text = ''
  // Split before anything is filled in, since what is filled in may hold brackets of its own.
  for (const part of template.split(/(\[[^\]]*\])/)) {
    if (!part.startsWith('[')) text += fillSlots(part, slots, catalogue)
    else if ([...part.matchAll(slotPattern)].every((match) => say(slots, match[1]!) !== null)) {
      text += fillSlots(part.slice(1, -1), slots, catalogue)
    }
  }
  return text
}

const slotPattern = /\{([a-z_][a-z0-9_]*)\}/gi

/** The sentence of a template that a form brings: no brackets, and no slot is ever printed as it stands. */
export function fillSlots(template: string, slots: Slots, catalogue: Catalogue): string {
  return template.replace(slotPattern, (_, name: string) => say(slots, name) ?? catalogue.parts.unknown)
}

/** The same as `fill`, where braces and brackets that are no slots are printed as they stand. */
export function fillKnown(template: string, slots: Slots, catalogue: Catalogue): string {
  const parts = template.split(/(\[[^\]]*\{[^\]]*\])/)
  return parts
    .map((part) => {
      const names = [...part.matchAll(slotPattern)].map((match) => match[1]!)
      const optional = part.startsWith('[') && part.endsWith(']') && names.length > 0
      if (optional && names.some((name) => say(slots, name) === null)) return ''
      const text = optional ? part.slice(1, -1) : part
      return text.replace(slotPattern, (whole, name: string) =>
        Object.hasOwn(slots, name) ? (say(slots, name) ?? catalogue.parts.unknown) : whole,
      )
    })
    .join('')
}

function say(slots: Slots, name: string): string | null {
  const value = Object.hasOwn(slots, name) ? slots[name] : null
  const text = typeof value === 'number' ? figure(value) : printable(value ?? '')
  return text === '' ? null : text
}
