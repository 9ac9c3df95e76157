/** The check endpoint of Keyfence, as `keyfence serve` runs it. */
import { announce } from './announce.ts'
import { startBenchmarkNode } from './benchmark-node.ts'

const node = await startBenchmarkNode({ 'check-profile': ['plain'] })
announce(node.dataAddress?.port ?? 0)
