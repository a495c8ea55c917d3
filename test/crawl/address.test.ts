/** Which URLs and addresses are asked: every way to write an address means what it means to the system that connects. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdsPassword, makeAddressRules, Refused } from '../../src/crawl/address.ts'

const rules = makeAddressRules({ allow: [], ports: '80-99,443,8000-9999' })

/** Why a URL is not asked; null where it is, as far as it tells without its name being looked up. */
function refusal(url: string, asked = rules): string | null {
  try {
    asked.checkLiteral(asked.check(url).hostname)
    return null
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return error.reason.code === 'address_refused' ? 'address' : String(error.reason.data.detail)
  }
}

const byte = fc.integer({ min: 0, max: 255 })
const dotted = fc.tuple(byte, byte, byte, byte)
/** The private, local and otherwise special networks of IPv4, written anew and not taken from the library. */
const special = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127), byte, byte, byte),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
  fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
  fc.tuple(fc.constant(198), fc.integer({ min: 18, max: 19 }), byte, byte),
  fc.constantFrom([168, 63, 129, 16] as const),
)

type Four = readonly [number, number, number, number]

/** An address as people and attackers write it. */
function writings([a, b, c, d]: Four): string[] {
  const whole = ((a * 256 + b) * 256 + c) * 256 + d
  const [hex, octal] = [16, 8].map((radix) => (part: number) => part.toString(radix))
  const mapped = `${hex!(a * 256 + b)}:${hex!(c * 256 + d)}`
  return [
    `${a}.${b}.${c}.${d}`,
    `${whole}`,
    `0x${hex!(whole)}`,
    `0${octal!(whole)}`,
    [a, b, c, d].map((part) => `0x${hex!(part)}`).join('.'),
    [a, b, c, d].map((part) => `000${octal!(part)}`).join('.'),
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${b}.${c}.${d}.`,
    `${a}。${b}．${c}｡${d}`,
    [...`${a}.${b}.${c}.${d}`]
      .map((one) => (one === '.' ? one : String.fromCodePoint(one.codePointAt(0)! + 0xfee0)))
      .join(''),
    `${a}%2e${b}.${c}%2E${d}`,
    `[::ffff:${mapped}]`,
    `[::ffff:${a}.${b}.${c}.${d}]`,
    `[::${mapped}]`,
    `[64:ff9b::${mapped}]`,
    `[64:ff9b:1::${mapped}]`,
    `[2002:${mapped}::1]`,
  ]
}

describe('addresses in URLs', () => {
  it('that are special are refused however they are written', () => {
    fc.assert(
      fc.property(special, fc.constantFrom('http', 'https'), (four, scheme) => {
        for (const host of writings(four as Four))
          expect([host, refusal(`${scheme}://${host}/a.doc`)]).toEqual([host, 'address'])
      }),
      { numRuns: 120 },
    )
  })

  it('mean the same in all forms that are no IPv6', () => {
    fc.assert(
      fc.property(dotted, (four) => {
        const forms = writings(four).filter((host) => !host.startsWith('['))
        expect(new Set(forms.map((host) => refusal(`http://${host}/`))).size).toBe(1)
      }),
      { numRuns: 300 },
    )
  })

  it('of IPv6 are asked only where they are public', () => {
    const refused = ['::', '::1', 'fe80::1', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '100::1', '2001:db8::1']
    for (const host of [...refused, '2001::1', '3fff::1', '5f00::1', '4000::1'])
      expect([host, refusal(`http://[${host}]/`)]).toEqual([host, 'address'])
    for (const host of ['2400:3200::1', '240e:1::1', '2606:4700::1111']) expect(refusal(`http://[${host}]/`)).toBeNull()
    // Zones are for links, and no URL has them.
    expect(refusal('http://[fe80::1%25eth0]/')).toBe('not_a_url')
    expect(refusal('http://[fe80::1%eth0]/')).toBe('not_a_url')
  })

  it('are asked where they are public', () => {
    for (const host of [
      '1.1.1.1',
      '202.96.128.86',
      '172.32.0.1',
      '172.15.0.1',
      '100.63.0.1',
      '100.128.0.1',
      '11.0.0.1',
    ])
      expect([host, refusal(`http://${host}/`)]).toEqual([host, null])
  })

  it('are those behind the last @, whatever stands before', () => {
    for (const url of [
      'http://www.gov.cn@127.0.0.1/',
      'http://a:b@www.gov.cn/',
      'http://:b@www.gov.cn/',
      'http://%61@x.cn/',
    ])
      expect([url, refusal(url), holdsPassword(url)]).toEqual([url, 'has_password', true])
    // The host ends before these: what follows only looks like it.
    for (const url of [
      'http://127.0.0.1#@www.gov.cn/',
      'http://127.0.0.1?@www.gov.cn/',
      'http://127.0.0.1\\@www.gov.cn/',
    ])
      expect([url, refusal(url), holdsPassword(url)]).toEqual([url, 'address', false])
  })

  it('of metadata services are refused', () => {
    for (const host of ['169.254.169.254', '100.100.100.200', '[fd00:ec2::254]', '192.0.0.192', '168.63.129.16'])
      expect(refusal(`http://${host}/latest/meta-data/`)).toBe('address')
  })
})

