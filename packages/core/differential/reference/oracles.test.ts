import { BlockList, isIP } from 'node:net'
import { crc32 as zlibCrc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyAddress, BAD_SPELLINGS, GOOD_SPELLINGS } from '../generators/addresses.ts'
import { domainInput } from '../generators/domain-entries.ts'
import { HOSTS_LIKE_ADDRESSES } from '../generators/host-names.ts'
import { crc32 } from './checksum.ts'
import { checkDomainEntry } from './domain-entry.ts'
import { addressText, readAddress } from './ip-address.ts'
import { blockContains, readBlock } from './ip-block.ts'

const RUNS = { seed: 1, numRuns: 5000 }

describe('the reference agrees with what is known elsewhere', () => {
  test('on what is an address: node:net, zones apart', () => {
    const spellings = fc.constantFrom(...GOOD_SPELLINGS, ...BAD_SPELLINGS)
    const agrees = fc.property(anyAddress, spellings, (address, spell) => {
      const text = spell(address)
      expect(readAddress(text) !== null).toBe(isIP(text) !== 0 && !text.includes('%'))
    })
    fc.assert(agrees, RUNS)
  })

  test('on the canonical form of IPv6: the URL parser', () => {
    const agrees = fc.property(anyAddress, (address) => {
      fc.pre(address.family === 6)
      expect(`[${addressText(address)}]`).toBe(hostnameOf(`[${addressText(address)}]`))
    })
    fc.assert(agrees, RUNS)
  })

  test('on which block holds which address: node:net BlockList', () => {
    const agrees = fc.property(anyAddress, anyAddress, fc.integer({ min: 1 }), (one, two, size) => {
      const width = one.family === 4 ? 32 : 128
      const block = readBlock(`${addressText(one)}/${(size % width) + 1}`)
      fc.pre(typeof block !== 'string' && one.family === two.family)
      const list = new BlockList()
      const family = one.family === 4 ? 'ipv4' : 'ipv6'
      list.addSubnet(addressText(one), (size % width) + 1, family)
      expect(blockContains(block, two)).toBe(list.check(addressText(two), family))
    })
    fc.assert(agrees, RUNS)
  })

  test.each(HOSTS_LIKE_ADDRESSES)('on whether %j is an IP address: the URL parser', (host) => {
    const isIpv4 = isIP(hostnameOf(host) ?? '') === 4
    const answer = checkDomainEntry(host, false)
    expect(!answer.ok && answer.code === 'domain_is_ip').toBe(isIpv4 || isIpv6(host))
  })

  test('on the spelling of a host: the URL parser takes every accepted one unchanged', () => {
    const agrees = fc.property(domainInput, (input) => {
      const answer = checkDomainEntry(input, false)
      fc.pre(answer.ok)
      const host = answer.value.replace(/^\*\./, '')
      expect(hostnameOf(host)).toBe(host)
    })
    fc.assert(agrees, RUNS)
  })

  test('on CRC-32: node:zlib', () => {
    const agrees = fc.property(fc.stringMatching(/^[!-~]*$/), (text) => {
      expect(crc32(text)).toBe(zlibCrc32(text))
    })
    fc.assert(agrees, RUNS)
  })
})

function hostnameOf(host: string): string | null {
  return URL.canParse(`https://${host}/`) ? new URL(`https://${host}/`).hostname : null
}

/** A bare IPv6 address, or a bracketed one as the URL parser takes it. */
function isIpv6(host: string): boolean {
  const isBare = isIP(host) === 6 && !host.includes('%')
  return isBare || (hostnameOf(host) ?? '').startsWith('[')
}
