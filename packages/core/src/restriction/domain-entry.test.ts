import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkDomainEntry, type DomainEntryUse } from './domain-entry.ts'

const SETTINGS = { allowIpRanges: false, allowPrivateAddresses: false }

interface Use {
  subdomains?: boolean
  age?: DomainEntryUse['age']
}

/** The value that an entry becomes, or the code of its refusal. */
function check(input: unknown, { subdomains = false, age = 'new' }: Use = {}): string {
  const checked = checkDomainEntry(input, { settings: SETTINGS, age, subdomains })
  return checked.ok ? checked.value.value : checked.problem.code
}

function warnings(input: string): readonly string[] {
  const checked = checkDomainEntry(input, { settings: SETTINGS, age: 'new', subdomains: false })
  return checked.ok ? checked.value.warnings.map(({ code }) => code) : [checked.problem.code]
}

const LABEL_63 = 'a'.repeat(63)
const NAME_253 = `${LABEL_63}.${LABEL_63}.${LABEL_63}.${'b'.repeat(57)}.com`
/** No domain, for another reason than its length. */
const NO_NAME_253 = NAME_253.replace('aa.', 'a..')

describe('refused', () => {
  test.each<{ input: unknown; code: string; because: string }>([
    { input: undefined, code: 'not_text', because: 'absent' },
    { input: null, code: 'not_text', because: 'null' },
    { input: 1, code: 'not_text', because: 'a number' },
    { input: true, code: 'not_text', because: 'a boolean' },
    { input: ['example.com'], code: 'not_text', because: 'a list' },
    { input: { value: 'example.com' }, code: 'not_text', because: 'an object' },

    { input: '', code: 'entry_empty', because: 'nothing' },
    { input: ' \t\r\n', code: 'entry_empty', because: 'blanks' },
    {
      input: '\u00a0\u3000\u2028\u0085\ufeff',
      code: 'entry_empty',
      because: 'Unicode white space',
    },

    { input: 'localhost-', code: 'domain_single_label', because: 'localhost alone is excepted' },
    { input: 'com', code: 'domain_single_label', because: 'a top-level domain' },
    { input: 'intranet', code: 'domain_single_label', because: 'a name without a dot' },
    { input: 'https://https', code: 'domain_single_label', because: 'a name without a dot' },
    { input: 'com.', code: 'domain_single_label', because: 'a trailing dot is dropped' },

    { input: 'ftp://example.com', code: 'domain_scheme', because: 'another scheme' },
    { input: 'file:///etc/passwd', code: 'domain_scheme', because: 'a local file' },
    { input: 'capacitor://localhost', code: 'domain_scheme', because: 'a hybrid client' },
    { input: 'chrome-extension://abcdefgh', code: 'domain_scheme', because: 'an extension' },
    { input: 'http:example.com', code: 'domain_scheme', because: 'no slashes: text and a colon' },
    { input: 'https:/example.com', code: 'domain_scheme', because: 'one slash: exactly two' },
    { input: 'tel:1x', code: 'domain_scheme', because: 'not all of it is digits' },
    { input: 'javascript:alert(1)', code: 'domain_scheme', because: 'a script' },
    { input: 'data:text/html,x', code: 'domain_scheme', because: 'a data URL' },
    { input: 'blob:https://example.com/x', code: 'domain_scheme', because: 'a blob' },
    { input: 'example.com:http', code: 'domain_scheme', because: 'text and no digits' },
    { input: 'example.com:', code: 'domain_scheme', because: 'text and nothing' },
    {
      input: 'example.com:\uff18\uff10',
      code: 'domain_scheme',
      because: 'full-width digits are no digits',
    },

    { input: 'user@example.com', code: 'domain_user_info', because: 'an e-mail address' },
    {
      input: 'https://user:pw@example.com/',
      code: 'domain_user_info',
      because: 'name and password',
    },
    { input: 'https://@example.com', code: 'domain_user_info', because: 'an empty name' },
    { input: 'mailto:a@example.com', code: 'domain_user_info', because: 'a mail link' },
    {
      input: 'https://example.com@evil.example',
      code: 'domain_user_info',
      because: 'a disguised host',
    },

    { input: '203.0.113.7', code: 'domain_is_ip', because: 'an IPv4 address' },
    { input: '203.0.113.7.', code: 'domain_is_ip', because: 'with a trailing dot' },
    { input: 'https://203.0.113.7:80/', code: 'domain_is_ip', because: 'in a URL' },
    { input: '127.1', code: 'domain_is_ip', because: 'in short form' },
    { input: '0x7f.1', code: 'domain_is_ip', because: 'in hexadecimal' },
    { input: '017700000001', code: 'domain_is_ip', because: 'in octal' },
    { input: '2130706433', code: 'domain_is_ip', because: 'as one number' },
    { input: '\uff11\uff12\uff17.0.0.1', code: 'domain_is_ip', because: 'in full-width digits' },
    {
      input: '127\u30020\u30020\u30021',
      code: 'domain_is_ip',
      because: 'with ideographic full stops',
    },
    { input: '*.1.2.3.4', code: 'domain_is_ip', because: 'under a wildcard' },
    { input: '::1', code: 'domain_is_ip', because: 'an IPv6 address' },
    { input: '[::1]', code: 'domain_is_ip', because: 'in brackets' },
    { input: '[2001:db8::1]:443', code: 'domain_is_ip', because: 'in brackets with a port' },
    { input: 'https://[::1]/path', code: 'domain_is_ip', because: 'in a URL' },
    { input: '::ffff:203.0.113.7', code: 'domain_is_ip', because: 'a mapped address' },

    { input: '*', code: 'domain_wildcard', because: 'everybody' },
    { input: '*.*.example.com', code: 'domain_wildcard', because: 'two wildcards' },
    { input: 'a.*.example.com', code: 'domain_wildcard', because: 'a wildcard inside' },
    { input: '*example.com', code: 'domain_wildcard', because: 'a wildcard without a dot' },
    { input: '**.example.com', code: 'domain_wildcard', because: 'two stars' },
    { input: 'example.*', code: 'domain_wildcard', because: 'a wildcard behind' },

    { input: 'vercel.app', code: 'domain_public_suffix', because: 'the private section counts' },
    { input: '*.vercel.app', code: 'domain_public_suffix', because: "it is other people's" },
    { input: 'github.io', code: 'domain_public_suffix', because: 'the private section counts' },
    { input: 'co.uk', code: 'domain_public_suffix', because: 'a suffix of two labels' },
    { input: '*.co.uk', code: 'domain_public_suffix', because: 'under a wildcard' },
    {
      input: '*.com',
      code: 'domain_public_suffix',
      because: 'a top-level domain under a wildcard',
    },
    {
      input: '*.internal',
      code: 'domain_public_suffix',
      because: "the default rule: it is everybody's",
    },
    { input: '*.localhost', code: 'domain_public_suffix', because: 'the default rule' },
    { input: '*.kawasaki.jp', code: 'domain_public_suffix', because: 'suffixes lie below it' },
    {
      input: 'x.kawasaki.jp',
      code: 'domain_public_suffix',
      because: 'a wildcard rule of the list',
    },
    { input: 'foo.ck', code: 'domain_public_suffix', because: 'a wildcard rule of the list' },
    { input: '*.amazonaws.com', code: 'domain_public_suffix', because: 'suffixes lie below it' },
    { input: 's3.amazonaws.com', code: 'domain_public_suffix', because: 'a suffix below it' },
    {
      input: 'https://VERCEL.app:443/x',
      code: 'domain_public_suffix',
      because: 'as it was pasted',
    },
    { input: '\uff56ercel\u3002app', code: 'domain_public_suffix', because: 'after mapping' },

    { input: `a${LABEL_63}.com`, code: 'domain_too_long', because: 'a label of 64' },
    {
      input: `${'\u00fc'.repeat(60)}.com`,
      code: 'domain_too_long',
      because: 'a label of 64 in A-labels',
    },
    { input: `a.${NAME_253}`, code: 'domain_too_long', because: '255 characters' },
    {
      input: `${'x.'.repeat(126)}0xgg`,
      code: 'domain_syntax',
      because: '256 characters, but none at any length would be a host',
    },
    { input: `0xg${LABEL_63}`, code: 'domain_syntax', because: 'the same, of one label' },
    { input: `0x1.${NAME_253}`, code: 'domain_too_long', because: '257, and it does not end so' },
    {
      input: `b${NAME_253.replace('a.', '.')}c`,
      code: 'domain_too_long',
      because: '254 characters',
    },

    { input: '.example.com', code: 'domain_syntax', because: 'an empty first label' },
    { input: 'example..com', code: 'domain_syntax', because: 'an empty label' },
    { input: 'example.com..', code: 'domain_syntax', because: 'two trailing dots' },
    {
      input: 'example\u3002.com',
      code: 'domain_syntax',
      because: 'two dots, one of them ideographic',
    },
    { input: '*.', code: 'domain_syntax', because: 'a wildcard over nothing' },
    { input: 'https://', code: 'domain_syntax', because: 'no host' },
    { input: 'https:///example.com', code: 'domain_syntax', because: 'three slashes: exactly two' },
    { input: '//example.com', code: 'domain_syntax', because: 'no scheme' },
    { input: '/path', code: 'domain_syntax', because: 'a path' },
    { input: '?query', code: 'domain_syntax', because: 'a query' },
    { input: ':80', code: 'domain_syntax', because: 'a port' },
    { input: 'https://example.com:http', code: 'domain_syntax', because: 'a port by name' },
    { input: 'example.com:65536', code: 'domain_syntax', because: 'a port above 65535' },
    { input: 'a+b:80', code: 'domain_syntax', because: 'a plus in the host' },
    { input: 'example.com\\path', code: 'domain_syntax', because: 'a backslash' },
    { input: 'https:\\\\example.com', code: 'domain_syntax', because: 'backslashes' },
    {
      input: 'https://example.com/a\\b',
      code: 'domain_syntax',
      because: 'a backslash in the path',
    },
    { input: 'ex%61mple.com', code: 'domain_syntax', because: 'a percent escape in the host' },
    { input: 'example.com%00', code: 'domain_syntax', because: 'a percent escape in the host' },
    {
      input: 'exam\tple.com',
      code: 'domain_syntax',
      because: 'a tab, which a URL parser would drop',
    },
    { input: 'exam\nple.com', code: 'domain_syntax', because: 'a line break, which it would drop' },
    { input: 'exam\u0000ple.com', code: 'domain_syntax', because: 'a NUL' },
    { input: 'exam\u0085ple.com', code: 'domain_syntax', because: 'a C1 control character' },
    { input: 'exam ple.com', code: 'domain_syntax', because: 'a blank' },
    { input: 'example.com, example.org', code: 'domain_syntax', because: 'two domains' },
    { input: 'example.com;example.org', code: 'domain_syntax', because: 'two domains' },
    { input: '<script>', code: 'domain_syntax', because: 'mark-up' },
    { input: '\u200b', code: 'domain_syntax', because: 'a zero-width space is mapped to nothing' },
    { input: 'a\u200db.example.com', code: 'domain_syntax', because: 'CheckJoiners' },
    { input: '1\u05d0.example.com', code: 'domain_syntax', because: 'CheckBidi' },
    { input: '\u05d0a.example.com', code: 'domain_syntax', because: 'CheckBidi' },
    { input: 'xn--a.example.com', code: 'domain_syntax', because: 'invalid punycode' },
    {
      input: 'xn--a-ecp.ru',
      code: 'domain_syntax',
      because: 'punycode that UTS #46 would have mapped',
    },
    { input: 'xn--.example.com', code: 'domain_syntax', because: 'empty punycode' },
    {
      input: '\uff0a.example.com',
      code: 'domain_syntax',
      because: 'a full-width star is no wildcard',
    },
    {
      input: 'example.123',
      code: 'domain_syntax',
      because: 'it ends in a number and is no address',
    },
    { input: 'example.0xzz', code: 'domain_syntax', because: 'the last label looks hexadecimal' },
    {
      input: `${'a.'.repeat(1025)}com`,
      code: 'domain_too_long',
      because: 'longer than any name can be written',
    },
    {
      input: '256.256.256.256',
      code: 'domain_syntax',
      because: 'it ends in a number and is no address',
    },
    { input: NO_NAME_253, code: 'domain_syntax', because: '253 characters are not too many' },
    { input: `${NO_NAME_253}.`, code: 'domain_syntax', because: 'nor with a trailing dot' },
    { input: `${LABEL_63}..com`, code: 'domain_syntax', because: '63 are not, of a label' },
    { input: '$'.repeat(2048), code: 'domain_syntax', because: 'so much may be written' },
    { input: '$'.repeat(2049), code: 'domain_too_long', because: 'more is not even looked at' },
    { input: `${NAME_253}m.`, code: 'domain_too_long', because: '254 characters and a dot' },
    { input: 'skype:x1', code: 'domain_scheme', because: 'one letter makes it no port' },
    { input: '[::1]:10', code: 'domain_is_ip', because: 'any digit may stand in a port' },
    { input: 'x[::1]', code: 'domain_syntax', because: 'something before the brackets' },
    { input: '[::1]x', code: 'domain_syntax', because: 'something behind the brackets' },
    { input: '[example.com]', code: 'domain_syntax', because: 'brackets' },
    { input: '[::1]:http', code: 'domain_syntax', because: 'brackets and a port by name' },
    { input: '[fe80::1%25eth0]', code: 'domain_syntax', because: 'a zone' },
    { input: '$(id).example.com', code: 'domain_syntax', because: 'characters that no host has' },
  ])('$input is $code: $because', ({ input, code }) => {
    expect(check(input)).toBe(code)
  })

  test('an entry that covers its subdomains is judged as the wildcard, too', () => {
    const use = { subdomains: true }
    expect(check('*.example.com', use)).toBe('domain_wildcard')
    expect(check('amazonaws.com', use)).toBe('domain_public_suffix')
    expect(check('kawasaki.jp', use)).toBe('domain_public_suffix')
    expect(check('vercel.app', use)).toBe('domain_public_suffix')
    expect(check('localhost', use)).toBe('domain_public_suffix')
    expect(check('intranet', use)).toBe('domain_single_label')
    expect(check('example.com', use)).toBe('example.com')
    expect(check('my.vercel.app', use)).toBe('my.vercel.app')
  })

  test('every refusal says what to enter instead', () => {
    for (const input of [
      1,
      '',
      'com',
      'co.uk',
      '*.amazonaws.com',
      '1.2.3.4',
      'a@b.c',
      'x:y',
      '*',
      '%',
    ]) {
      const checked = checkDomainEntry(input, { settings: SETTINGS, age: 'new', subdomains: false })
      expect(checked.ok ? '' : checked.problem.message).toMatch(/[Ee]nter|parts|wildcard/)
    }
  })
})

