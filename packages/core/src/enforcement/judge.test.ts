import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipRange } from '../address/ip-range.ts'
import type { HeaderFields } from '../request/header-fields.ts'
import { compileRestrictions } from '../restriction/compile.ts'
import { type Restrictions, UNRESTRICTED } from '../restriction/restrictions.ts'
import { formatToken } from '../token/format.ts'
import { type JudgedRequest, type JudgeSettings, judge, type Verdict } from './judge.ts'
import type { TokenLookup, TokenPolicy } from './token-policy.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const TOKEN = formatToken('kf_', 'a'.repeat(34))
const OTHER = formatToken('kf_', 'b'.repeat(34))
const MALFORMED = 'kf_short'

const SETTINGS: JudgeSettings = {
  tokenFields: [
    { name: 'authorization', scheme: 'bearer' },
    { name: 'x-api-key', scheme: undefined },
  ],
  tokenQuery: undefined,
  tokenPrefix: 'kf_',
  trustedProxies: [ipRange('10.0.0.0/8')],
  barePeer: 'is_client',
  httpsOriginsOnly: false,
}

const DOMAIN = { value: 'example.com', subdomains: false, label: '' }
const ADDRESS = { value: '8.8.8.8', label: '' }
const BOTH_ON: Restrictions = {
  domains: { enabled: true, entries: [DOMAIN] },
  ips: { enabled: true, entries: [ADDRESS] },
}
const DOMAINS_ON = { ...UNRESTRICTED, domains: BOTH_ON.domains }
const IPS_ON = { ...UNRESTRICTED, ips: BOTH_ON.ips }

function policy(
  restrictions: Restrictions,
  {
    life,
    mode = 'enforce',
  }: { life?: Partial<TokenPolicy['life']>; mode?: TokenPolicy['mode'] } = {},
): TokenPolicy {
  const compiled = compileRestrictions(restrictions)
  if (compiled === undefined) throw new Error('unreadable restrictions')
  return {
    tokenId: 'tok_1',
    owner: 'customer-1',
    metadata: {},
    life: { status: 'active', notBefore: undefined, expiresAt: undefined, ...life },
    mode,
    restrictions: compiled,
  }
}

function known(of: TokenPolicy, secretEndsAt?: number): TokenLookup {
  return { state: 'known', policy: of, secretEndsAt }
}

function verdictOn(
  fields: HeaderFields,
  found: TokenLookup,
  request: Partial<JudgedRequest> = {},
): Verdict {
  return judge(
    { fields, target: '/', peer: '8.8.8.8', isWebSocket: false, ...request },
    () => found,
    { settings: SETTINGS, now: NOON },
  )
}

const KEY = ['X-API-Key', TOKEN]
const PAGE = ['Origin', 'https://example.com']
const EVIL = ['Origin', 'https://evil.example']

