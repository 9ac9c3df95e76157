import { describe, expect, test } from 'vitest'
import { entryCheckLine } from './entry-check-line.ts'

describe('a good line says whether the entry is accepted, and as what', () => {
  test.each<{ given: Record<string, unknown>; gives: string; because: string }>([
    {
      given: { kind: 'domain', input: 'https://WWW.Example.com/x' },
      gives: 'www.example.com',
      because: 'as pasted',
    },
    {
      given: { kind: 'ip', input: '2606:4700:0:0::1111' },
      gives: '2606:4700::1111',
      because: 'canonical form',
    },
    {
      given: { kind: 'ip', input: '8.8.8.9/24', allowIpRanges: true },
      gives: '8.8.8.0/24',
      because: 'a block where blocks are allowed',
    },
    {
      given: { kind: 'ip', input: '10.0.0.1', allowPrivateAddresses: true },
      gives: '10.0.0.1',
      because: 'a private address where they are allowed',
    },
    {
      given: { kind: 'ip', input: '8.8.8.8', subdomains: 1, more: [] },
      gives: '8.8.8.8',
      because: 'unknown members are ignored',
    },
  ])('$gives: $because', ({ given, gives }) => {
    expect(entryCheckLine({ id: 1, ...given })).toEqual({
      id: 1,
      ok: true,
      value: gives,
      warnings: [],
    })
  })

  test('a warning comes with its code and sentence', () => {
    const answer = entryCheckLine({ kind: 'domain', input: 'localhost' })
    expect(answer).toEqual({
      id: null,
      ok: true,
      value: 'localhost',
      warnings: [{ code: 'domain_localhost', message: expect.any(String) }],
    })
  })

  test.each<{ given: Record<string, unknown>; gives: string; because: string }>([
    { given: { kind: 'domain', input: null }, gives: 'not_text', because: 'null' },
    { given: { kind: 'domain', input: 5 }, gives: 'not_text', because: 'a number' },
    { given: { kind: 'ip', input: ['8.8.8.8'] }, gives: 'not_text', because: 'an array' },
    { given: { kind: 'ip', input: { value: '8.8.8.8' } }, gives: 'not_text', because: 'an object' },
    { given: { kind: 'ip', input: '' }, gives: 'entry_empty', because: 'nothing' },
    {
      given: { kind: 'ip', input: '10.0.0.1' },
      gives: 'ip_special',
      because: 'private unless allowed',
    },
    {
      given: { kind: 'ip', input: '8.8.8.0/24' },
      gives: 'ip_range_not_allowed',
      because: 'no blocks unless allowed',
    },
    {
      given: { kind: 'domain', input: '8.8.8.8' },
      gives: 'domain_is_ip',
      because: 'the other list',
    },
  ])('$gives: $because', ({ given, gives }) => {
    const answer = entryCheckLine({ id: 'x', ...given })
    expect(answer).toEqual({ id: 'x', ok: false, code: gives, message: expect.any(String) })
  })
})

describe('a line of another shape is malformed', () => {
  test.each<{ given: unknown; because: string }>([
    { given: 1, because: 'no object' },
    { given: { input: 'example.com' }, because: 'no kind' },
    { given: { kind: 'url', input: 'example.com' }, because: 'another kind' },
    { given: { kind: ['ip'], input: '8.8.8.8' }, because: 'a kind is a string' },
    { given: { kind: 'ip' }, because: 'no input' },
    {
      given: { kind: 'ip', input: '8.8.8.8', allowIpRanges: 1 },
      because: 'a setting is true or false',
    },
  ])('$because', ({ given }) => {
    const answer = entryCheckLine(given)
    expect('error' in answer && typeof answer.error).toBe('string')
    expect(answer).not.toHaveProperty('ok')
  })
})
