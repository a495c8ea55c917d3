/** Binary search, for lists in which all that comes before a place stands in front. */

/** The index of the first item that does not come before; the length where all do. */
export function firstNotBefore<Item>(sorted: readonly Item[], comesBefore: (item: Item) => boolean): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (comesBefore(sorted[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}
