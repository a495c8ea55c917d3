/**
 * Which parts of an archive belong to which others: takes the XML of the relations of one part (ECMA-376, Part 2, 6.5), gives
 * them as they are written. Workbooks and texts are archives of the same kind.
 */

/** `type`: the last word of the address that names its kind; blank where none is stated. `target`: as it is written. */
export type Relation = { readonly id: string; readonly type: string; readonly target: string }

/** The relations of a part; none where it has no such XML. */
export function readRelations(xml: string): Relation[] {
  const relations: Relation[] = []
  for (const [tag] of xml.matchAll(/<(?:\w+:)?Relationship\s[^<>]*>/g)) {
    const id = /\bId="([^"]*)"/.exec(tag)?.[1]
    const target = /\bTarget="([^"]*)"/.exec(tag)?.[1]
    if (id === undefined || target === undefined) continue
    relations.push({ id, type: /\bType="(?:[^"]*\/)?([^"/]*)"/.exec(tag)?.[1] ?? '', target })
  }
  return relations
}
