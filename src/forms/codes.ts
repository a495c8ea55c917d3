/** Parts of the codes of cells, `table.row.column`: takes a code, gives what comes before. */

/** `table.row` of the code of a cell. */
export function rowOf(code: string): string {
  return code.slice(0, code.lastIndexOf('.'))
}

/** `table` of the code of a cell or a row. */
export function tableOf(code: string): string {
  const end = code.indexOf('.')
  return end < 0 ? code : code.slice(0, end)
}