describe('the token comes before the rule, in the order of spec §6', () => {
  const refusing = policy(DOMAINS_ON)
  const ended = { expiresAt: NOON, notBefore: NOON + 1 }
  test.each<{ fields: HeaderFields; found: TokenLookup; gives: string; because: string }>([
    { fields: [], found: known(refusing), gives: 'token_missing', because: 'nothing was sent' },
    {
      fields: ['Authorization', `Basic ${TOKEN}`],
      found: known(refusing),
      gives: 'token_missing',
      because: 'T36: another scheme',
    },
    {
      fields: ['X-API-Key', MALFORMED, 'X-API-Key', TOKEN],
      found: { state: 'unknown' },
      gives: 'token_malformed',
      because: 'malformed before ambiguous',
    },
    {
      fields: [...KEY, 'X-API-Key', OTHER],
      found: { state: 'unknown' },
      gives: 'token_ambiguous',
      because: 'ambiguous before unknown',
    },
    {
      fields: [...KEY, ...KEY],
      found: known(refusing),
      gives: 'token_ambiguous',
      because: 'T26: a repeated field',
    },
    {
      fields: KEY,
      found: { state: 'unknown' },
      gives: 'token_unknown',
      because: 'nobody knows it',
    },
    {
      fields: KEY,
      found: { state: 'unreadable' },
      gives: 'record_unreadable',
      because: 'its record is damaged',
    },
    {
      fields: KEY,
      found: { state: 'unavailable' },
      gives: 'store_unavailable',
      because: 'the tokens are not known',
    },
    {
      fields: KEY,
      found: known(policy(DOMAINS_ON, { life: { status: 'revoked', ...ended } }), 0),
      gives: 'token_revoked',
      because: 'revoked before all else',
    },
    {
      fields: KEY,
      found: known(policy(DOMAINS_ON, { life: { status: 'disabled', ...ended } }), 0),
      gives: 'token_disabled',
      because: 'disabled before rotated',
    },
    {
      fields: KEY,
      found: known(policy(DOMAINS_ON, { life: ended }), NOON),
      gives: 'token_rotated',
      because: 'rotated before expired',
    },
    {
      fields: KEY,
      found: known(policy(DOMAINS_ON, { life: ended })),
      gives: 'token_expired',
      because: 'expired before not yet valid',
    },
    {
      fields: KEY,
      found: known(policy(DOMAINS_ON, { life: { notBefore: NOON + 1 } })),
      gives: 'token_not_yet_valid',
      because: 'not yet valid before the rule',
    },
    {
      fields: KEY,
      found: known(refusing),
      gives: 'server_not_allowed',
      because: 'and last the rule',
    },
    {
      fields: [...KEY, ...EVIL],
      found: known(refusing),
      gives: 'domain_not_listed',
      because: 'and last the rule',
    },
  ])('$gives: $because', ({ fields, found, gives }) => {
    expect(verdictOn(fields, found)).toMatchObject({ effect: 'refuse', reason: gives })
  })

  test('the token that was sent is looked up, and none where there is not exactly one', () => {
    const asked: string[] = []
    const ask = (fields: HeaderFields): Verdict =>
      judge(
        { fields, target: '/', peer: undefined, isWebSocket: false },
        (token) => {
          asked.push(token)
          return { state: 'unknown' }
        },
        { settings: SETTINGS, now: NOON },
      )
    ask([])
    ask(['X-API-Key', MALFORMED])
    ask([...KEY, ...KEY])
    ask(KEY)
    ask(['Authorization', `Bearer ${OTHER}`])
    expect(asked).toEqual([TOKEN, OTHER])
  })
})

describe('facts behind a verdict', () => {
  test('who sent an unknown token stays unknown', () => {
    const verdict = verdictOn([...KEY, ...EVIL], { state: 'unknown' })
    expect(verdict).toMatchObject({ policy: undefined, source: undefined })
    expect(verdict.evidence.origins).toEqual(['https://evil.example'])
  })

  test('a known token has its source in every verdict', () => {
    const of = policy(BOTH_ON)
    const revoked = policy(BOTH_ON, { life: { status: 'revoked' } })
    const source = { kind: 'browser', domain: 'example.com' }
    expect(verdictOn([...KEY, ...PAGE], known(of))).toMatchObject({
      effect: 'allow',
      policy: of,
      source,
    })
    expect(verdictOn([...KEY, ...PAGE], known(revoked))).toMatchObject({ policy: revoked, source })
    expect(verdictOn([...KEY, ...EVIL], known(of))).toMatchObject({
      effect: 'refuse',
      policy: of,
      source: { kind: 'browser', domain: 'evil.example' },
    })
  })
})

