/**
 * A small seeded source of choices for the renderers. fast-check makes the figures, where shrinking matters; how a
 * report is dressed up is chosen here, so that one integer repeats a rendering exactly.
 */

export type Random = {
  /** A whole number from min to max, both included. */
  integer(min: number, max: number): number
  /** True with the given probability. */
  chance(probability: number): boolean
  /** One of the list; the list must not be empty. */
  pick<One>(list: readonly One[]): One
}

/** A source whose choices depend on `seed` alone (mulberry32). */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    integer,
    chance: (probability) => next() < probability,
    pick: (list) => {
      if (list.length === 0) throw new Error('nothing to pick from')
      return list[integer(0, list.length - 1)]!
    },
  }
}

/** A seed that also depends on a name, so that what differs by name does not draw the same choices. */
export function seedFor(name: string, seed: number): number {
  let mixed = seed
  for (const one of name) mixed = (Math.imul(mixed, 31) + one.codePointAt(0)!) >>> 0
  return mixed >>> 1
}
