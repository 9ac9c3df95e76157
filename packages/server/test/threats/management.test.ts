/** Rows T37, T39–T41, T46–T48 of docs/threats.md: the management listener. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MANAGEMENT_KEY, type RunningKeyfence, send, startKeyfence } from '../running-keyfence.ts'

let keyfence: RunningKeyfence

beforeAll(async () => {
  keyfence = await startKeyfence({ logLevel: 'trace' })
})

afterAll(() => keyfence.close())

const KEY = { authorization: `Bearer ${MANAGEMENT_KEY}` }
const DRAFT = '{"name":"a","owner":"b"}'

function post(body: string, headers: Readonly<Record<string, string>>, path = '/v1/tokens') {
  return send(`${keyfence.managementUrl}${path}`, {
    method: 'POST',
    headers: { ...KEY, ...headers },
    body,
  })
}

async function tokenCount(): Promise<number> {
  const listed = await send(`${keyfence.managementUrl}/v1/tokens?limit=200`, { headers: KEY })
  return JSON.parse(listed.body).items.length
}

describe('a body that is not said to be JSON is not read as JSON', () => {
  test.each([
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonx',
    'application/ json',
    'application/json\u0009x',
    'application /json',
    'json',
    '*/*',
    'application/*',
    'application/json, text/plain',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json;;',
    'application/json; charset',
    'application/json x',
    'application/vnd.api+json',
    'application/ld+json',
    'application/json-seq',
    'application/jsonl',
    'text/html',
    'image/png',
    'application/octet-stream',
    'x-application/json',
    'application//json',
    'application/json/',
    'application;json',
    '"application/json"',
  ])('T46 %s', async (contentType) => {
    const before = await tokenCount()
    expect((await post(DRAFT, { 'content-type': contentType })).status).toBe(415)
    expect(await tokenCount()).toBe(before)
  })

  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])('T46 %s is JSON', async (contentType) => {
    expect((await post(DRAFT, { 'content-type': contentType })).status).toBe(201)
  })
})

describe('odd JSON is refused, and the process lives', () => {
  test.each([
    { t: 'T40', body: '['.repeat(60_000), status: 400, because: '60,000 brackets' },
    { t: 'T40', body: '{"a":'.repeat(10_000), status: 400, because: '10,000 objects deep' },
    {
      t: 'T40',
      body: `{"name":"a","owner":"b","metadata":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`,
      status: 400,
      because: 'deep and well-formed',
    },
    {
      t: 'T44',
      body: `{"name":"${'a'.repeat(70_000)}"}`,
      status: 413,
      because: 'more than 64 KiB',
    },
    {
      t: 'T41',
      body: `{${Array.from({ length: 5000 }, (_, at) => `"${at}":1`).join(',')}}`,
      status: 400,
      because: '5,000 members that look like numbers',
    },
    {
      t: 'T39',
      body: '{"name":"a","owner":"b","__proto__":{"status":"revoked"}}',
      status: 400,
      because: '__proto__ as a member',
    },
    {
      t: 'T39',
      body: '{"name":"a","owner":"b","constructor":{"prototype":{}}}',
      status: 400,
      because: 'constructor as a member',
    },
    {
      t: 'T39',
      body: '{"name":"a","owner":"b","metadata":{"__proto__":"x"}}',
      status: 400,
      because: '__proto__ as a name of metadata',
    },
    {
      t: 'T39',
      body: '{"name":"a","owner":"__proto__","toString":1}',
      status: 400,
      because: 'toString as a member',
    },
    { t: 'T46', body: '', status: 400, because: 'nothing' },
    { t: 'T46', body: 'null', status: 400, because: 'null' },
    { t: 'T46', body: '[]', status: 400, because: 'a list' },
    { t: 'T46', body: '"text"', status: 400, because: 'a text' },
    { t: 'T46', body: '{"name":1,"owner":"b"}', status: 400, because: 'a number for a name' },
    {
      t: 'T46',
      body: '{"name":"a","owner":"b","id":"tok_1","status":"active","secret":"x"}',
      status: 400,
      because: 'members that the server owns',
    },
    { t: 'T46', body: '{"name":"a","owner":"b"}{"name":"c"}', status: 400, because: 'two values' },
    { t: 'T46', body: "{'name':'a'}", status: 400, because: 'other quotes' },
  ])('$t $because: $status', async ({ body, status }) => {
    const answer = await post(body, { 'content-type': 'application/json' })
    expect(answer.status).toBe(status)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('status')
    expect((await send(`${keyfence.managementUrl}/healthz`)).status).toBe(200)
  })
})

describe('list parameters cannot reach SQL', () => {
  test.each([
    { query: "owner=a'%20or%201=1--", status: 400, because: 'a quote in an owner' },
    { query: "name=a'%20or%20'1'='1", status: 200, because: 'a quote in part of a name is text' },
    { query: 'name=%25', status: 200, because: 'a percent sign is no pattern' },
    { query: 'name=_', status: 200, because: 'nor an underscore' },
    { query: "status=active'--", status: 400, because: 'a status that is none' },
    { query: 'limit=1;drop%20table%20tokens', status: 400, because: 'no number' },
    { query: "cursor=x'y", status: 400, because: 'no cursor' },
    { query: 'sort=name', status: 400, because: 'no such parameter' },
    { query: 'limit=1&limit=2', status: 400, because: 'the same twice' },
    { query: 'limit=201', status: 400, because: 'one more than a page has' },
    { query: '__proto__=1', status: 400, because: 'no such parameter' },
  ])('T48 ?$query: $because', async ({ query, status }) => {
    const answer = await send(`${keyfence.managementUrl}/v1/tokens?${query}`, { headers: KEY })
    expect(answer.status).toBe(status)
    if (status === 200) expect(JSON.parse(answer.body).items).toEqual([])
  })
})

test.each([
  'GET /v1/tokens',
  'POST /v1/tokens',
  'GET /v1/keys',
  'POST /v1/keys',
  'GET /v1/audit',
  'POST /v1/explain',
  'POST /v1/entries/check',
  'POST /v1/tokens/import',
  'GET /v1/openapi.json',
])('T47 %s asks for a key first', async (call) => {
  const [method = '', path = ''] = call.split(' ')
  for (const headers of [
    {},
    { authorization: 'Bearer kfm_wrong' },
    { authorization: `Basic ${MANAGEMENT_KEY}` },
  ]) {
    const answer = await send(`${keyfence.managementUrl}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: '{}' } : {}),
    })
    expect(answer.status).toBe(401)
  }
})
