import { describe, expect, test } from 'vitest'
import { type CorsSettings, DEFAULT_CORS, isPreflight, preflightAnswer } from './preflight.ts'

const ORIGIN = ['Origin', 'https://example.com']
const METHOD = ['Access-Control-Request-Method', 'PUT']
const VARY = ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers']

function headersOf(fields: readonly string[], settings: Partial<CorsSettings> = {}): unknown {
  const answer = preflightAnswer(fields, { ...DEFAULT_CORS, ...settings })
  expect(answer).toMatchObject({ status: 204, body: '' })
  return answer.headers
}

describe('what is no preflight', () => {
  test.each<{ method: string; fields: string[]; because: string }>([
    { method: 'GET', fields: [...ORIGIN, ...METHOD], because: 'another method' },
    { method: 'options', fields: [...ORIGIN, ...METHOD], because: 'methods have a case' },
    { method: '', fields: [...ORIGIN, ...METHOD], because: 'no method' },
    { method: 'OPTIONS', fields: ORIGIN, because: 'no method asked for' },
    { method: 'OPTIONS', fields: METHOD, because: 'no origin' },
    { method: 'OPTIONS', fields: [], because: 'a plain OPTIONS' },
    {
      method: 'POST',
      fields: [...ORIGIN, ...METHOD, 'X-HTTP-Method-Override', 'OPTIONS'],
      because: 'an override is no method',
    },
    {
      method: 'GET',
      fields: [...ORIGIN, ...METHOD, 'X-Forwarded-Method', 'OPTIONS'],
      because: 'told by the request line alone',
    },
    {
      method: 'OPTIONS',
      fields: [...ORIGIN, 'Access_Control_Request_Method', 'PUT'],
      because: 'another field',
    },
    {
      method: 'OPTIONS',
      fields: ['Referer', 'https://example.com/', ...METHOD],
      because: 'a referer is no origin',
    },
  ])('$method $fields: $because', ({ method, fields }) => {
    expect(isPreflight(method, fields)).toBe(false)
  })

  test('OPTIONS with both fields is one, names in any case', () => {
    expect(isPreflight('OPTIONS', [...ORIGIN, ...METHOD])).toBe(true)
    expect(isPreflight('OPTIONS', ['ORIGIN', 'null', 'access-control-request-METHOD', ''])).toBe(
      true,
    )
  })
})

describe('an origin that is granted nothing', () => {
  test.each<{ fields: string[]; settings?: Partial<CorsSettings>; because: string }>([
    { fields: ['Origin', 'https://a b'], because: 'no valid origin' },
    { fields: [...ORIGIN, ...ORIGIN], because: 'two lines' },
    { fields: [], because: 'no origin' },
    { fields: ORIGIN, settings: { origins: [] }, because: 'nobody is allowed' },
    {
      fields: ORIGIN,
      settings: { origins: ['https://other.example'] },
      because: 'another is allowed',
    },
    {
      fields: ORIGIN,
      settings: { origins: ['http://example.com'] },
      because: 'another scheme is allowed',
    },
    {
      fields: ['Origin', 'https://example.com:8443'],
      settings: { origins: ['https://example.com'] },
      because: 'another port is allowed',
    },
    {
      fields: ['Origin', 'null'],
      settings: { origins: ['https://example.com'] },
      because: 'null is not listed',
    },
  ])('$fields: $because', ({ fields, settings }) => {
    expect(headersOf([...fields, ...METHOD], settings)).toEqual([VARY])
  })
})

describe('what is granted', () => {
  test('by default what was asked for, ten minutes, no credentials', () => {
    const fields = [
      ...ORIGIN,
      ...METHOD,
      'Access-Control-Request-Headers',
      'authorization,x-api-key',
    ]
    expect(headersOf(fields)).toEqual([
      ['Access-Control-Allow-Origin', 'https://example.com'],
      ['Access-Control-Allow-Methods', 'PUT'],
      ['Access-Control-Allow-Headers', 'authorization,x-api-key'],
      ['Access-Control-Max-Age', '600'],
      VARY,
    ])
  })

  test("the operator's lists, whatever was asked for", () => {
    const settings: Partial<CorsSettings> = {
      origins: ['https://example.com'],
      methods: ['GET', 'POST'],
      headers: ['Authorization', 'X-API-Key'],
      maxAgeS: 5,
      credentials: true,
    }
    const fields = [
      'Origin',
      'HTTPS://EXAMPLE.COM',
      ...METHOD,
      'Access-Control-Request-Headers',
      'x',
    ]
    expect(headersOf(fields, settings)).toEqual([
      ['Access-Control-Allow-Origin', 'HTTPS://EXAMPLE.COM'],
      ['Access-Control-Allow-Methods', 'GET, POST'],
      ['Access-Control-Allow-Headers', 'Authorization, X-API-Key'],
      ['Access-Control-Allow-Credentials', 'true'],
      ['Access-Control-Max-Age', '5'],
      VARY,
    ])
  })

  test.each<{ asked: string[]; echoed: string | undefined; because: string }>([
    { asked: [], echoed: undefined, because: 'nothing was asked for' },
    { asked: [''], echoed: undefined, because: 'nothing was asked for' },
    { asked: ['a'.repeat(1025)], echoed: undefined, because: 'more than 1 KiB' },
    {
      asked: ['a'.repeat(512), 'a'.repeat(511)],
      echoed: undefined,
      because: 'more than 1 KiB, joined',
    },
    { asked: ['a: b'], echoed: undefined, because: 'no field name' },
    { asked: ['a\r\nb'], echoed: undefined, because: 'a line break would split the answer' },
    { asked: ['\u00e9'], echoed: undefined, because: 'not ASCII' },
    { asked: ['"a"'], echoed: undefined, because: 'quotes' },
    { asked: ['a'.repeat(1024)], echoed: 'a'.repeat(1024), because: '1 KiB' },
    { asked: ['a', 'b'], echoed: 'a, b', because: 'lines are joined' },
    {
      asked: ["x_aAzZ09.!#$%&'*+^`|~"],
      echoed: "x_aAzZ09.!#$%&'*+^`|~",
      because: 'every character of a field name',
    },
  ])('of header fields $asked: $because', ({ asked, echoed }) => {
    const fields = asked.flatMap((value) => ['Access-Control-Request-Headers', value])
    const expected = echoed === undefined ? [] : [['Access-Control-Allow-Headers', echoed]]
    expect(headersOf([...ORIGIN, ...fields])).toEqual([
      ['Access-Control-Allow-Origin', 'https://example.com'],
      ...expected,
      ['Access-Control-Max-Age', '600'],
      VARY,
    ])
  })
})
