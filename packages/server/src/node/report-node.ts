import { hostname } from 'node:os'
import type { NodeStore } from '../fleet/fleet-node.ts'
import { NodeReporter } from '../fleet/report-nodes.ts'
import { newNodeId } from '../identifier/identifier.ts'
import type { FollowedStore } from './follow-store.ts'
import type { NodeWorld } from './node-world.ts'

/** What a node tells the others. @param of `undefined`: it has no copy yet */
export function reportNode(
  { config, clock, random, log, version }: NodeWorld,
  nodes: NodeStore,
  of: () => { readonly copy: FollowedStore; readonly isDraining: boolean } | undefined,
): NodeReporter {
  const startedAt = clock.now()
  return new NodeReporter({
    nodes,
    self: {
      id: newNodeId(startedAt, random),
      kind: 'server',
      name: hostname(),
      version,
      startedAt,
    },
    progress: () => {
      const follower = of()?.copy.follower
      return {
        position: follower?.position,
        copyAgeMs: follower?.freshness().staleForMs,
        isDraining: of()?.isDraining ?? false,
      }
    },
    maxStalenessMs: config.maxStalenessMs,
    clock,
    log,
  })
}