describe('accepted', () => {
  test.each<{ input: string; value: string; because: string }>([
    { input: 'example.com', value: 'example.com', because: 'itself' },
    { input: 'EXAMPLE.com', value: 'example.com', because: 'lower case' },
    {
      input: ' \t\u00a0example.com\u3000\u0085\ufeff',
      value: 'example.com',
      because: 'Unicode white space is trimmed',
    },
    { input: 'https://example.com', value: 'example.com', because: 'a scheme is dropped' },
    { input: 'HTTP://example.com', value: 'example.com', because: 'in any case' },
    { input: 'ws://example.com/socket', value: 'example.com', because: 'a WebSocket' },
    { input: 'WSS://example.com/socket', value: 'example.com', because: 'a WebSocket' },
    {
      input: 'https://www.example.com:8443/a/b?c=d#e',
      value: 'www.example.com',
      because: 'an address as it is pasted',
    },
    {
      input: 'example.com:443',
      value: 'example.com',
      because: 'text and digits are host and port',
    },
    { input: 'example.com:0', value: 'example.com', because: 'the first port' },
    {
      input: 'example.com/path:x@y',
      value: 'example.com',
      because: 'what a path holds does not matter',
    },
    { input: 'example.com/%61', value: 'example.com', because: 'nor escapes in it' },
    { input: 'example.com?a', value: 'example.com', because: 'a query without a path' },
    { input: 'example.com#a', value: 'example.com', because: 'a fragment without a path' },
    { input: 'example.com.', value: 'example.com', because: 'one trailing dot is dropped' },
    {
      input: 'example\u3002com',
      value: 'example.com',
      because: 'an ideographic full stop is a dot',
    },
    { input: 'example\uff0ecom', value: 'example.com', because: 'a full-width one too' },
    { input: 'localhost', value: 'localhost', because: 'the single label that is allowed' },
    { input: 'http://localhost:3000', value: 'localhost', because: 'as it is pasted' },
    { input: 'dev.localhost', value: 'dev.localhost', because: 'below it' },
    { input: '*.example.com', value: '*.example.com', because: 'one leading wildcard' },
    { input: 'https://*.example.com:443/', value: '*.example.com', because: 'in a URL' },
    { input: '*.B\u00dcCHER.example', value: '*.xn--bcher-kva.example', because: 'in A-labels' },
    { input: 'fa\u00df.de', value: 'xn--fa-hia.de', because: 'non-transitional: not fass.de' },
    { input: 'b\u00fccher.example', value: 'xn--bcher-kva.example', because: 'to A-labels' },
    { input: 'xn--bcher-kva.example', value: 'xn--bcher-kva.example', because: 'valid punycode' },
    {
      input: '\u0915\u094d\u200d\u0937.example',
      value: 'xn--11b2ezcw70k.example',
      because: 'a joiner after a virama',
    },
    { input: '\u05d01.example', value: 'xn--1-zhc.example', because: 'a right-to-left label' },
    { input: 'a_b.example.com', value: 'a_b.example.com', because: 'STD3 off' },
    { input: '-ab--cd-.example.com', value: '-ab--cd-.example.com', because: 'CheckHyphens off' },
    {
      input: '127.0.0.1.nip.io',
      value: '127.0.0.1.nip.io',
      because: 'no address, though it looks like one',
    },
    { input: 'my.vercel.app', value: 'my.vercel.app', because: 'one below a public suffix' },
    { input: '*.my.vercel.app', value: '*.my.vercel.app', because: 'below that' },
    { input: 'foo.internal', value: 'foo.internal', because: 'one below the default rule' },
    {
      input: 'amazonaws.com',
      value: 'amazonaws.com',
      because: 'exact: suffixes lie below, but it is none',
    },
    { input: 'city.kawasaki.jp', value: 'city.kawasaki.jp', because: 'an exception of the list' },
    {
      input: '*.city.kawasaki.jp',
      value: '*.city.kawasaki.jp',
      because: 'an exception under a wildcard',
    },
    { input: 'www.ck', value: 'www.ck', because: 'an exception of the list' },
    { input: NAME_253, value: NAME_253, because: '253 characters, a label of 63' },
  ])('$input becomes $value: $because', ({ input, value }) => {
    expect(check(input)).toBe(value)
    expect(check(value)).toBe(value)
  })
})

