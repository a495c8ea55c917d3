/** Parts of the codes of cells, `table.row.column`: takes a code, gives what comes before. */

/** `table.row` of the code of a cell. */
export function rowOf(code: string): string {
  return code.slice(0, code.lastIndexOf('.'))
}

/** `table` of the code of a cell or a row. */
export function tableOf(code: string): string {
  return code.split('.', 1)[0]!
}
