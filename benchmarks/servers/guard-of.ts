import { randomBytes } from 'node:crypto'
import { createGuard, type Guard } from '../../packages/guard/src/index.ts'
import { createKey } from '../../packages/server/src/access/create-key.ts'
import type { RunningNode } from '../../packages/server/src/node/start-node.ts'

/** A guard that follows this node, ready. */
export async function guardOf(node: RunningNode): Promise<Guard> {
  const { secret: key } = await node.store.transact((transaction) =>
    createKey(
      transaction,
      { name: 'guard', scopes: ['feed'], owner: undefined },
      { actor: 'operator', now: Date.now(), random: randomBytes },
    ),
  )
  const guard = await createGuard({ url: `http://127.0.0.1:${node.adminPort}`, key })
  await guard.ready
  return guard
}