describe('a stored entry is judged by its form alone', () => {
  test.each<{ input: string; is: string; because: string }>([
    { input: 'vercel.app', is: 'vercel.app', because: 'a newer list made it a suffix' },
    { input: '*.vercel.app', is: '*.vercel.app', because: 'a newer list made it a suffix' },
    { input: '*.amazonaws.com', is: '*.amazonaws.com', because: 'a newer list put suffixes below' },
    { input: 'intranet', is: 'domain_single_label', because: 'the form never was right' },
    { input: 'a..b', is: 'domain_syntax', because: 'the form never was right' },
    { input: '*', is: 'domain_wildcard', because: 'the form never was right' },
    { input: '1.2.3.4', is: 'domain_is_ip', because: 'the form never was right' },
  ])('$input is $is: $because', ({ input, is }) => {
    expect(check(input, { age: 'stored' })).toBe(is)
  })
})

describe('warnings do not refuse', () => {
  test.each<{ input: string; gives: string[]; because: string }>([
    { input: 'XN--80AK6AA92E.COM', gives: ['domain_lookalike'], because: 'an A-label in capitals' },
    {
      input: '\u0430\u0440\u0440\u04cf\u0435.COM',
      gives: ['domain_lookalike'],
      because: 'a Latin top in capitals',
    },
    { input: 'localhost', gives: ['domain_localhost'], because: 'every computer has its own' },
    { input: 'dev.localhost', gives: ['domain_localhost'], because: 'below it too' },
    {
      input: '\u0430\u0440\u0440\u04cf\u0435.com',
      gives: ['domain_lookalike'],
      because: 'Cyrillic under a Latin top',
    },
    {
      input: '*.\u0430\u0440\u0440\u04cf\u0435.com.',
      gives: ['domain_lookalike'],
      because: 'under a wildcard',
    },
    {
      input: 'xn--80ak6aa92e.com',
      gives: ['domain_lookalike'],
      because: 'an A-label hides its script',
    },
    {
      input: '\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444',
      gives: [],
      because: 'Cyrillic under its own top',
    },
    {
      input: '\u043f.example.\u0440\u0444',
      gives: [],
      because: 'a Latin label below its own top',
    },
    { input: 'b\u00fccher.example', gives: [], because: 'Latin letters' },
    { input: '\u4f8b.com', gives: [], because: 'a script without Latin twins' },
    { input: 'notlocalhost.com', gives: [], because: 'another name' },
  ])('$input: $gives, $because', ({ input, gives }) => {
    expect(warnings(input)).toEqual(gives)
  })
})

const pasted = fc.oneof(
  fc.domain(),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((label) => `${label}.example.com`),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.domain().map((domain) => `*.${domain}`),
)

test('an accepted entry, checked again, is itself', () => {
  fc.assert(
    fc.property(pasted, fc.boolean(), (input, subdomains) => {
      const value = check(input, { subdomains })
      if (value.includes('.')) expect(check(value, { subdomains })).toBe(value)
    }),
    { numRuns: 2000 },
  )
})

test('nothing that is pasted throws', () => {
  fc.assert(
    fc.property(fc.anything(), (input) => {
      expect(check(input)).toMatch(/^./)
    }),
  )
})
