import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDomain, parseDomainIn } from './domain.ts'

const LABEL_63 = 'a'.repeat(63)
const NAME_253 = `${LABEL_63}.${LABEL_63}.${LABEL_63}.${'b'.repeat(61)}`

describe('what is no domain', () => {
  test.each<{ host: string; because: string }>([
    { host: '', because: 'nothing is no domain' },
    { host: '.', because: 'the root has no label' },
    { host: '..', because: 'two dots' },
    { host: '.example.com', because: 'an empty first label' },
    { host: 'example..com', because: 'an empty label inside' },
    { host: 'example.com..', because: 'one trailing dot is dropped, two are not' },
    { host: `a${LABEL_63}.com`, because: 'a label of 64' },
    { host: `com.a${LABEL_63}`, because: 'a last label of 64' },
    { host: 'a'.repeat(300), because: 'a label of 300' },
    { host: `b${NAME_253}`, because: '254 characters and a label too long' },
    { host: `${LABEL_63}.${LABEL_63}.${LABEL_63}.${'b'.repeat(60)}.c`, because: '254 characters' },
    { host: '203.0.113.7', because: 'an IPv4 address is no domain' },
    { host: '203.0.113.7.', because: 'nor with a trailing dot' },
    { host: '127.1', because: 'a URL parser takes it for an address' },
    { host: '2130706433', because: 'a URL parser takes it for an address' },
    { host: 'example.123', because: 'the last label is all digits' },
    { host: 'example.0', because: 'the last label is all digits' },
    { host: 'example.0x7f', because: 'the last label is hexadecimal' },
    { host: 'example.0X7F', because: 'in any case' },
    { host: 'example.0x', because: 'in its shortest form' },
    { host: '0x7f000001', because: 'one hexadecimal number' },
    { host: '[::1]', because: 'an IPv6 address is no domain' },
    { host: '::1', because: 'an IPv6 address is no domain' },
    { host: 'example.com:80', because: 'a port is not part of it' },
    { host: 'user@example.com', because: 'nor is a user' },
    { host: 'example.com/', because: 'nor a path' },
    { host: '*.example.com', because: 'a pattern is no domain' },
    { host: 'exa mple.com', because: 'a blank' },
    { host: ' example.com', because: 'a blank in front' },
    { host: 'example.com\n', because: 'a line break behind' },
    { host: 'example.com\0', because: 'a NUL behind' },
    { host: 'bücher.example', because: 'not in A-labels' },
    { host: 'example\u3002com', because: 'an ideographic full stop' },
    { host: 'KELVIN\u212a.com', because: 'U+212A would lower-case to k' },
    { host: 'exampl\u0435.com', because: 'a Cyrillic letter' },
    { host: 'ex%61mple.com', because: 'a percent escape' },
    { host: 'example,com', because: 'a comma' },
    { host: '$example.com', because: 'a dollar sign' },
    { host: 'example`.com', because: 'the character before a' },
    { host: 'example{.com', because: 'the character after z' },
    { host: 'example^.com', because: 'the character before _' },
    { host: 'example:com', because: 'the character after 9' },
  ])('$host: $because', ({ host }) => {
    expect(parseDomain(host)).toBeUndefined()
  })
})

describe('what a domain becomes', () => {
  test.each<{ host: string; is: string; because: string }>([
    { host: 'example.com', is: 'example.com', because: 'itself' },
    { host: 'EXAMPLE.Com', is: 'example.com', because: 'lower case' },
    { host: 'AZ09-_.example', is: 'az09-_.example', because: 'the ends of each range' },
    { host: 'example.com.', is: 'example.com', because: 'one trailing dot is dropped' },
    { host: 'localhost', is: 'localhost', because: 'a single label is a host' },
    { host: '-a-.example', is: '-a-.example', because: 'hyphens are not checked' },
    { host: '1.2.3.com', is: '1.2.3.com', because: 'only the last label may look like a number' },
    { host: '0x7f.example', is: '0x7f.example', because: 'only the last label counts' },
    { host: 'example.x0', is: 'example.x0', because: 'no hexadecimal prefix' },
    { host: 'example.0a', is: 'example.0a', because: 'no hexadecimal prefix' },
    { host: 'example.1a', is: 'example.1a', because: 'not all digits' },
    { host: 'xn--a.example', is: 'xn--a.example', because: 'punycode is not checked here' },
    { host: NAME_253, is: NAME_253, because: '253 characters' },
    { host: `${NAME_253}.`, is: NAME_253, because: '253 characters and the dot' },
  ])('$host is $is: $because', ({ host, is }) => {
    expect(parseDomain(host)).toBe(is)
  })
})

test('a domain within a text is as long as it may be, wherever it begins', () => {
  const text = `https://${NAME_253}:443`
  expect(parseDomainIn(text, 8, 8 + 253)).toBe(NAME_253)
  expect(parseDomainIn(`https://${NAME_253}c`, 8, 8 + 254)).toBeUndefined()
})

test('a domain read again is itself, and a URL parser sees the same host', () => {
  const host = fc.oneof(fc.domain(), fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/))
  fc.assert(
    fc.property(host, (text) => {
      const domain = parseDomain(text)
      if (domain === undefined) return
      expect(parseDomain(domain)).toBe(domain)
      // A URL parser looks into punycode, which is not checked here.
      if (!domain.includes('xn--')) {
        expect(new URL(`http://${text}/`).hostname.replace(/[.]$/, '')).toBe(domain)
      }
    }),
    { numRuns: 1000 },
  )
})
