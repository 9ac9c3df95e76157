import { describe, expect, test } from 'vitest'
import { parseCurl } from './parse-curl.ts'
import { triedRequest } from './tried-request.ts'

const URL = 'https://api.example.com'

describe('a pasted curl', () => {
  test.each<{ text: string; gives: string; because: string }>([
    { text: `curl ${URL}`, gives: 'GET /', because: 'a bare URL' },
    { text: `curl api.example.com/a?b=c`, gives: 'GET /a?b=c', because: 'no scheme' },
    { text: `curl -X PUT '${URL}/a'`, gives: 'PUT /a', because: 'a method' },
    { text: `curl -XDELETE ${URL}/a`, gives: 'DELETE /a', because: 'a method without a blank' },
    { text: `curl -d 'x=1' ${URL}/a`, gives: 'POST /a', because: 'a body' },
    { text: `curl -I ${URL}/a`, gives: 'HEAD /a', because: 'head alone' },
    { text: `curl -sS -o out.txt ${URL}/a`, gives: 'GET /a', because: 'a file name is no URL' },
    {
      text: `curl ${URL}/a \\\n  -H "Origin: https://example.com"`,
      gives: 'GET /a Origin=https://example.com',
      because: 'continued lines',
    },
    {
      text: `curl ${URL}/a -HOrigin:null`,
      gives: 'GET /a Origin=null',
      because: 'a field without a blank',
    },
    {
      text: `curl ${URL}/a --header='X-Note: a: b'`,
      gives: 'GET /a X-Note=a: b',
      because: 'an equals sign, and a colon in the value',
    },
    {
      text: `curl ${URL}/a -e https://example.com/x`,
      gives: 'GET /a Referer=https://example.com/x',
      because: 'a referer',
    },
    { text: `curl ${URL}/a -H $'X-A: b'`, gives: 'GET /a X-A=b', because: 'as browsers copy it' },
    {
      text: `curl "${URL}/a" -H "X-A: say \\"hi\\""`,
      gives: 'GET /a X-A=say "hi"',
      because: 'quotes in quotes',
    },
  ])('$because: $gives', ({ text, gives }) => {
    const parsed = parseCurl(text)
    const headers = parsed?.headers.map(([name, value]) => ` ${name}=${value}`).join('')
    expect(`${parsed?.method} ${parsed?.target}${headers}`).toBe(gives)
  })

  test.each<{ text: string; because: string }>([
    { text: '', because: 'nothing' },
    { text: 'wget https://example.com', because: 'another program' },
    { text: 'curl -X POST', because: 'no URL' },
    { text: 'curl https://[', because: 'no URL that anybody reads' },
  ])('is refused: $because', ({ text }) => expect(parseCurl(text)).toBeUndefined())
})

describe('a picked source', () => {
  const nothing = { origin: '', address: '', curl: '' }
  test.each<{ source: Parameters<typeof triedRequest>[0]; gives: string; because: string }>([
    {
      source: { ...nothing, from: 'page', origin: 'https://example.com/cart?x' },
      gives: 'Origin=https://example.com',
      because: 'a page sends its origin alone',
    },
    {
      source: { ...nothing, from: 'page', origin: 'example.com' },
      gives: 'Origin=https://example.com',
      because: 'a bare domain',
    },
    {
      source: { ...nothing, from: 'page', origin: 'null' },
      gives: 'Origin=null',
      because: 'a sandboxed page',
    },
    {
      source: { ...nothing, from: 'page', origin: 'capacitor://localhost' },
      gives: 'Origin=capacitor://localhost',
      because: 'an app has no web origin',
    },
    { source: { ...nothing, from: 'page', origin: ' ' }, gives: 'problem', because: 'no page' },
    {
      source: { ...nothing, from: 'no_origin' },
      gives: 'Sec-Fetch-Site=cross-site',
      because: 'a browser that hides its page',
    },
    {
      source: { ...nothing, from: 'server', address: ' 8.8.8.8 ' },
      gives: '8.8.8.8',
      because: 'a server has no such field',
    },
    { source: { ...nothing, from: 'server' }, gives: 'problem', because: 'no address' },
    {
      source: { ...nothing, from: 'curl', curl: 'curl' },
      gives: 'problem',
      because: 'half a command',
    },
  ])('$because', ({ source, gives }) => {
    const tried = triedRequest(source)
    if (!tried.ok) return expect('problem').toBe(gives)
    const fields = tried.request.headers.map(([name, value]) => `${name}=${value}`)
    expect([...fields, tried.request.peer ?? ''].join('')).toBe(gives)
  })
})