describe('the rule', () => {
  test.each<{
    fields: HeaderFields
    peer?: string
    restrictions: Restrictions
    gives: string
    because: string
  }>([
    {
      fields: EVIL,
      restrictions: BOTH_ON,
      gives: 'domain_not_listed',
      because: 'whatever its address',
    },
    {
      fields: ['Sec-Fetch-Site', 'none'],
      restrictions: BOTH_ON,
      gives: 'domain_missing',
      because: 'whatever its address',
    },
    {
      fields: ['Origin', 'null', 'Referer', 'https://example.com/'],
      restrictions: BOTH_ON,
      gives: 'domain_unreadable',
      because: 'T21',
    },
    {
      fields: [...PAGE, ...PAGE],
      restrictions: BOTH_ON,
      gives: 'domain_unreadable',
      because: 'T26',
    },
    {
      fields: [],
      peer: '9.9.9.9',
      restrictions: BOTH_ON,
      gives: 'ip_not_listed',
      because: 'whatever its headers',
    },
    {
      fields: ['X-Forwarded-For', '8.8.8.8'],
      peer: '9.9.9.9',
      restrictions: BOTH_ON,
      gives: 'ip_not_listed',
      because: 'T1',
    },
    {
      fields: ['X-Forwarded-For', '8.8.8.8, 9.9.9.9'],
      peer: '10.0.0.1',
      restrictions: IPS_ON,
      gives: 'ip_not_listed',
      because: 'T1',
    },
    {
      fields: ['X-Forwarded-For', 'unknown'],
      peer: '10.0.0.1',
      restrictions: IPS_ON,
      gives: 'ip_unreadable',
      because: 'T7',
    },
    {
      fields: ['X-Real-IP', '8.8.8.8'],
      peer: '9.9.9.9',
      restrictions: IPS_ON,
      gives: 'ip_not_listed',
      because: 'T3',
    },
    {
      fields: ['X_Forwarded_For', '8.8.8.8'],
      peer: '10.0.0.1',
      restrictions: IPS_ON,
      gives: 'ip_not_listed',
      because: 'T10',
    },
    {
      fields: ['Sec-Fetch-Site', 'same-origin'],
      restrictions: IPS_ON,
      gives: 'browser_not_allowed',
      because: 'T24: stricter only',
    },
    {
      fields: PAGE,
      restrictions: IPS_ON,
      gives: 'browser_not_allowed',
      because: 'a forged origin does not help',
    },
    {
      fields: [],
      restrictions: DOMAINS_ON,
      gives: 'server_not_allowed',
      because: 'only the other list is on',
    },
  ])('refuses: $gives, $because', ({ fields, peer, restrictions, gives }) => {
    const request = { peer: peer ?? '8.8.8.8' }
    const verdict = verdictOn([...KEY, ...fields], known(policy(restrictions)), request)
    expect(verdict).toMatchObject({ effect: 'refuse', reason: gives })
    const reported = verdictOn(
      [...KEY, ...fields],
      known(policy(restrictions, { mode: 'report' })),
      request,
    )
    expect(reported).toMatchObject({ effect: 'allow', reason: gives, enforced: false })
  })

  test.each<{
    fields: HeaderFields
    peer?: string
    restrictions: Restrictions
    gives: string
    because: string
  }>([
    {
      fields: [],
      peer: '9.9.9.9',
      restrictions: UNRESTRICTED,
      gives: 'unrestricted',
      because: 'both lists are off',
    },
    {
      fields: PAGE,
      peer: '9.9.9.9',
      restrictions: BOTH_ON,
      gives: 'domain_listed',
      because: 'whatever its address',
    },
    { fields: [], restrictions: BOTH_ON, gives: 'ip_listed', because: 'the peer' },
    {
      fields: ['X-Forwarded-For', '9.9.9.9, 8.8.8.8'],
      peer: '10.0.0.1',
      restrictions: IPS_ON,
      gives: 'ip_listed',
      because: 'the right-most hop',
    },
  ])('allows: $gives, $because', ({ fields, peer, restrictions, gives }) => {
    for (const mode of ['enforce', 'report'] as const) {
      const of = policy(restrictions, { mode })
      const verdict = verdictOn([...KEY, ...fields], known(of), { peer: peer ?? '8.8.8.8' })
      expect(verdict).toMatchObject({ effect: 'allow', reason: gives, enforced: true })
    }
  })
})

test('report mode lets no 401 and no 503 through', () => {
  const revoked = policy(UNRESTRICTED, { mode: 'report', life: { status: 'revoked' } })
  expect(verdictOn(KEY, known(revoked))).toMatchObject({
    effect: 'refuse',
    reason: 'token_revoked',
  })
  expect(verdictOn(KEY, { state: 'unavailable' }).effect).toBe('refuse')
})

test('a WebSocket handshake and a query are judged as settings say', () => {
  const offered = ['Sec-WebSocket-Protocol', `keyfence.${TOKEN}`]
  const found = known(policy(UNRESTRICTED))
  expect(verdictOn(offered, found, { isWebSocket: true }).effect).toBe('allow')
  expect(verdictOn(offered, found).reason).toBe('token_missing')
  expect(verdictOn([], found, { target: `/?token=${TOKEN}` }).reason).toBe('token_missing')
})

