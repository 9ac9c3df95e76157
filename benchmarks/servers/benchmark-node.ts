/** A Keyfence node with one token, `benchmark-token`, as `keyfence serve` runs it. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TokenText, UNRESTRICTED } from '@keyfence/core'
import { readConfig } from '../../packages/server/src/config/read-config.ts'
import { systemClock } from '../../packages/server/src/fence/clock.ts'
import { nodeLog } from '../../packages/server/src/node/node-log.ts'
import { type RunningNode, startNode } from '../../packages/server/src/node/start-node.ts'
import { importToken } from '../../packages/server/src/token/issue-token.ts'
import { hashToken } from '../../packages/server/src/token/token.ts'

/**
 * Starts it on free ports and a data folder of its own, which goes when the process is told to end.
 * @param flags what differs from the defaults.
 */
export async function startBenchmarkNode(
  flags: Readonly<Record<string, readonly string[]>>,
): Promise<RunningNode> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-benchmark-'))
  const read = readConfig({
    flags: {
      data: [folder],
      listen: ['127.0.0.1:0'],
      'admin-listen': ['127.0.0.1:0'],
      ...flags,
    },
    env: {},
    readFile: () => ({ ok: false, problem: 'none' }),
  })
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  const node = await startNode({
    config: read.value.config,
    clock: systemClock,
    random: randomBytes,
    log: nodeLog('error', process.stderr),
    version: 'benchmark',
  })
  process.once('SIGTERM', () => {
    void node.close().finally(() => {
      rmSync(folder, { recursive: true, force: true })
      process.exit()
    })
  })
  await node.store.transact((transaction) =>
    importToken(
      transaction,
      {
        name: 'benchmark',
        owner: 'benchmark',
        metadata: {},
        notBefore: undefined,
        expiresAt: undefined,
        mode: 'enforce',
        restrictions: {
          ...UNRESTRICTED,
          domains: {
            enabled: true,
            entries: [{ value: 'shop.example', subdomains: false, label: '' }],
          },
        },
        hash: hashToken('benchmark-token' as TokenText), // any shape is a token
        hint: '',
      },
      { actor: 'operator', now: Date.now(), random: randomBytes },
    ),
  )
  await node.follower.catchUp()
  return node
}
