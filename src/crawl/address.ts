/**
 * Which URLs and addresses may be asked. URLs come from pages and people, so that any may be meant to reach what only the
 * machine itself can reach: only public addresses are, and what the settings name beside them.
 */
import { lookup as lookupName } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { UserError } from '../errors.ts'
import type { Reason } from '../model.ts'

/** What may be asked, beside public addresses and the usual ports. */
export type AddressSettings = {
  /** Networks (`10.1.0.0/16`), addresses and names of hosts that may be asked though they are not public. */
  readonly allow: readonly string[]
  /** `80-99,443`: asked on any host. */
  readonly ports: string
}

export type AddressRules = {
  /** The URL, where it may be asked as far as its text tells. @throws Refused */
  check(url: string, base?: string): URL
  /** Looks a name up, and gives only addresses that may be asked: the connection is made to one of them. */
  readonly lookup: LookupFunction
  /** An address that stands in a URL is looked up by nobody. @throws Refused */
  checkLiteral(hostname: string): void
}

/** Something that is not asked, or was not answered as it should be. */
export class Refused extends Error {
  readonly reason: Reason
  constructor(code: Reason['code'], data: Reason['data']) {
    super(`${code} ${JSON.stringify(data)}`)
    this.reason = { code, data }
  }
}

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Network = readonly [Address, number]

const urlCharactersMax = 4096
/** Answers to any virtual machine of Azure, with secrets, from an address that is public by its number. */
const publicByNumberOnly = new Set(['168.63.129.16'])
/** All public IPv6 addresses there are; what carries an IPv4 address within (::/96, NAT64) lies outside or is named by ipaddr.js. */
const globalUnicast: Network = [ipaddr.parse('2000::'), 3]

/** The rules of the settings. `resolve` is how names are looked up. @throws UserError `usage` */
export function makeAddressRules(
  { allow, ports }: AddressSettings,
  resolve: typeof lookupName = lookupName,
): AddressRules {
  const networks: Network[] = []
  const names = new Set<string>()
  for (const text of allow) {
    const network = networkOf(text)
    if (network === null) names.add(nameOf(text))
    else networks.push(network)
  }
  const ranges = ports.split(',').map(rangeOf)
  const permits = (text: string, host: string): boolean =>
    names.has(bareName(host)) || isPublic(text) || networks.some((network) => isWithin(text, network))
  return {
    check: (text, base) => {
      const url = URL.canParse(text, base) ? new URL(text, base) : null
      if (url === null || url.href.length > urlCharactersMax) throw refusedUrl('not_a_url')
      if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refusedUrl('not_http')
      if (url.username !== '' || url.password !== '') throw refusedUrl('has_password')
      const port = Number(url.port || (url.protocol === 'http:' ? 80 : 443))
      if (!ranges.some(([first, last]) => port >= first && port <= last)) throw refusedUrl('port_closed')
      url.hash = ''
      return url
    },
    lookup: (host, options, callback) => {
      resolve(host, { ...options, all: true }, (error, found) => {
        if (error !== null) return callback(error, [])
        const allowed = found.filter(({ address }) => permits(address, host))
        const [first] = allowed
        if (first === undefined) callback(refusedAddress(host, found[0]?.address ?? ''), [])
        else if (options.all === true) callback(null, allowed)
        else callback(null, first.address, first.family)
      })
    },
    checkLiteral: (hostname) => {
      const text = hostname.replace(/^\[|\]$/g, '')
      if (ipaddr.isValid(text) && !permits(text, text)) throw refusedAddress(text, text)
    },
  }
}

/** Whether a URL holds what nobody should see, so that it must be neither kept nor shown. */
export function holdsPassword(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}

function isPublic(text: string): boolean {
  if (!ipaddr.isValid(text) || publicByNumberOnly.has(text)) return false
  const address = ipaddr.parse(text)
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || isWithin(text, globalUnicast))
}

function isWithin(text: string, [base, bits]: Network): boolean {
  const address = ipaddr.parse(text)
  return address.kind() === base.kind() && address.match(base, bits)
}

/** Null for what is a name. */
function networkOf(text: string): Network | null {
  const [address, bits] = text.split('/')
  if (!isWhole(address!)) return null
  try {
    return bits === undefined
      ? [ipaddr.parse(text), ipaddr.parse(text).kind() === 'ipv4' ? 32 : 128]
      : ipaddr.parseCIDR(text)
  } catch {
    throw new UserError('usage', { detail: `GOUJI_FETCH_ALLOW: "${text}"` })
  }
}

/** An address in full: `10.1` might mean 10.0.0.1 or a slip. */
function isWhole(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
}

function nameOf(text: string): string {
  const plain = /^[^\s:/@?#*\\]+$/.test(text)
  const url = plain && URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`) : null
  if (url === null || ipaddr.isValid(url.hostname))
    throw new UserError('usage', { detail: `GOUJI_FETCH_ALLOW: "${text}"` })
  return bareName(url.hostname)
}

/** `www.gov.cn.` is the same host. */
function bareName(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}

function rangeOf(text: string): readonly [number, number] {
  const [, first, last = first] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(text) ?? []
  if (first === undefined || Number(first) < 1 || Number(last) > 65_535 || Number(last) < Number(first))
    throw new UserError('usage', { detail: `GOUJI_FETCH_PORTS: "${text}" (80-99,443)` })
  return [Number(first), Number(last)]
}

// The URL itself is not told: it may hold what nobody should see.
function refusedUrl(detail: string): Refused {
  return new Refused('url_refused', { detail })
}

function refusedAddress(host: string, address: string): Refused {
  return new Refused('address_refused', { host, address })
}