const READ_NAMES = new Set([
  'authorization',
  'x-api-key',
  'origin',
  'referer',
  'sec-fetch-site',
  'x-forwarded-for',
])
const READ_FIELDS: readonly (readonly [string, string])[] = [
  ['X-API-Key', TOKEN],
  ['X-API-Key', MALFORMED],
  ['Authorization', `Bearer ${TOKEN}`],
  ['Origin', 'https://example.com'],
  ['Origin', 'null'],
  ['Referer', 'https://example.com/'],
  ['Sec-Fetch-Site', 'none'],
  ['X-Forwarded-For', '8.8.8.8'],
  ['X-Forwarded-For', '9.9.9.9, 10.0.0.2'],
]
const lines = fc.array(fc.constantFrom(...READ_FIELDS), { maxLength: 6 })
const policies = fc.constantFrom(
  policy(UNRESTRICTED),
  policy(DOMAINS_ON),
  policy(IPS_ON),
  policy(BOTH_ON),
  policy(BOTH_ON, { mode: 'report' }),
)
const situations = fc.record({
  of: policies,
  peer: fc.constantFrom('8.8.8.8', '9.9.9.9', '10.0.0.1', 'nobody'),
})

function outcome(fields: HeaderFields, { of, peer }: { of: TokenPolicy; peer: string }): string {
  const { effect, reason, source } = verdictOn(fields, known(of), { peer })
  return JSON.stringify([effect, reason, source])
}

describe('properties', () => {
  test('a field that is not read never changes a verdict', () => {
    const name = fc
      .oneof(
        fc.constantFrom(
          'X-Real-IP',
          'Forwarded',
          'X-Forwarded-Host',
          'Sec-Fetch-Mode',
          'Host',
          '__proto__',
          'X_Forwarded_For',
        ),
        fc.stringMatching(/^[A-Za-z-]{1,20}$/),
      )
      .filter((text) => !READ_NAMES.has(text.toLowerCase()))
    const value = fc.oneof(fc.constantFrom('8.8.8.8', 'https://example.com', TOKEN), fc.string())
    fc.assert(
      fc.property(
        lines,
        situations,
        fc.tuple(name, value, fc.nat(6)),
        (given, situation, [added, text, at]) => {
          const longer = given.toSpliced(at, 0, [added, text])
          expect(outcome(longer.flat(), situation)).toBe(outcome(given.flat(), situation))
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('the case of field names never changes a verdict', () => {
    fc.assert(
      fc.property(
        lines,
        situations,
        fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
        (given, situation, upper) => {
          const recased = given.flatMap(([name, value]) => [
            Array.from(name, (letter, at) =>
              upper[at] === true ? letter.toUpperCase() : letter.toLowerCase(),
            ).join(''),
            value,
          ])
          expect(outcome(recased, situation)).toBe(outcome(given.flat(), situation))
        },
      ),
    )
  })

  test('the order of fields that are not repeated never changes a verdict', () => {
    const distinct = fc.uniqueArray(fc.constantFrom(...READ_FIELDS), { selector: ([name]) => name })
    const shuffled = distinct.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    )
    fc.assert(
      fc.property(shuffled, situations, ([given, other], situation) => {
        expect(outcome(other.flat(), situation)).toBe(outcome(given.flat(), situation))
      }),
    )
  })

  test('a second line of a token field or of Origin never helps', () => {
    fc.assert(
      fc.property(situations, fc.constantFrom(...READ_FIELDS), ({ of, peer }, [name, value]) => {
        if (!['X-API-Key', 'Authorization', 'Origin', 'Referer'].includes(name)) return
        const doubled = [...KEY, name, value, name, value]
        const verdict = verdictOn(doubled, known({ ...of, mode: 'enforce' }), { peer })
        if (verdict.effect === 'allow') expect(verdict.reason).toBe('unrestricted')
      }),
    )
  })

  test('nothing that a caller sends throws, or is allowed without the token', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', ...READ_FIELDS.flat()))
    const request = fc.record({
      fields: fc.array(text, { maxLength: 12 }),
      target: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(`/?token=${TOKEN}&token=%`)),
      peer: fc.option(text, { nil: undefined }),
      isWebSocket: fc.boolean(),
    })
    const settings = fc.constantFrom(SETTINGS, { ...SETTINGS, tokenQuery: 'token' })
    fc.assert(
      fc.property(request, policies, settings, (given, of, chosen) => {
        const lookUp = (token: string): TokenLookup =>
          token === TOKEN ? known(of) : { state: 'unknown' }
        const verdict = judge(given, lookUp, { settings: chosen, now: NOON })
        const sent = JSON.stringify([given.fields, given.target]).includes(TOKEN)
        if (verdict.effect === 'allow') expect(sent).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})
