/**
 * The crosswalk: which cells of different forms are one series, and how far they can be compared, so that a researcher
 * need not know every form. Takes its JSON and the forms, gives the series; every cell is checked to be one.
 */
import { type FormProblem, formInvalid } from '../errors.ts'
import type { Label } from '../model.ts'

/** `with_care`: the same thing counted in another way; `not_comparable`: named alike, and not the same. */
export type Comparability = 'comparable' | 'with_care' | 'not_comparable'

/** One series. In a form its figure is the sum of the cells listed; a form without cells does not have it. */
export type Series = {
  readonly code: string
  readonly title: Label
  readonly unit: string | null
  readonly comparability: Comparability
  readonly reason: Label
  readonly forms: Readonly<Record<string, readonly string[]>>
}

/** What is asked of a form: whether it has a cell. */
type CellsByForm = ReadonlyMap<string, { readonly indexByCode: ReadonlyMap<string, number> }>

/** The series. @throws UserError `form_invalid` where a cell is none of its form */
export function readCrosswalk(file: string, json: string, forms: CellsByForm): readonly Series[] {
  const { series } = JSON.parse(json) as { readonly series: readonly Series[] }
  const problems: FormProblem[] = []
  for (const [index, one] of series.entries()) {
    for (const [form, codes] of Object.entries(one.forms)) {
      for (const [place, code] of codes.entries()) {
        if (forms.get(form)?.indexByCode.has(code)) continue
        const path = `/series/${index}/forms/${form}/${place}`
        problems.push({ path, code: 'no_such_cell', data: { rule: one.code, text: code } })
      }
    }
  }
  if (problems.length > 0) throw formInvalid(file, problems)
  return series
}
