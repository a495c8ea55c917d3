/** Politeness to hosts: so many requests to one at once, and a pause from the beginning of one to that of the next. */
import { setTimeout as sleep } from 'node:timers/promises'

export type Turns = {
  /** Waits for a turn with a host; what it gives ends the turn. @throws where `signal` ends the waiting */
  take(host: string, signal: AbortSignal): Promise<() => void>
}

type Line = { active: number; next: number; readonly waiting: (() => void)[] }

/** Hosts of which something is still known are looked through above this number. */
const hostsKept = 1000

/** Turns for the hosts that one process asks. */
export function makeTurns(atOnce: number, pauseMilliseconds: number): Turns {
  const lines = new Map<string, Line>()
  const forget = (): void => {
    for (const [host, { active, next }] of lines) if (active === 0 && next <= performance.now()) lines.delete(host)
  }
  const take: Turns['take'] = async (host, signal) => {
    signal.throwIfAborted()
    if (lines.size > hostsKept) forget()
    const line = lines.get(host) ?? { active: 0, next: 0, waiting: [] }
    lines.set(host, line)
    // Who ends a turn hands it on: the number of turns stays as it is.
    const end = (): void => {
      const next = line.waiting.shift()
      if (next === undefined) line.active--
      else next()
    }
    if (line.active < atOnce) line.active++
    else await handedOn(line, signal)
    try {
      const now = performance.now()
      const begin = Math.max(now, line.next)
      line.next = begin + pauseMilliseconds
      if (begin > now) await sleep(begin - now, undefined, { signal })
    } catch (error) {
      end()
      throw error
    }
    return end
  }
  return { take }
}

async function handedOn({ waiting }: Line, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const given = (): void => {
      signal.removeEventListener('abort', aborted)
      resolve()
    }
    const aborted = (): void => {
      waiting.splice(waiting.indexOf(given), 1)
      reject(signal.reason)
    }
    signal.addEventListener('abort', aborted, { once: true })
    waiting.push(given)
  })
}
