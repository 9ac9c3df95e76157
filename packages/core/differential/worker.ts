import { parentPort } from 'node:worker_threads'
import { runChunk, type Chunk } from './chunk.ts'

// One chunk in, one result out: run.ts hands out the next when this one is back.
parentPort?.on('message', (chunk: Chunk) => {
  parentPort?.postMessage(runChunk(chunk), [])
})
