/**
 * CPU of `/check` against a constant answer of a bare node:http server: `node benchmarks/check.ts`.
 */
import { cpuRounds, roundsTable } from './cpu-rounds.ts'

const REQUEST = [
  'GET /check/v1/orders HTTP/1.1',
  'Host: api.example',
  'Authorization: Bearer benchmark-token',
  'Origin: https://shop.example',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
  'Accept: */*',
  'Accept-Encoding: gzip',
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Mode: cors',
  'X-Forwarded-For: 203.0.113.7',
  '',
  '',
].join('\r\n')

const results = await cpuRounds(
  [
    { name: 'bare node:http, the same answer to everything', script: 'constant-check.ts' },
    { name: 'keyfence /check (goal: at most 1.12)', script: 'keyfence-check.ts' },
  ],
  { request: REQUEST, bodyBytes: 0, rounds: 21, requestsPerRound: 6000, connections: 16 },
)
console.log(`\n${roundsTable(results)}`)
