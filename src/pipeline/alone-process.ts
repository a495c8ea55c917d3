/**
 * What a process of `alone.ts` runs: one document in, its reading out, and the process ends. It also ends with the one
 * that started it, since nobody would hear of it.
 */
import type { AloneTask } from './alone.ts'
import { openReaders } from './threads.ts'

process.once('disconnect', () => process.exit(1))
process.once('message', async ({ options, bytes, fileName }: AloneTask) => {
  const reading = await openReaders(options).read(bytes, { fileName })
  process.send?.(reading, () => process.exit(0))
})
