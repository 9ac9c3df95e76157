import { describe, expect, test } from 'vitest'
import type { EntryAnswer, Json } from '../case.ts'
import { referenceEntryCheck } from './entry-check.ts'

describe('a domain entry', () => {
  test.each<{ input: Json; gives: string; because: string }>([
    { input: 5, gives: 'not_text', because: 'a number is no text' },
    { input: null, gives: 'not_text', because: 'neither is null' },
    { input: ' \uFEFF\u3000', gives: 'entry_empty', because: 'all of it is white space' },
    { input: '::1', gives: 'domain_is_ip', because: 'an IPv6 address' },
    { input: '[::1]:80', gives: 'domain_is_ip', because: 'the same in brackets, with a port' },
    { input: 'https://[2001:db8::1]/', gives: 'domain_is_ip', because: 'the same in a URL' },
    { input: '1.2.3.4', gives: 'domain_is_ip', because: 'an IPv4 address' },
    { input: '*.1.2.3.4', gives: 'domain_is_ip', because: 'the same under a wildcard' },
    { input: '0x7f.1', gives: 'domain_is_ip', because: 'what a URL parser reads as 127.0.0.1' },
    { input: '2130706433', gives: 'domain_is_ip', because: 'the same as one number' },
    { input: '１２７.0.0.1', gives: 'domain_is_ip', because: 'the same after UTS #46' },
    { input: '256.1.1.1', gives: 'domain_syntax', because: 'ends in a number and is no address' },
    { input: 'a.0x1', gives: 'domain_syntax', because: 'no host ends in 0x…' },
    { input: 'example.com\\x', gives: 'domain_syntax', because: 'a backslash' },
    { input: 'http:example.com', gives: 'domain_scheme', because: 'not exactly //' },
    { input: 'ftp://user@example.com', gives: 'domain_scheme', because: 'no scheme of the four' },
    { input: 'example.com:port', gives: 'domain_scheme', because: 'text:other is a scheme' },
    { input: 'user@example.com', gives: 'domain_user_info', because: 'text before an @' },
    { input: 'user:pw@example.com', gives: 'domain_user_info', because: 'and a password' },
    { input: 'https://u:p@example.com', gives: 'domain_user_info', because: 'the same in a URL' },
    { input: 'example.com:65536', gives: 'domain_syntax', because: 'no such port' },
    { input: 'example.com:000080', gives: 'domain_syntax', because: 'six digits' },
    { input: 'exa%6dple.com', gives: 'domain_syntax', because: 'a percent escape in the host' },
    { input: 'a\tb.example', gives: 'domain_syntax', because: 'a control character in the host' },
    { input: '*', gives: 'domain_wildcard', because: 'everybody' },
    { input: '*.*.example.com', gives: 'domain_wildcard', because: 'one leading *. at most' },
    { input: 'a*.example.com', gives: 'domain_wildcard', because: 'not a whole label' },
    { input: 'xn--a.example', gives: 'domain_syntax', because: 'no punycode' },
    { input: 'אa.example', gives: 'domain_syntax', because: 'CheckBidi' },
    { input: 'a\u200Db.example', gives: 'domain_syntax', because: 'CheckJoiners' },
    { input: 'a..example', gives: 'domain_syntax', because: 'an empty label' },
    { input: 'example.com..', gives: 'domain_syntax', because: 'two trailing dots' },
    { input: 'https://', gives: 'domain_syntax', because: 'no host' },
    { input: `${'a'.repeat(64)}.example`, gives: 'domain_too_long', because: 'a label of 64' },
    { input: `${'a.'.repeat(124)}aaa.xx`, gives: 'domain_too_long', because: '254 characters' },
    { input: 'intranet', gives: 'domain_single_label', because: 'one label' },
    { input: 'com', gives: 'domain_single_label', because: 'one label, though a suffix too' },
    { input: '*.com', gives: 'domain_public_suffix', because: 'every .com' },
    { input: 'co.uk', gives: 'domain_public_suffix', because: 'a suffix of two labels' },
    { input: '*.vercel.app', gives: 'domain_public_suffix', because: 'other customers' },
    { input: '*.internal', gives: 'domain_public_suffix', because: 'the default * rule' },
    { input: '*.localhost', gives: 'domain_public_suffix', because: 'the default * rule' },
    { input: 'foo.ck', gives: 'domain_public_suffix', because: 'the rule *.ck' },
    { input: '*.amazonaws.com', gives: 'domain_public_suffix', because: 'suffixes lie below' },
    { input: 'example.com', gives: '=example.com', because: 'the plain form' },
    { input: 'HTTPS://Example.COM:443/a?b#c', gives: '=example.com', because: 'a pasted URL' },
    { input: 'wss://*.example.com', gives: '=*.example.com', because: 'a wildcard in one' },
    { input: '\u00A0example.com.\uFEFF', gives: '=example.com', because: 'one trailing dot' },
    { input: 'BÜCHER.example', gives: '=xn--bcher-kva.example', because: 'A-labels' },
    { input: 'faß.de', gives: '=xn--fa-hia.de', because: 'non-transitional' },
    { input: '-a-.my_site.example', gives: '=-a-.my_site.example', because: 'no CheckHyphens' },
    { input: 'localhost:3000', gives: '=localhost', because: 'the one single label' },
    { input: 'www.ck', gives: '=www.ck', because: 'an exception rule' },
    { input: 'amazonaws.com', gives: '=amazonaws.com', because: 'no suffix itself' },
    { input: `${'a'.repeat(63)}.example`, gives: `=${'a'.repeat(63)}.example`, because: '63 fit' },
  ])('$input gives $gives: $because', ({ input, gives }) => {
    expect(outcome(check({ kind: 'domain', input }))).toBe(gives)
  })
})

