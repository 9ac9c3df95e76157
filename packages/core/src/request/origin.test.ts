import { describe, expect, test } from 'vitest'
import { parseOrigin } from './origin.ts'

const LABEL_64 = 'a'.repeat(64)

describe('hostile and foreign origins name no domain', () => {
  test.each<{ origin: string; because: string }>([
    { origin: '', because: 'the empty value is a value' },
    { origin: 'null', because: 'an opaque origin is nobody (CVE-2026-27978)' },
    { origin: 'NULL', because: 'nor in capitals' },
    { origin: 'undefined', because: 'a word' },
    { origin: '*', because: 'a pattern' },
    { origin: 'https://*', because: 'a pattern' },
    { origin: 'https://*.example.com', because: 'a pattern' },
    { origin: 'example.com', because: 'no scheme' },
    { origin: '//example.com', because: 'no scheme' },
    { origin: '://example.com', because: 'an empty scheme' },
    { origin: 'https:example.com', because: 'no slashes' },
    { origin: 'https:/example.com', because: 'one slash' },
    { origin: 'https:///example.com', because: 'three slashes' },
    { origin: 'https:\\\\example.com', because: 'backslashes' },
    { origin: 'https://', because: 'no host' },
    { origin: 'https://:443', because: 'no host but a port' },
    { origin: 'https://.', because: 'the root' },
    { origin: 'httpss://example.com', because: 'another scheme' },
    { origin: 'xhttps://example.com', because: 'another scheme' },
    { origin: 'ftp://example.com', because: 'another scheme' },
    { origin: 'ws://example.com', because: 'an origin is never ws' },
    { origin: 'wss://example.com', because: 'an origin is never wss' },
    { origin: 'file://', because: 'a local file' },
    { origin: 'file:///etc/passwd', because: 'a local file' },
    { origin: 'capacitor://localhost', because: 'a hybrid client' },
    { origin: 'ionic://localhost', because: 'a hybrid client' },
    { origin: 'chrome-extension://abcdefghijklmnop', because: 'an extension' },
    { origin: 'moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc', because: 'an extension' },
    { origin: 'android-app://com.example', because: 'a native client' },
    { origin: 'about:blank', because: 'no authority' },
    { origin: 'data:text/html,x', because: 'no authority' },
    { origin: 'blob:https://example.com', because: 'a blob is not its page' },
    { origin: 'javascript:alert(1)', because: 'no authority' },
    { origin: 'https://example.com/', because: 'a path, even the shortest' },
    { origin: 'https://example.com/path', because: 'a path' },
    { origin: 'https://example.com?', because: 'a query' },
    { origin: 'https://malicious.com?.example.com', because: 'a query that ends well (#5624)' },
    { origin: 'https://malicious.com#.example.com', because: 'a fragment that ends well' },
    { origin: 'https://malicious.com/.example.com', because: 'a path that ends well' },
    { origin: 'https://malicious.com\\.example.com', because: 'a backslash is a slash to some' },
    { origin: 'https://malicious.com;.example.com', because: 'a semicolon' },
    { origin: 'https://malicious.com&.example.com', because: 'an ampersand' },
    { origin: 'https://evil@example.com', because: 'user information (golang/go#78563)' },
    { origin: 'https://example.com@evil.example', because: 'user information' },
    { origin: 'https://user:password@example.com', because: 'user information' },
    { origin: 'https://@example.com', because: 'empty user information' },
    { origin: 'https://example.com:', because: 'an empty port' },
    { origin: 'https://example.com:65536', because: 'a port above 65535' },
    { origin: 'https://example.com:443:443', because: 'two ports' },
    { origin: 'https://example.com:443/', because: 'a path behind the port' },
    { origin: 'https://example.com:0x1bb', because: 'a hexadecimal port' },
    { origin: 'https://example.com:evil', because: 'a name as port' },
    { origin: 'https://example.com, https://example.com', because: 'two, joined by a proxy' },
    { origin: 'https://example.com https://evil.example', because: 'a list (RFC 6454 §7.1)' },
    { origin: 'https://example.com,https://evil.example', because: 'a list without blanks' },
    { origin: 'https://example.com\0', because: 'a NUL' },
    { origin: 'https://example.com\0.evil.example', because: 'a NUL inside' },
    { origin: 'https://example.com\n', because: 'a line break' },
    { origin: 'https://exa\tmple.com', because: 'a tab, which a URL parser would drop' },
    { origin: 'https://exa\rmple.com', because: 'a carriage return, which it would drop' },
    { origin: 'https://example.com\u007f', because: 'DEL' },
    { origin: 'https://example.com\u00a0', because: 'a no-break space' },
    { origin: 'https://example\u3002com', because: 'an ideographic full stop' },
    { origin: 'https://ex\u00e4mple.com', because: 'not in A-labels' },
    { origin: 'https://ex%61mple.com', because: 'a percent escape' },
    { origin: 'https://example.com%00', because: 'a percent escape' },
    { origin: 'https://example.com%2eevil.example', because: 'a percent escape' },
    { origin: 'https://example..com', because: 'an empty label' },
    { origin: 'https://.example.com', because: 'an empty first label' },
    { origin: 'https://example.com..', because: 'two trailing dots' },
    { origin: `https://${LABEL_64}.example.com`, because: 'a label of 64' },
    { origin: `https://${'a'.repeat(300)}`, because: 'a label of 300' },
    { origin: `https://${'a.'.repeat(127)}com`, because: 'longer than 253' },
    { origin: 'https://203.0.113.7', because: 'an IPv4 address' },
    { origin: 'https://203.0.113.7:8443', because: 'an IPv4 address and a port' },
    { origin: 'https://127.1', because: 'an address in short form' },
    { origin: 'https://0x7f000001', because: 'an address in hexadecimal' },
    { origin: 'https://2130706433', because: 'an address as a number' },
    { origin: 'https://[::1]', because: 'an IPv6 address' },
    { origin: 'https://[2001:db8::1]:443', because: 'an IPv6 address and a port' },
    { origin: 'https://[v1.example.com]', because: 'a future address' },
    { origin: 'https://2001:db8::1', because: 'an IPv6 address without brackets' },
    { origin: '<script>alert(1)</script>', because: 'text that an owner may see' },
    { origin: '=HYPERLINK("https://example.com")', because: 'text that a spreadsheet may run' },
    { origin: '__proto__', because: 'a name that objects know' },
  ])('$origin: $because', ({ origin }) => {
    expect(parseOrigin(origin)).toBeUndefined()
  })
})

