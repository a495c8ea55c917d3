/** JSON Lines: one object a row, every column in every object, so that a reader sees the same keys in each line. */
import type { ExportFormat, Field } from './format.ts'

/** The format for programs. */
export const jsonl: ExportFormat = { name: 'jsonl', extension: 'jsonl', mediaType: 'application/jsonl', encode }

async function* encode(columns: readonly string[], rows: AsyncIterable<readonly Field[]>): AsyncGenerator<string> {
  for await (const row of rows) {
    yield `${JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])))}\n`
  }
}
