/** `gouji serve`: the server of an installation: health, metrics of all queues, the view of the queues. */
import { boardPlugin } from '../../workers/board.ts'
import { openHttp } from '../../workers/http.ts'
import { openLog } from '../../workers/log.ts'
import { makeInstallationMetrics } from '../../workers/metrics.ts'
import { UserError } from '../errors.ts'
import { openQueues } from '../queue.ts'
import { askStore } from '../store/open.ts'
import { openServerStore } from './queue.ts'
import { exit, type Shell } from './shell.ts'
import { untilSignal } from './worker.ts'

const boardPlace = '/queues'
const connections = 4
const defaultAddress = { host: '127.0.0.1', port: 8080 }

/** Runs until SIGTERM or SIGINT. @throws UserError `board_without_password`, those of the store and of the queues */
export async function serveCommand(shell: Shell): Promise<number> {
  const { http, board, logLevel } = shell.config.service
  if (board.password === '') throw new UserError('board_without_password')
  const log = openLog({ level: logLevel, hide: shell.hide, terminal: process.stdout.isTTY === true })
  const now = (): Date => new Date()
  const store = await openServerStore(shell, connections)
  const queues = await openQueues(shell.config.queue)
  const server = await openHttp({
    address: http ?? defaultAddress,
    log,
    metrics: makeInstallationMetrics(store, queues, now),
    needs: { store: () => askStore(store), redis: () => queues.ping() },
    parts: [{ prefix: boardPlace, plugin: boardPlugin({ ...board, queues, log, now }, boardPlace) }],
  })
  await untilSignal()
  server.refuse()
  await server.close()
  await queues.close()
  await store.close()
  return exit.fine
}
