/**
 * What a process of `processes.ts` runs: the threads that read, for the process that started it. It ends with that one,
 * since nobody would hear of it.
 */
import type { FromReader, ToReader } from './processes.ts'
import { openReaders, type Readers } from './threads.ts'

let readers: Readers | null = null

process.once('disconnect', () => process.exit(1))
process.on('message', async (message: ToReader) => {
  if ('options' in message) {
    readers = openReaders(message.options)
    return
  }
  const { id, bytes, fileName } = message
  // A view into a larger message would be handed on to a thread with all of it.
  const reading = await readers!.read(new Uint8Array(bytes), { fileName })
  process.send?.({ id, reading } satisfies FromReader)
})
