/** Keyfence before an API, as `keyfence serve` runs it. Parameter: upstream port. */
import { announce } from './announce.ts'
import { startBenchmarkNode } from './benchmark-node.ts'

const node = await startBenchmarkNode({ upstream: [`http://127.0.0.1:${process.argv[2]}`] })
announce(node.dataAddress?.port ?? 0)
