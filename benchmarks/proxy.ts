/**
 * CPU of the proxy against the least proxy that node:http can be, and against http-proxy-3, all
 * before the same API: `node benchmarks/proxy.ts`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { cpuRounds, roundsTable } from './cpu-rounds.ts'

const REQUEST = [
  'GET /v1/orders?page=2 HTTP/1.1',
  'Host: api.example',
  'Authorization: Bearer benchmark-token',
  'Origin: https://shop.example',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
  'Accept: */*',
  'Accept-Encoding: gzip',
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Mode: cors',
  '',
  '',
].join('\r\n')

for (const [label, bodyBytes, requestsPerRound] of [
  ['small answers', 64, 4000],
  ['answers of 1 MiB', 1_048_576, 60],
] as const) {
  const api = fork(join(import.meta.dirname, 'servers/constant.ts'), [String(bodyBytes)])
  const [{ port }] = (await once(api, 'message')) as [{ port: number }] // its first message
  const parameters = [String(port)]
  const results = await cpuRounds(
    [
      { name: 'bare http.request proxy, no check', script: 'bare-proxy.ts', parameters },
      { name: 'keyfence (goal: at most 0.80)', script: 'keyfence-proxy.ts', parameters },
      { name: 'http-proxy-3, no check', script: 'http-proxy-3.ts', parameters },
    ],
    { request: REQUEST, bodyBytes, rounds: 15, requestsPerRound, connections: 16 },
  )
  api.kill()
  console.log(`\n${label}\n\n${roundsTable(results)}`)
}
