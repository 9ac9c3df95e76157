/**
 * CPU of `/check` against a constant answer of a bare node:http server:
 * `node benchmarks/check.ts [--quick]`.
 */
import { benchmarkOptions } from './command-line.ts'
import { cpuRounds, ratioRow } from './cpu-rounds.ts'
import { requestText } from './request-text.ts'
import { report } from './row.ts'

const { isQuick } = benchmarkOptions()
const rounds = await cpuRounds([{ script: 'constant-check.ts' }, { script: 'keyfence-check.ts' }], {
  request: requestText('/check/v1/orders', ['X-Forwarded-For: 203.0.113.7']),
  bodyBytes: 0,
  rounds: isQuick ? 9 : 21,
  requestsPerRound: 6000,
  connections: 16,
})
report([
  ratioRow(rounds, {
    benchmark: 'check',
    name: 'bare node:http, a constant answer',
    contestant: 0,
  }),
  ratioRow(rounds, {
    benchmark: 'check',
    name: 'keyfence /check against it',
    contestant: 1,
    goalMax: 1.12,
  }),
])