describe('an ip entry', () => {
  test.each<{ input: Json; gives: string; ranges?: string; because: string }>([
    { input: [], gives: 'not_text', because: 'a list is no text' },
    { input: '\t', gives: 'entry_empty', because: 'white space' },
    { input: '8.8.8.8:80', gives: 'ip_has_port', because: 'an address and a port' },
    { input: '[2606:4700::1]:80', gives: 'ip_has_port', because: 'the same in brackets' },
    { input: '[2606:4700::1]', gives: 'ip_syntax', because: 'brackets alone' },
    { input: '08.8.8.8', gives: 'ip_syntax', because: 'zero-padded' },
    { input: '8.8.8', gives: 'ip_syntax', because: 'short' },
    { input: '2606:4700::1%eth0', gives: 'ip_syntax', because: 'a zone' },
    { input: '8.8.8.8 x', gives: 'ip_syntax', because: 'a blank inside' },
    { input: '1:2:3:4:5:6:7:8::', gives: 'ip_syntax', because: ':: stands for nothing' },
    { input: '8.8.8.0/33', gives: 'ip_syntax', ranges: 'ip_syntax', because: 'no prefix' },
    { input: '8.8.8.0/08', gives: 'ip_syntax', ranges: 'ip_syntax', because: 'no prefix' },
    { input: '10.0.0.1', gives: 'ip_special', because: 'private' },
    { input: '192.0.0.9', gives: 'ip_special', because: 'a row that is globally reachable' },
    { input: '224.0.0.1', gives: 'ip_special', because: 'multicast' },
    { input: '::ffff:10.0.0.1', gives: 'ip_special', because: 'mapped is IPv4' },
    { input: '4000::', gives: 'ip_special', because: 'outside 2000::/3' },
    { input: '2001:1ff:ffff::', gives: 'ip_special', because: 'the end of 2001::/23' },
    { ...block('0.0.0.0/0', 'ip_range_too_wide'), because: 'everybody' },
    { ...block('::ffff:8.8.8.8/95', 'ip_range_too_wide'), because: 'mapped, shorter than /96' },
    { ...block('::ffff:8.8.8.8/96', 'ip_range_too_wide'), because: 'all of IPv4' },
    { ...block('8.0.0.0/5', 'ip_range_special'), because: '10.0.0.0/8 is inside' },
    { ...block('10.1.0.0/16', 'ip_range_special'), because: 'inside 10.0.0.0/8' },
    { ...block('8.8.8.8/32', '=8.8.8.8/32'), because: 'a block of one stays a block' },
    { ...block('8.8.8.200/25', '=8.8.8.128/25'), because: 'host bits are masked' },
    { ...block('::ffff:8.8.8.8/120', '=8.8.8.0/24'), because: 'mapped blocks are IPv4' },
    { ...block('2A00:1450::1/32', '=2a00:1450::/32'), because: 'RFC 5952' },
    { input: ' 8.8.8.8 ', gives: '=8.8.8.8', because: 'trimmed' },
    { input: '::FFFF:808:808', gives: '=8.8.8.8', because: 'mapped in hexadecimal' },
    { input: '2606:0:0:1:0:0:0:1', gives: '=2606:0:0:1::1', because: 'the longest run' },
    { input: '2606:0:0:1:2:0:0:1', gives: '=2606::1:2:0:0:1', because: 'the first of equals' },
    { input: '2606:1:2:3:4:5:0:7', gives: '=2606:1:2:3:4:5:0:7', because: 'one group is no run' },
    { input: '2001:200::', gives: '=2001:200::', because: 'just outside 2001::/23' },
  ])('$input gives $gives: $because', ({ input, gives, ranges }) => {
    expect(outcome(check({ kind: 'ip', input }))).toBe(gives)
    const withRanges = outcome(check({ kind: 'ip', input, allowIpRanges: true }))
    expect(withRanges).toBe(ranges ?? gives)
  })

  test.each<{ input: string; gives: string; because: string }>([
    { input: '::/0', gives: 'ip_range_too_wide', because: '/0 stays refused' },
    { input: '10.0.0.0/8', gives: '=10.0.0.0/8', because: 'a private block' },
    { input: '::1', gives: '=::1', because: 'loopback' },
  ])('$input with private addresses allowed gives $gives: $because', ({ input, gives }) => {
    const settings = { allowIpRanges: true, allowPrivateAddresses: true }
    expect(outcome(referenceEntryCheck({ kind: 'ip', input, ...settings }))).toBe(gives)
  })
})

function check(line: {
  readonly kind: 'domain' | 'ip'
  readonly input: Json
  readonly allowIpRanges?: boolean
}): EntryAnswer {
  return referenceEntryCheck({ allowIpRanges: false, allowPrivateAddresses: false, ...line })
}

/** A block: refused as one unless ranges are allowed. */
function block(input: string, ranges: string): { input: string; gives: string; ranges: string } {
  return { input, gives: 'ip_range_not_allowed', ranges }
}

function outcome(answer: EntryAnswer): string {
  return answer.ok ? `=${answer.value}` : answer.code
}
