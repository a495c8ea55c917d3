/**
 * Whether it is the network of this machine that is away, and not a host. A host that cannot be reached looks the same from
 * here: its name has no answer where its own name servers are down, too. So hosts that answered before are connected to: where
 * none of them can be reached either, nothing is said of any host.
 */
import { connect, type LookupFunction } from 'node:net'

export type Network = {
  /** A connection was made, to this address. */
  reached(host: string, port: number, address: string): void
  /** Whether what keeps a host from being reached keeps all of those from it that answered before. */
  isAway(host: string): Promise<boolean>
}

/** So many are known, of different addresses: one house may have the sites of a whole province. */
const knownMax = 8
/** Who answered longer ago may be gone itself. */
const knownHoursMax = 24
/** Looking up the names of others may take a while, and goes first. */
const secondsMax = 30

type Known = { readonly host: string; readonly port: number; readonly at: number }

/** What fails where no way leads to a host, or nothing answers for its name. */
const noWay = new Set(
  'EAI_AGAIN ENOTFOUND ENETUNREACH ENETDOWN EHOSTUNREACH EHOSTDOWN EADDRNOTAVAIL ETIMEDOUT UND_ERR_CONNECT_TIMEOUT'.split(
    ' ',
  ),
)

/** Whether an error may be that of our own network. */
export function isNoWay(code: string): boolean {
  return noWay.has(code)
}

/** What one process knows of its network. */
export function makeNetwork(lookup: LookupFunction): Network {
  const known = new Map<string, Known>()
  let asking: Promise<boolean> | null = null
  const reached: Network['reached'] = (host, port, address) => {
    known.delete(address)
    known.set(address, { host, port, at: performance.now() })
    if (known.size > knownMax) known.delete(known.keys().next().value!)
  }
  const anyAnswers = (): Promise<boolean> =>
    Promise.any([...known.values()].map((one) => connectTo(one, lookup))).then(
      () => true,
      () => false,
    )
  const isAway: Network['isAway'] = async (host) => {
    const oldest = performance.now() - knownHoursMax * 3_600_000
    for (const [address, { at }] of known) if (at < oldest) known.delete(address)
    if (![...known.values()].some((one) => one.host !== host)) return false
    asking ??= anyAnswers().finally(() => {
      asking = null
    })
    return !(await asking)
  }
  return { reached, isAway }
}

/** Whatever it says: a host that refuses a connection was reached. @throws where it was not */
async function connectTo({ host, port }: Known, lookup: LookupFunction): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port, lookup })
    const end = (error: Error | null): void => {
      clearTimeout(timer)
      socket.destroy()
      if (error !== null && 'code' in error && isNoWay(String(error.code))) reject(error)
      else resolve()
    }
    const timer = setTimeout(() => end(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), secondsMax * 1000)
    socket.once('connect', () => end(null)).once('error', end)
  })
}
