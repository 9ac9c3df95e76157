/**
 * CPU of the proxy against the least proxy that node:http can be, and against http-proxy-3, all
 * before the same API: `node benchmarks/proxy.ts [--quick]`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { benchmarkOptions } from './command-line.ts'
import { cpuRounds, ratioRow } from './cpu-rounds.ts'
import { requestText } from './request-text.ts'
import { report, type Row } from './row.ts'

interface Answers {
  readonly name: string
  readonly bodyBytes: number
  readonly requestsPerRound: number
}

const BARE = 0
const KEYFENCE = 1
const HTTP_PROXY_3 = 2

const { isQuick } = benchmarkOptions()
report([
  ...(await measured({ name: 'small answers', bodyBytes: 64, requestsPerRound: 4000 })),
  ...(await measured({ name: '1 MiB answers', bodyBytes: 1_048_576, requestsPerRound: 60 })),
])

async function measured({ name, bodyBytes, requestsPerRound }: Answers): Promise<readonly Row[]> {
  const api = fork(join(import.meta.dirname, 'servers/constant.ts'), [String(bodyBytes)])
  const [{ port }] = (await once(api, 'message')) as [{ port: number }] // its first message
  const parameters = [String(port)]
  const rounds = await cpuRounds(
    [
      { script: 'bare-proxy.ts', parameters },
      { script: 'keyfence-proxy.ts', parameters },
      { script: 'http-proxy-3.ts', parameters },
    ],
    {
      request: requestText('/v1/orders?page=2'),
      bodyBytes,
      rounds: isQuick ? 7 : 15,
      requestsPerRound,
      connections: 16,
    },
  )
  api.kill()
  const row = (of: string, more: { contestant: number; floor?: number; goalMax?: number }): Row =>
    ratioRow(rounds, { benchmark: 'proxy', name: `${name}: ${of}`, ...more })
  return [
    row('bare http.request proxy, no check', { contestant: BARE }),
    row('keyfence against it', { contestant: KEYFENCE, goalMax: 0.8 }),
    row('http-proxy-3 against it, no check', { contestant: HTTP_PROXY_3 }),
    row('keyfence against http-proxy-3', {
      contestant: KEYFENCE,
      floor: HTTP_PROXY_3,
      goalMax: 1,
    }),
  ]
}
