/** `gouji agencies`: the user's list of who must publish, and who is below whom. */
import { readFileSync } from 'node:fs'
import { decodeText } from '../../parsers/encoding.ts'
import { readAgencyList } from '../agencies/list.ts'
import { detailOf, UserError } from '../errors.ts'
import { csvLine } from '../exports/csv.ts'
import { recheckAll } from '../pipeline/recheck.ts'
import { listAgencies, saveAgencies } from '../store/agencies.ts'
import { drawTable } from './print.ts'
import { exit, openRegistry, type Shell } from './shell.ts'
import { withStore, withWritableStore } from './stored.ts'

/**
 * Takes a list into the store and judges anew what hangs on it.
 * @throws UserError `path_not_readable`, `list_invalid` with every line that is wrong
 */
export async function agenciesImport(shell: Shell, file: string): Promise<number> {
  const { agencies, problems } = readAgencyList(readList(file))
  if (problems.length > 0) {
    const lines = problems.map(
      ({ line, code, text }) => `${line}: ${shell.words[code]}${text === '' ? '' : ` (${text})`}`,
    )
    throw new UserError('list_invalid', { path: file, count: problems.length, lines })
  }
  return withWritableStore(shell, async (store) => {
    await saveAgencies(store, agencies)
    const { changed } = await recheckAll({ store, registry: openRegistry(shell), now: () => new Date() })
    const { words: w } = shell
    await shell.write(`${w.agencies} ${agencies.length} · ${w.reportsChanged} ${changed}\n`)
    return exit.fine
  })
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

/** Judges every stored report anew by the rules that need other reports. */
export async function recheck(shell: Shell): Promise<number> {
  return withWritableStore(shell, async (store) => {
    const { reports, changed } = await recheckAll({ store, registry: openRegistry(shell), now: () => new Date() })
    await shell.write(`${shell.words.reports} ${reports} · ${shell.words.reportsChanged} ${changed}\n`)
    return exit.fine
  })
}

function readList(file: string): string {
  try {
    return decodeText(readFileSync(file), []).text
  } catch (error) {
    throw new UserError('path_not_readable', { path: file, detail: detailOf(error) })
  }
}
