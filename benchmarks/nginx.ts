/**
 * What the check costs behind nginx: `node benchmarks/nginx.ts [--quick]`. CPU of nginx and of what it
 * asks, against nginx alone and against an `auth_request` to a server that always says yes. Needs
 * nginx, which `npm test` brings.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { benchmarkOptions } from './command-line.ts'
import { cpuRounds, ratioRow } from './cpu-rounds.ts'
import { requestText } from './request-text.ts'
import { report } from './row.ts'

const BODY_BYTES = 64

const { isQuick } = benchmarkOptions()
const api = fork(join(import.meta.dirname, 'servers/constant.ts'), [String(BODY_BYTES)])
const [{ port }] = (await once(api, 'message')) as [{ port: number }] // its first message
const rounds = await cpuRounds(
  ['alone', 'constant', 'keyfence'].map((kind) => ({
    script: 'nginx.ts',
    parameters: [String(port), kind],
  })),
  {
    request: requestText('/v1/orders'),
    bodyBytes: BODY_BYTES,
    rounds: isQuick ? 5 : 15,
    requestsPerRound: 10_000,
    connections: 16,
  },
)
api.kill()
const row = { benchmark: 'nginx' }
report([
  ratioRow(rounds, { ...row, name: 'nginx alone', contestant: 0 }),
  ratioRow(rounds, { ...row, name: 'asking a bare server that says yes', contestant: 1 }),
  ratioRow(rounds, { ...row, name: 'asking keyfence', contestant: 2 }),
  ratioRow(rounds, {
    ...row,
    name: 'asking keyfence against asking a bare server',
    contestant: 2,
    floor: 1,
  }),
])
