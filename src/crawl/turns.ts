/**
 * Politeness to hosts: so many requests to one at once, and a pause from the beginning of one to that of the next. Nobody
 * stands in line: who would have to is put off until its turn is likely, so that others are asked meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { PutOff } from '../pipeline/inputs.ts'

/** The right to ask a host. */
export type Turn = {
  readonly host: string
  /** Waits until the host may be asked once more. @throws where `signal` ends the waiting */
  again(signal: AbortSignal): Promise<void>
  end(): void
}

export type Turns = {
  /** A turn with a host for whom it is named, begun. @throws PutOff where others have them all, or where `signal` ends the waiting */
  take(host: string, who: string, signal: AbortSignal): Promise<Turn>
  /** @throws PutOff where the host that it was put off for last has no turn yet */
  refuse(who: string): void
}

/** A host: who has turns, when the next may begin, how long they take, and how many were put off and have come back. */
type Line = { active: number; next: number; takes: number; issued: number; served: number }
/** The place in line of one who was put off, and when it is to come back. */
type Ticket = { readonly host: string; readonly number: number; readonly due: number }

/** Hosts of which something is still known are looked through above this number. */
const hostsKept = 1000
/** So many of those who were put off keep their place in line. */
const ticketsMax = 100_000
/** What begins so soon is waited for. */
const soonMilliseconds = 1000
/** How long a turn takes with a host of which nothing is known yet. */
const takesAtFirst = 1000
const shortestMilliseconds = 100
/** What a host was like says little of what it will be like then. */
const longestMilliseconds = 600_000
/** Where very many wait for one host they come back further apart than this. */
const apartMilliseconds = 50
/** Who does not come back so long after its time went to another worker. */
const graceMilliseconds = 600_000

/** Turns for the hosts that one process asks. */
export function makeTurns(atOnce: number, pauseMilliseconds: number): Turns {
  const lines = new Map<string, Line>()
  const { ticketOf, leave, forget, putOff } = makeTickets(lines, atOnce, pauseMilliseconds)
  const isBusy = ({ active, next }: Line, now: number): boolean => active >= atOnce || next - now > soonMilliseconds
  const take: Turns['take'] = async (host, who, signal) => {
    signal.throwIfAborted()
    const now = performance.now()
    forget(now)
    const line = lines.get(host) ?? { active: 0, next: 0, takes: takesAtFirst, issued: 0, served: 0 }
    lines.set(host, line)
    if (isBusy(line, now)) throw putOff(host, who, now)
    leave(who)
    line.active++
    const end = (): void => {
      line.active--
      line.takes += (performance.now() - now - line.takes) / 5
    }
    const again: Turn['again'] = async (until) => {
      const asked = performance.now()
      const begin = Math.max(asked, line.next)
      line.next = begin + pauseMilliseconds
      if (begin > asked) await sleep(begin - asked, undefined, { signal: until })
    }
    try {
      await again(signal)
    } catch (error) {
      end()
      throw error
    }
    return { host, again, end }
  }
  const refuse: Turns['refuse'] = (who) => {
    const host = ticketOf(who)?.host
    const now = performance.now()
    if (host !== undefined && isBusy(lines.get(host)!, now)) throw putOff(host, who, now)
  }
  return { take, refuse }
}

type Tickets = {
  ticketOf(who: string): Ticket | undefined
  /** Who has a turn, or goes elsewhere, needs no place in line any more. */
  leave(who: string): void
  /** Lets go of hosts, and of those who did not come back. */
  forget(now: number): void
  /** Says when to come back; who was put off before keeps its place. */
  putOff(host: string, who: string, now: number): PutOff
}

function makeTickets(lines: Map<string, Line>, atOnce: number, pauseMilliseconds: number): Tickets {
  const tickets = new Map<string, Ticket>()
  const leave: Tickets['leave'] = (who) => {
    const ticket = tickets.get(who)
    if (ticket === undefined) return
    tickets.delete(who)
    lines.get(ticket.host)!.served++
  }
  const forget: Tickets['forget'] = (now) => {
    for (const [who, { due }] of tickets) {
      if (tickets.size <= ticketsMax && due + graceMilliseconds > now) break
      leave(who)
    }
    if (lines.size <= hostsKept) return
    for (const [host, { active, next, issued, served }] of lines)
      if (active === 0 && next <= now && issued === served) lines.delete(host)
  }
  const putOff: Tickets['putOff'] = (host, who, now) => {
    const line = lines.get(host)!
    const known = tickets.get(who)
    if (known !== undefined && known.host !== host) leave(who)
    const number = known?.host === host ? known.number : ++line.issued
    const before = Math.max(1, number - line.served)
    const expected = before * Math.max(pauseMilliseconds, line.takes / atOnce)
    const longest = Math.max(longestMilliseconds, before * apartMilliseconds)
    const milliseconds = Math.ceil(Math.min(Math.max(expected, shortestMilliseconds), longest))
    tickets.set(who, { host, number, due: now + milliseconds })
    return new PutOff(milliseconds)
  }
  return { ticketOf: (who) => tickets.get(who), leave, forget, putOff }
}
