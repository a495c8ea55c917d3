/** `gouji runs`: the runs of a store, and the manifest of one: each input with its one outcome. */
import { UserError } from '../errors.ts'
import { csvLine } from '../exports/csv.ts'
import { renderReason } from '../messages/render.ts'
import { listRuns, loadRunItems, type RunItem } from '../store/runs.ts'
import { drawTable } from './print.ts'
import { exit, type Shell } from './shell.ts'
import { withStore } from './stored.ts'

type Options = { readonly format: 'table' | 'json' | 'csv' }

/** All runs, the latest first. */
export async function runsList(shell: Shell, options: Options): Promise<number> {
  return withStore(shell, async (store) => {
    const runs = await listRuns(store)
    const { words: w } = shell
    if (options.format === 'json') {
      await shell.write(`${JSON.stringify(runs, null, 2)}\n`)
      return exit.fine
    }
    const rows = runs.map(({ id, status, startedAt, finishedAt, inputs, outcomes, reader }) => {
      const counts = [inputs, outcomes.stored, outcomes.duplicate, outcomes.failed, outcomes.not_a_report]
      return [id, status, startedAt.toISOString(), finishedAt?.toISOString() ?? '', ...counts.map(String), reader]
    })
    if (options.format === 'csv') {
      const head = [
        'run',
        'status',
        'started_at',
        'finished_at',
        'inputs',
        'stored',
        'duplicate',
        'failed',
        'not_a_report',
        'reader',
      ]
      await shell.write([head, ...rows].map(csvLine).join(''))
      return exit.fine
    }
    const counts = [w.inputs, w.stored, w.duplicate, w.failed, w.not_a_report]
    const heads = [w.run, w.status, w.started, w.finished].map((title) => ({ title }))
    await shell.write(
      drawTable(
        [...heads, ...counts.map((title) => ({ title, align: 'right' as const })), { title: w.reader }],
        rows,
        shell.color,
      ),
    )
    return exit.fine
  })
}

/** The manifest of a run, of the latest where none is named. @throws UserError `run_not_found` */
export async function runsShow(shell: Shell, id: string | undefined, options: Options): Promise<number> {
  return withStore(shell, async (store) => {
    const runs = await listRuns(store)
    const run = id === undefined || id === 'latest' ? runs[0] : runs.find((each) => each.id === id)
    if (run === undefined) throw new UserError('run_not_found', { id: id ?? 'latest' })
    const { format } = options
    const { words: w, config } = shell
    const rows: string[][] = []
    let first = true
    if (format === 'csv') await shell.write(csvLine(['run', ...itemColumns]))
    for await (const item of loadRunItems(store, run.id)) {
      if (format === 'csv') await shell.write(csvLine([run.id, ...itemFields(item)]))
      else if (format === 'json') await shell.write(`${first ? '[\n' : ',\n'}${JSON.stringify(item)}`)
      else {
        const reason = item.reason === null ? '' : renderReason(item.reason, config.lang)
        rows.push([item.path, w[item.outcome], item.kind ?? '', item.reader, String(item.milliseconds), reason])
      }
      first = false
    }
    if (format === 'json') await shell.write(first ? '[]\n' : '\n]\n')
    if (format === 'table') {
      const heads = [{ title: w.path, widthMax: 60 }, { title: w.outcome }, { title: w.kind }, { title: w.reader }]
      const columns = [...heads, { title: 'ms', align: 'right' as const }, { title: w.reason, widthMax: 100 }]
      await shell.write(drawTable(columns, rows, shell.color))
    }
    return exit.fine
  })
}

const itemColumns = [
  'path',
  'outcome',
  'reason',
  'reason_data',
  'kind',
  'bytes',
  'sha256',
  'reader',
  'reading',
  'milliseconds',
  'archive',
]

function itemFields(item: RunItem): (string | number | null)[] {
  const { path, outcome, reason, kind, bytes, sha256, reader, reading, milliseconds, archive = null } = item
  const data = reason === null ? null : JSON.stringify(reason.data)
  return [path, outcome, reason?.code ?? null, data, kind, bytes, sha256, reader, reading, milliseconds, archive]
}
