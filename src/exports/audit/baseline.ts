/**
 * An earlier report in SARIF, to say what is new since. Only what gouji wrote is taken: results are known again by the
 * finding's id and compared by the figures that stand in their properties.
 */
import { UserError } from '../../errors.ts'

/** A result of the earlier report, as it was written. */
export type BaselineResult = {
  readonly result: Readonly<Record<string, unknown>>
  /** What a change of shows that the result was updated. */
  readonly figures: string
  readonly agency: string | null
  readonly year: number | null
}

export type Baseline = ReadonlyMap<string, BaselineResult>

/** Under which name the id of a finding stands among the fingerprints. */
export const fingerprintName = 'gouji/v1'

/**
 * The results of the file's text by id; those that were absent then are left out.
 * @throws UserError `baseline_invalid`
 */
export function readBaseline(path: string, text: string): Baseline {
  const results = new Map<string, BaselineResult>()
  const log = parse(text)
  const runs = isObject(log) && log.version === '2.1.0' && Array.isArray(log.runs) ? log.runs : null
  if (runs === null) throw new UserError('baseline_invalid', { path })
  for (const run of runs) {
    const driver = isObject(run) && isObject(run.tool) && isObject(run.tool.driver) ? run.tool.driver : {}
    const own = isObject(run) && driver.name === 'gouji' && Array.isArray(run.results) ? run.results : null
    if (own === null) throw new UserError('baseline_invalid', { path })
    for (const result of own) {
      const id =
        isObject(result) && isObject(result.partialFingerprints) ? result.partialFingerprints[fingerprintName] : null
      const properties = isObject(result) && isObject(result.properties) ? result.properties : null
      if (!isObject(result) || typeof id !== 'string' || properties === null)
        throw new UserError('baseline_invalid', { path })
      if (result.baselineState === 'absent') continue
      const agency = typeof properties.agency === 'string' ? properties.agency : null
      const year = typeof properties.year === 'number' ? properties.year : null
      results.set(id, { result, figures: JSON.stringify(properties.figures), agency, year })
    }
  }
  return results
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
