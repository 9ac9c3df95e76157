import { expect, test } from 'vitest'
import { judgePaste, type ListRules } from './judge-paste.ts'
import { refusedText, takenEntries } from './judged-entry.ts'

const settings = { maxDomains: 5, maxIps: 5, allowIpRanges: false, allowPrivateAddresses: false }

function rules(changed: Partial<ListRules> = {}): ListRules {
  return { kind: 'domains', settings, entries: [], subdomains: false, ...changed }
}

function listed(...values: string[]) {
  return values.map((value) => ({ value, label: '' }))
}

test.each<{ text: string; rules?: Partial<ListRules>; gives: string[]; because: string }>([
  {
    text: 'https://Example.com:8443/cart',
    gives: ['example.com'],
    because: 'normalised as the server would',
  },
  { text: 'com', gives: ['domain_single_label'], because: 'no name of its own' },
  {
    text: 'vercel.app',
    gives: ['domain_public_suffix'],
    because: 'other people’s sites lie below it',
  },
  { text: '8.8.8.8', gives: ['domain_is_ip'], because: 'an address among the domains' },
  { text: 'user@example.com', gives: ['domain_user_info'], because: 'a mail address' },
  {
    text: 'example.com',
    rules: { entries: listed('example.com') },
    gives: ['entry_duplicate'],
    because: 'listed already',
  },
  {
    text: 'a.example.com A.EXAMPLE.COM',
    gives: ['a.example.com', 'entry_duplicate'],
    because: 'twice in one paste',
  },
  {
    text: 'a.com b.com com c.com d.com',
    rules: { entries: listed('1.com', '2.com') },
    gives: ['a.com', 'b.com', 'domain_single_label', 'c.com', 'entries_too_many'],
    because: 'what fits is taken, and a bad one takes no place',
  },
  {
    text: '192.168.0.1',
    rules: { kind: 'ips' },
    gives: ['ip_special'],
    because: 'nobody on the internet has it',
  },
  {
    text: '8.8.8.0/24',
    rules: { kind: 'ips' },
    gives: ['ip_range_not_allowed'],
    because: 'one address each',
  },
  {
    text: '8.8.8.8:443',
    rules: { kind: 'ips' },
    gives: ['ip_has_port'],
    because: 'an address has no port',
  },
  {
    text: 'example.com',
    rules: { kind: 'ips' },
    gives: ['ip_syntax'],
    because: 'a domain among the addresses',
  },
  {
    text: '2606:4700:4700:0::1111',
    rules: { kind: 'ips' },
    gives: ['2606:4700:4700::1111'],
    because: 'the canonical form',
  },
])('$text: $because', (row) => {
  const judged = judgePaste(row.text, rules(row.rules))
  expect(judged.map((one) => (one.ok ? one.entry.value : one.problem.code))).toEqual(row.gives)
})

test.each<{ text: string; gives: boolean; because: string }>([
  { text: 'example.com', gives: true, because: 'the check was made' },
  { text: '*.example.com', gives: false, because: 'a wildcard already says it' },
])('$text covers its subdomains $gives: $because', ({ text, gives }) => {
  const [entry] = takenEntries(judgePaste(text, rules({ subdomains: true })))
  expect(entry?.subdomains).toBe(gives)
})

test('what was refused stays in the box, one a line', () => {
  const judged = judgePaste('com, a.com; not_a..name', rules())
  expect(refusedText(judged)).toBe('com\nnot_a..name')
})
