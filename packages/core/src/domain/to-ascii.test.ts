import { describe, expect, test } from 'vitest'
import { hostToAscii } from './to-ascii.ts'

describe('what has no A-labels', () => {
  test.each<{ host: string; because: string }>([
    { host: '', because: 'nothing is no host' },
    { host: 'exa mple.com', because: 'a blank' },
    { host: 'a|b.com', because: 'forbidden in a host (WHATWG URL)' },
    { host: 'a<b.com', because: 'forbidden in a host (WHATWG URL)' },
    { host: 'a^b.com', because: 'forbidden in a host (WHATWG URL)' },
    { host: '\u2100.com', because: 'U+2100 maps to a/c' },
    { host: '\u00ad', because: 'a soft hyphen maps to nothing' },
    { host: '\u200b', because: 'a zero-width space maps to nothing' },
    { host: 'a\u200db.example', because: 'CheckJoiners: ZWJ without a virama' },
    { host: 'a\u200cb.example', because: 'CheckJoiners: ZWNJ between Latin letters' },
    { host: '1\u05d0.example', because: 'CheckBidi: a digit before a Hebrew letter' },
    { host: '\u05d0a.example', because: 'CheckBidi: both directions in a label' },
    { host: '\u0301a.example', because: 'a combining mark in front' },
    { host: 'xn--a.example', because: 'punycode that ends too early' },
    { host: 'xn--.example', because: 'empty punycode' },
    { host: 'xn--abc-.example', because: 'punycode of ASCII alone' },
    { host: 'xn--a-ecp.ru', because: 'a label that UTS #46 would have mapped' },
    { host: 'xn--zn7c.com', because: 'a label that is not valid when decoded' },
    { host: 'example.xn--a', because: 'the last label counts too' },
    { host: '256.256.256.256', because: 'it ends in a number and is no address' },
    { host: '1.2.3.4.5', because: 'it ends in a number and is no address' },
    { host: 'example.0x', because: 'it ends in a number and is no address' },
  ])('$host: $because', ({ host }) => {
    expect(hostToAscii(host)).toBeUndefined()
  })
})

describe('what a host becomes in A-labels', () => {
  test.each<{ host: string; is: string; because: string }>([
    { host: 'example.com', is: 'example.com', because: 'itself' },
    { host: 'EXAMPLE.COM', is: 'example.com', because: 'lower case' },
    { host: 'fa\u00df.de', is: 'xn--fa-hia.de', because: 'non-transitional: not fass.de' },
    { host: 'b\u00fccher.example', is: 'xn--bcher-kva.example', because: 'the usual example' },
    { host: '\u4e2d\u56fd', is: 'xn--fiqs8s', because: 'nothing of it is ASCII' },
    { host: 'BU\u0308CHER.example', is: 'xn--bcher-kva.example', because: 'composed' },
    { host: 'xn--bcher-kva.example', is: 'xn--bcher-kva.example', because: 'valid punycode' },
    { host: 'XN--BCHER-KVA.example', is: 'xn--bcher-kva.example', because: 'in lower case' },
    { host: 'example\u3002com', is: 'example.com', because: 'an ideographic full stop is a dot' },
    { host: 'example\uff0ecom', is: 'example.com', because: 'so is a full-width one' },
    { host: 'example\uff61com', is: 'example.com', because: 'and a half-width one' },
    { host: '\uff45xample.com', is: 'example.com', because: 'full-width letters are mapped' },
    { host: '\u212aelvin.com', is: 'kelvin.com', because: 'U+212A is mapped to k' },
    { host: 'exam\u00adple.com', is: 'example.com', because: 'a soft hyphen is dropped' },
    {
      host: '\u0915\u094d\u200d\u0937.example',
      is: 'xn--11b2ezcw70k.example',
      because: 'ZWJ after a virama',
    },
    { host: '\u05d01.example', is: 'xn--1-zhc.example', because: 'CheckBidi: a digit behind' },
    { host: '-a-.example', is: '-a-.example', because: 'CheckHyphens off' },
    { host: 'ab--cd.example', is: 'ab--cd.example', because: 'CheckHyphens off' },
    { host: 'a_b.example', is: 'a_b.example', because: 'STD3 off' },
    { host: 'example.com.', is: 'example.com.', because: 'the trailing dot is left to the caller' },
    { host: '0x7f.1', is: '127.0.0.1', because: 'an address in any notation shows itself' },
  ])('$host is $is: $because', ({ host, is }) => {
    expect(hostToAscii(host)).toBe(is)
  })
})
