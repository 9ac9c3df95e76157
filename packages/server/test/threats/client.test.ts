/** Rows T1–T11 of docs/threats.md: who is the caller? */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { getRequest, sendRaw } from '../raw-request.ts'
import { manage, type RunningKeyfence, startKeyfence } from '../running-keyfence.ts'

const LISTED = '8.8.8.8'
const STRANGER = '127.0.0.1'
/** The address that the test calls from when it is the trusted proxy. */
const PROXY = '127.0.0.2'

let keyfence: RunningKeyfence
let authorization: string

beforeAll(async () => {
  keyfence = await startKeyfence({
    flags: [`--trusted-proxies=${PROXY}`, '--allow-private-addresses'],
  })
  const created = await manage(keyfence, 'POST /v1/tokens', {
    name: 'server',
    owner: 'acme',
    restrictions: {
      domains: { enabled: false, entries: [] },
      ips: { enabled: true, entries: [LISTED, '2606:4700::1'] },
    },
  })
  authorization = `Authorization: Bearer ${created.body.secret}`
})

afterAll(() => keyfence.close())

function call(lines: readonly string[], from: string) {
  return sendRaw(keyfence.url, getRequest([authorization, ...lines]), from)
}

describe('refused', () => {
  test.each<{ t: string; from: string; lines: string[]; because: string }>([
    {
      t: 'T1',
      from: STRANGER,
      lines: [`X-Forwarded-For: ${LISTED}`],
      because: 'an untrusted peer claims the listed address',
    },
    {
      t: 'T1',
      from: PROXY,
      lines: [`X-Forwarded-For: ${LISTED}, 9.9.9.9`],
      because: 'the right-most hop counts, not any',
    },
    {
      t: 'T1',
      from: PROXY,
      lines: [`X-Forwarded-For: ${LISTED}`, 'X-Forwarded-For: 9.9.9.9'],
      because: 'two lines are one list',
    },
    {
      t: 'T2',
      from: STRANGER,
      lines: [`X-Forwarded-For: ${LISTED}`, 'Via: 1.1 proxy'],
      because: 'nobody is trusted by default',
    },
    { t: 'T3', from: PROXY, lines: [`X-Real-IP: ${LISTED}`], because: 'X-Real-IP is never read' },
    {
      t: 'T3',
      from: PROXY,
      lines: [`CF-Connecting-IP: ${LISTED}`],
      because: 'nor a vendor’s field',
    },
    { t: 'T3', from: PROXY, lines: [`True-Client-IP: ${LISTED}`], because: 'nor a vendor’s field' },
    { t: 'T3', from: PROXY, lines: [`Forwarded: for=${LISTED}`], because: 'nor Forwarded' },
    { t: 'T3', from: STRANGER, lines: [`Client-IP: ${LISTED}`], because: 'nor anything else' },
    {
      t: 'T4',
      from: STRANGER,
      lines: [`X-Forwarded-Host: ${LISTED}`, 'X-Forwarded-Port: 443'],
      because: 'other forwarded fields say nothing of the address',
    },
    {
      t: 'T5',
      from: PROXY,
      lines: ['X-Forwarded-For: ::8.8.8.8'],
      because: 'IPv4-compatible is not mapped',
    },
    { t: 'T5', from: PROXY, lines: ['X-Forwarded-For: ::ffff:8.8.8.8%eth0'], because: 'a zone' },
    {
      t: 'T5',
      from: PROXY,
      lines: ['X-Forwarded-For: [::ffff:8.8.8.8'],
      because: 'half a bracket',
    },
    {
      t: 'T5',
      from: PROXY,
      lines: ['X-Forwarded-For: 64:ff9b::8.8.8.8'],
      because: 'translated is another address',
    },
    { t: 'T6', from: PROXY, lines: ['X-Forwarded-For: 010.8.8.8'], because: 'octal' },
    { t: 'T6', from: PROXY, lines: ['X-Forwarded-For: 08.8.8.8'], because: 'zero-padded' },
    { t: 'T6', from: PROXY, lines: ['X-Forwarded-For: 0x8.8.8.8'], because: 'hexadecimal' },
    { t: 'T6', from: PROXY, lines: ['X-Forwarded-For: 8.8.2056'], because: 'short' },
    { t: 'T6', from: PROXY, lines: ['X-Forwarded-For: 134744072'], because: 'one number' },
    {
      t: 'T6',
      from: PROXY,
      lines: ['X-Forwarded-For: 8.8.8.8\u00a0'],
      because: 'a blank that is none of HTTP’s',
    },
    { t: 'T7', from: PROXY, lines: ['X-Forwarded-For: 8.8.8.8:'], because: 'an empty port' },
    { t: 'T7', from: PROXY, lines: ['X-Forwarded-For: 8.8.8.8:99999'], because: 'no port' },
    { t: 'T7', from: PROXY, lines: ['X-Forwarded-For: 8.8.8.8/32'], because: 'a block is no hop' },
    {
      t: 'T7',
      from: PROXY,
      lines: [`X-Forwarded-For: ${LISTED}, unknown`],
      because: 'an unparsable hop ends the walk',
    },
    {
      t: 'T7',
      from: PROXY,
      lines: [`X-Forwarded-For: ${Array(33).fill(LISTED).join(',')}`],
      because: 'more than 32 elements',
    },
    { t: 'T7', from: PROXY, lines: ['X-Forwarded-For: ,, ,'], because: 'none but blanks' },
    {
      t: 'T10',
      from: PROXY,
      lines: [`X_Forwarded_For: ${LISTED}`],
      because: 'another spelling is another field',
    },
    {
      t: 'T10',
      from: PROXY,
      lines: [`X.Forwarded.For: ${LISTED}`],
      because: 'another spelling is another field',
    },
    {
      t: 'T10',
      from: PROXY,
      lines: [`X-Forwarded-For: 9.9.9.9`, `X_Forwarded_For: ${LISTED}`],
      because: 'nor does it add to the real one',
    },
  ])('$t $lines from $from: $because', async ({ from, lines }) => {
    const answer = await call(lines, from)
    expect(answer.status).toBe(403)
  })
})