describe('URLs', () => {
  it('are http or https, to ports where documents are', () => {
    for (const url of [
      'ftp://a.cn/',
      'file:///etc/passwd',
      'gopher://a.cn/',
      'data:text/plain,a',
      'javascript:1',
      'ws://a.cn',
    ])
      expect([url, refusal(url)]).toEqual([url, 'not_http'])
    for (const port of [22, 25, 6379, 5432, 3306, 10_000]) expect(refusal(`http://a.cn:${port}/`)).toBe('port_closed')
    for (const port of [80, 81, 443, 8080, 9090]) expect(refusal(`http://a.cn:${port}/`)).toBeNull()
    for (const url of ['', 'a.cn', 'http://', 'http://a b/', 'http://a.cn:99999/', `http://a.cn/${'x'.repeat(5000)}`])
      expect([url, refusal(url)]).toEqual([url, 'not_a_url'])
  })

  it('may have names in Chinese, which are asked for as DNS knows them', () => {
    expect(rules.check('http://政务.中国/报告.doc#top').href).toBe(
      'http://xn--zfr164b.xn--fiqs8s/%E6%8A%A5%E5%91%8A.doc',
    )
  })

  it('that are any text are checked or refused, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.string().map((text) => `http://${text}`),
        ),
        (text) => {
          const why = refusal(text)
          if (why === null) expect(['http:', 'https:']).toContain(new URL(text).protocol)
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('the settings', () => {
  it('allow networks, addresses and hosts by name', () => {
    const allow = ['10.1.0.0/16', '192.168.1.5', 'fd00::/8', 'Intranet.gov.cn']
    const own = makeAddressRules({ allow, ports: '80' })
    for (const host of ['10.1.2.3', '192.168.1.5', '[fd00::1]', '0x0a010203'])
      expect(refusal(`http://${host}/`, own)).toBeNull()
    for (const host of ['10.2.0.1', '192.168.1.6', '[fe80::1]', '127.0.0.1', '[::ffff:10.1.2.3]'])
      expect([host, refusal(`http://${host}/`, own)]).toEqual([host, 'address'])
    expect(refusal('https://10.1.2.3/', own)).toBe('port_closed')
  })

  it('that make no sense are errors', () => {
    for (const allow of ['10.1.0.0/33', '10.1/16', '1.2.3', 'http://a', 'a/b', 'a:80', '*.gov.cn', '::1/200'])
      expect(() => makeAddressRules({ allow: [allow], ports: '80' }), allow).toThrow('GOUJI_FETCH_ALLOW')
    for (const ports of ['', '0', '80-', '90-80', '70000', 'a', '80,,443'])
      expect(() => makeAddressRules({ allow: [], ports }), ports).toThrow('GOUJI_FETCH_PORTS')
  })
})
