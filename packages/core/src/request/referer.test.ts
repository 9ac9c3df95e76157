import { describe, expect, test } from 'vitest'
import { parseReferer } from './referer.ts'

describe('what names no page', () => {
  test.each<{ referer: string; because: string }>([
    { referer: '', because: 'the empty value is a value' },
    { referer: 'null', because: 'a word' },
    { referer: 'about:blank', because: 'a hidden page' },
    { referer: 'example.com', because: 'no scheme' },
    { referer: '/path', because: 'a partial reference' },
    { referer: '//example.com/', because: 'no scheme' },
    { referer: 'https:/example.com/', because: 'one slash' },
    { referer: 'https:///example.com/', because: 'an empty authority' },
    { referer: 'https://', because: 'an empty authority' },
    { referer: 'https://?example.com', because: 'an empty authority before a query' },
    { referer: 'https://#example.com', because: 'an empty authority before a fragment' },
    { referer: 'https://user@', because: 'user information and no host' },
    { referer: 'android-app://com.example/', because: 'a native client' },
    { referer: 'ftp://example.com/', because: 'another scheme' },
    { referer: 'wss://example.com/', because: 'another scheme' },
    { referer: 'https://example.com\\evil', because: 'a backslash' },
    { referer: 'https://example.com/a\\b', because: 'a backslash in the path' },
    { referer: 'https://example.com/a b', because: 'a blank in the path' },
    { referer: 'https://example.com /', because: 'a blank in the host' },
    { referer: 'https://example.com/a\tb', because: 'a tab' },
    { referer: 'https://example.com/\u0000', because: 'a NUL' },
    { referer: 'https://example.com/\u007f', because: 'DEL' },
    { referer: 'https://example.com/\u00e9', because: 'a path that is not ASCII' },
    { referer: 'https://ex\u00e4mple.com/', because: 'a host that is not ASCII' },
    { referer: 'https://example\u3002com/', because: 'an ideographic full stop' },
    { referer: 'https://203.0.113.7/', because: 'an IPv4 address' },
    { referer: 'https://[::1]/', because: 'an IPv6 address' },
    { referer: 'https://example.com:/', because: 'an empty port' },
    { referer: 'https://example.com:65536/', because: 'a port above 65535' },
    { referer: 'https://example.com:80:80/', because: 'two ports' },
    { referer: 'https://example..com/', because: 'an empty label' },
    { referer: 'https://*.example.com/', because: 'a pattern' },
    { referer: 'https://example.com,https://evil.example/', because: 'two, joined' },
    { referer: 'https://example%2ecom/', because: 'a percent escape in the host' },
  ])('$referer: $because', ({ referer }) => {
    expect(parseReferer(referer)).toBeUndefined()
  })
})

test.each<{ referer: string; domain: string; because: string }>([
  {
    referer: 'https://evil.example#@example.com/',
    domain: 'evil.example',
    because: 'a fragment ends it',
  },
  {
    referer: 'https://evil.example?@example.com/',
    domain: 'evil.example',
    because: 'a query ends it',
  },
  {
    referer: 'https://evil.example/@example.com',
    domain: 'evil.example',
    because: 'a path ends it',
  },
  {
    referer: 'https://example.com@evil.example/',
    domain: 'evil.example',
    because: 'what stands before @ is set aside',
  },
  {
    referer: 'https://a@example.com@evil.example/',
    domain: 'evil.example',
    because: 'the last @ counts',
  },
  {
    referer: 'https://example.com:443@evil.example/',
    domain: 'evil.example',
    because: 'a password like a port',
  },
  { referer: 'https://user:pass@example.com/', domain: 'example.com', because: 'user information' },
  { referer: 'https://@example.com/', domain: 'example.com', because: 'empty user information' },
  { referer: 'https://example.com', domain: 'example.com', because: 'no path' },
  { referer: 'https://example.com/', domain: 'example.com', because: 'an origin alone' },
  { referer: 'https://example.com?q', domain: 'example.com', because: 'a query without a path' },
  { referer: 'https://example.com#f', domain: 'example.com', because: 'a fragment without a path' },
  { referer: 'HTTP://EXAMPLE.COM:8080/A?b#c', domain: 'example.com', because: 'in any case' },
  { referer: 'https://example.com./', domain: 'example.com', because: 'one trailing dot' },
  { referer: 'https://example.com/%5c%00', domain: 'example.com', because: 'escapes in the path' },
])('$referer is $domain: $because', ({ referer, domain }) => {
  expect(parseReferer(referer)?.domain).toBe(domain)
})

test('the scheme of the page is told', () => {
  expect(parseReferer('http://example.com/')?.scheme).toBe('http')
  expect(parseReferer('https://example.com/')?.scheme).toBe('https')
})