describe('allowed', () => {
  test.each<{ t: string; lines: string[]; because: string }>([
    {
      t: 'T1',
      lines: [`X-Forwarded-For: 9.9.9.9, ${LISTED}`],
      because: 'what a caller wrote before it proves nothing',
    },
    {
      t: 'T1',
      lines: [`X-Forwarded-For: ${LISTED}, ${PROXY}`],
      because: 'trusted hops are walked over',
    },
    { t: 'T5', lines: ['X-Forwarded-For: ::ffff:8.8.8.8'], because: 'mapped' },
    {
      t: 'T5',
      lines: ['X-Forwarded-For: ::FFFF:808:808'],
      because: 'mapped, in hexadecimal and upper case',
    },
    { t: 'T5', lines: ['X-Forwarded-For: 0:0:0:0:0:ffff:0808:0808'], because: 'mapped, in full' },
    { t: 'T5', lines: ['X-Forwarded-For: [::ffff:8.8.8.8]:4711'], because: 'mapped, with a port' },
    {
      t: 'T5',
      lines: ['X-Forwarded-For: 2606:4700:0:0:0:0:0:1'],
      because: 'IPv6 in another spelling',
    },
    { t: 'T7', lines: ['X-Forwarded-For: 8.8.8.8:443'], because: 'a port is set aside' },
    {
      t: 'T7',
      lines: [`X-Forwarded-For: ${Array(32).fill(LISTED).join(',')}`],
      because: '32 elements',
    },
    { t: 'T10', lines: [`x-forwarded-FOR: ${LISTED}`], because: 'case does not matter' },
  ])('$t $lines from the proxy: $because', async ({ lines }) => {
    expect((await call(lines, PROXY)).status).toBe(200)
  })
})

describe('what the API is told', () => {
  test.each<{ t: string; lines: string[]; because: string }>([
    {
      t: 'T9',
      lines: ['Connection: x-forwarded-for, keyfence-owner, authorization'],
      because: 'what a caller lists as hop-by-hop does not take ours away',
    },
    {
      t: 'T9',
      lines: ['connection: KEYFENCE-TOKEN-ID', 'Connection: Keyfence-Source'],
      because: 'in any case, on any line',
    },
    {
      t: 'T10',
      lines: ['keyfence_owner: forged', 'Keyfence.Token.Id: forged', 'KEYFENCE-SOURCE: forged'],
      because: 'no spelling of an identity field passes',
    },
    {
      t: 'T11',
      lines: ['Prefix', 'Port', 'Uri', 'Method', 'Server', 'Tls-Client-Cert', 'User'].map(
        (name) => `X-Forwarded-${name}: forged`,
      ),
      because: 'every forwarded field is removed',
    },
    {
      t: 'T11',
      lines: [
        'X-Original-URL: forged',
        'X-Original-URI: forged',
        'X-Original-Host: forged',
        'Forwarded: for=forged',
        'X-Real-IP: forged',
        'X_Forwarded_Host: forged',
      ],
      because: 'and every other claim of a proxy',
    },
    {
      t: 'T4',
      lines: ['X-Forwarded-Host: forged', 'X-Forwarded-Proto: forged'],
      because: 'host and scheme are set here',
    },
  ])('$t $lines: $because', async ({ lines }) => {
    const answer = await call([`X-Forwarded-For: ${LISTED}`, ...lines], PROXY)
    expect(answer.status).toBe(200)
    const body = answer.body.slice(answer.body.indexOf('{'), answer.body.lastIndexOf('}') + 1)
    expect(body).not.toContain('forged')
    expect(JSON.parse(body)).toMatchObject({
      'keyfence-owner': 'acme',
      'keyfence-token-id': expect.stringMatching(/^tok_/),
      'keyfence-source': 'server',
      'x-forwarded-for': LISTED,
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'api.example',
    })
  })
})

describe('dangerous settings are refused at start', () => {
  test.each([
    { t: 'T2', proxies: '0.0.0.0/0', because: 'everybody would be trusted' },
    { t: 'T2', proxies: '::/0', because: 'everybody would be trusted' },
    { t: 'T2', proxies: '::ffff:0:0/96', because: 'that is 0.0.0.0/0' },
    { t: 'T4', proxies: '1', because: 'a number of hops trusts whoever comes' },
    { t: 'T7', proxies: '10.0.0.0/33', because: 'no block' },
    { t: 'T7', proxies: '10.0.0.1:80', because: 'no address' },
  ])('$t --trusted-proxies $proxies: $because', ({ proxies }) => {
    const program = join(import.meta.dirname, '../../bin/keyfence.js')
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, 'config', 'print', `--trusted-proxies=${proxies}`],
      { encoding: 'utf8', env: {} },
    )
    expect(status).toBe(2)
    expect(stderr).toContain('trusted-proxies')
  })
})