describe('origins that name another domain than they seem to', () => {
  test.each<{ origin: string; domain: string; because: string }>([
    { origin: 'https://evilexample.com', domain: 'evilexample.com', because: 'a shared ending' },
    {
      origin: 'https://example.com.evil.net',
      domain: 'example.com.evil.net',
      because: 'a shared beginning',
    },
    {
      origin: 'https://xn--exampl-2of.com',
      domain: 'xn--exampl-2of.com',
      because: 'a look-alike in A-labels',
    },
    {
      origin: 'https://example-com.evil.net',
      domain: 'example-com.evil.net',
      because: 'a hyphen is no dot',
    },
    { origin: 'https://example_com', domain: 'example_com', because: 'an underscore is no dot' },
  ])('$origin names $domain: $because', ({ origin, domain }) => {
    expect(parseOrigin(origin)?.domain).toBe(domain)
  })
})

test.each<{ origin: string; scheme: string; domain: string; because: string }>([
  {
    origin: 'https://example.com',
    scheme: 'https',
    domain: 'example.com',
    because: 'the usual one',
  },
  {
    origin: 'http://example.com',
    scheme: 'http',
    domain: 'example.com',
    because: 'the scheme is told',
  },
  { origin: 'HTTPS://EXAMPLE.COM', scheme: 'https', domain: 'example.com', because: 'in any case' },
  { origin: 'hTTp://a.example', scheme: 'http', domain: 'a.example', because: 'in any case' },
  {
    origin: 'https://example.com:8443',
    scheme: 'https',
    domain: 'example.com',
    because: 'any port',
  },
  {
    origin: 'https://example.com.',
    scheme: 'https',
    domain: 'example.com',
    because: 'one trailing dot',
  },
  {
    origin: 'http://localhost:3000',
    scheme: 'http',
    domain: 'localhost',
    because: 'a single label',
  },
  {
    origin: 'https://a_b.example',
    scheme: 'https',
    domain: 'a_b.example',
    because: 'an underscore',
  },
])('$origin is $domain by $scheme: $because', ({ origin, scheme, domain }) => {
  expect(parseOrigin(origin)).toEqual({ scheme, domain })
})
