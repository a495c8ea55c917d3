/** `gouji agencies`: the user's list of who must publish, and who is below whom. */
import { readFileSync } from 'node:fs'
import { decodeText } from '../../parsers/encoding.ts'
import { readAgencyList } from '../agencies/list.ts'
import { detailOf, UserError } from '../errors.ts'
import { csvLine } from '../exports/csv.ts'
import { type Rechecked, recheckAll, recheckPending } from '../pipeline/recheck.ts'
import { dueOn } from '../pipeline/surroundings.ts'
import { type Coverage, listAgencies, listCoverage, removeAgencies, saveAgencies } from '../store/agencies.ts'
import type { Store } from '../store/open.ts'
import { drawTable } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'
import { withStore, withWritableStore } from './stored.ts'

/**
 * Takes a list into the store and judges anew what hangs on it.
 * @throws UserError `path_not_readable`, `list_invalid` with every line that is wrong
 */
export async function agenciesImport(
  shell: Shell,
  file: string,
  { replace = false }: { readonly replace?: boolean },
): Promise<number> {
  const { agencies, problems } = readAgencyList(readList(file))
  if (problems.length > 0) {
    const lines = problems.map(
      ({ line, code, text }) => `${line}: ${shell.words[code]}${text === '' ? '' : ` (${text})`}`,
    )
    throw new UserError('list_invalid', { path: file, count: problems.length, lines })
  }
  return withWritableStore(shell, async (store) => {
    const off = await saveAgencies(store, agencies, { replace })
    return tellList(shell, store, [`${shell.words.agencies} ${agencies.length}`], off)
  })
}

/** Takes agencies off the list and judges anew what hangs on it. @throws UserError `agency_not_listed` */
export async function agenciesRemove(shell: Shell, names: readonly string[]): Promise<number> {
  return withWritableStore(shell, async (store) => {
    const off = [...new Set(names)]
    await removeAgencies(store, off)
    return tellList(shell, store, [], off)
  })
}

/** Judges anew what a changed list bears on, and says what came of it. */
async function tellList(shell: Shell, store: Store, said: readonly string[], off: readonly string[]): Promise<number> {
  const { words: w } = shell
  await shell.write(off.map((name) => `− ${name}\n`).join(''))
  const rechecked = await recheckPending({ store, registry: openRegistry(shell), now: () => new Date() })
  const counts = off.length === 0 ? said : [...said, `${w.takenOff} ${off.length}`]
  await shell.write(`${[...counts, `${w.reportsChanged} ${rechecked.changed}`].join(' · ')}\n`)
  return tellUnjudged(shell, rechecked)
}

/** Exit code 3 where a report could not be judged. */
function tellUnjudged(shell: Shell, { unjudged }: Rechecked): number {
  for (const { agency, year, detail } of unjudged)
    shell.log('not_compared', `${agency} ${year}: ${shell.words.notCompared}: ${detail}`, { agency, year, detail })
  return unjudged.length === 0 ? exit.fine : exit.failedDocuments
}

/** What the store knows of agencies. */
export async function agenciesList(
  shell: Shell,
  { format }: { readonly format: 'table' | 'json' | 'csv' },
): Promise<number> {
  return withStore(shell, async (store) => {
    const agencies = await listAgencies(store)
    const head = ['agency', 'parent', 'counted_in_parent', 'may_make_regulations', 'level', 'since', 'until']
    const rows = agencies.map((one) => [
      one.name,
      one.parent,
      one.countedInParent,
      one.mayMakeRegulations,
      one.level,
      one.since,
      one.until,
    ])
    if (format === 'json') await shell.write(`${JSON.stringify(agencies, null, 2)}\n`)
    else if (format === 'csv') await shell.write([head, ...rows].map(csvLine).join(''))
    else {
      const cells = rows.map((row) =>
        row.map((value) => (typeof value === 'boolean' ? shell.words[value ? 'yes' : 'no'] : String(value ?? ''))),
      )
      await shell.write(
        drawTable(
          head.map((title) => ({ title, widthMax: 40 })),
          cells,
          shell.color,
        ),
      )
    }
    return exit.fine
  })
}

type CoverageOptions = { readonly format: 'table' | 'json' | 'csv' }

/** Who has published on a year, who late, and who not at all. Exit code 1 where a report is missing or late. */
export async function agenciesCoverage(shell: Shell, year: number, { format }: CoverageOptions): Promise<number> {
  return withStore(shell, async (store) => {
    const { words: w, color } = shell
    const { byId } = openRegistry(shell)
    const covered = (await listCoverage(store, year)).map((one) => {
      const due = dueOn(byId.get(one.report?.form ?? ''), year)
      return { ...one, due, state: coverageOf(one, due) }
    })
    const head = ['agency', 'parent', 'state', 'published_on', 'due', 'seen_at', 'form', 'errors', 'warnings']
    const rows = covered.map(({ agency, parent, state, due, report }) => {
      const dates = [report?.publishedOn ?? null, due, report?.seenAt.slice(0, 10) ?? null]
      return [agency, parent, state, ...dates, report?.form ?? null, report?.errors ?? null, report?.warnings ?? null]
    })
    if (format === 'json') await shell.write(`${JSON.stringify(covered, null, 2)}\n`)
    else if (format === 'csv') await shell.write([head, ...rows].map(csvLine).join(''))
    else {
      const cells = rows.map((row) =>
        row.map((value, place) => (place === 2 ? w[value as CoverageState] : String(value ?? ''))),
      )
      await shell.write(
        drawTable(
          head.map((title) => ({ title, widthMax: 40 })),
          cells,
          color,
        ),
      )
      const counts = (['missing', 'late', 'in_time', 'undated'] as const).map(
        (state) => `${w[state]} ${covered.filter((one) => one.state === state).length}`,
      )
      await shell.write(`${counts.join(' · ')}\n`)
    }
    return covered.some(({ state }) => state === 'missing' || state === 'late') ? exit.findings : exit.fine
  })
}

type CoverageState = 'missing' | 'late' | 'in_time' | 'undated'

/** The day that the page states counts; when gouji first saw it says nothing of when it was published. */
function coverageOf({ report }: Coverage, due: string | null): CoverageState {
  if (report === null) return 'missing'
  if (report.publishedOn === null || due === null) return 'undated'
  return report.publishedOn > due ? 'late' : 'in_time'
}

/** Judges every stored report anew by the rules that need other reports. Exit code 3 where one could not be. */
export async function recheck(shell: Shell): Promise<number> {
  return withWritableStore(shell, async (store) => {
    const rechecked = await recheckAll({ store, registry: openRegistry(shell), now: () => new Date() })
    const { reports, changed } = rechecked
    await shell.write(`${shell.words.reports} ${reports} · ${shell.words.reportsChanged} ${changed}\n`)
    return tellUnjudged(shell, rechecked)
  })
}

function readList(file: string): string {
  try {
    return decodeText(readFileSync(file), []).text
  } catch (error) {
    throw new UserError('path_not_readable', { path: file, detail: detailOf(error) })
  }
}
