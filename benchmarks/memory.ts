/**
 * What a token costs in memory, beyond a process that knows none: `node benchmarks/memory.ts
 * [--tokens N] [--quick]`, 1,000,000 unless told otherwise, each with its own domain and address. Each
 * way to come by a fence has a process of its own; here they are counted, in `fences/` they are made.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchmarkOptions } from './command-line.ts'
import type { FenceMeasures, FenceWay } from './fences/measured-fence.ts'
import { middle } from './rounds.ts'
import { figureText, report, type Row } from './row.ts'

const GOAL_BYTES = 100

const { isQuick, tokenCount = 1_000_000 } = benchmarkOptions()
const folder = mkdtempSync(join(tmpdir(), 'keyfence-memory-'))
// Applied before loaded: it leaves the snapshot that is loaded.
const applied = await fenceBy('applied')
const empty: FenceMeasures[] = []
const loaded: FenceMeasures[] = []
for (let round = 0; round < (isQuick ? 2 : 5); round++) {
  empty.push(await fenceBy('empty'))
  loaded.push(await fenceBy('loaded'))
}
// What making so many tokens leaves in a process is no fence's.
const made = [await fenceBy('made')]
const map = isQuick ? undefined : await fenceBy('map')
rmSync(folder, { recursive: true, force: true })

const tokens = `${tokenCount.toLocaleString('en')} tokens`
const goalMax = GOAL_BYTES
report([
  {
    ...row('packed fence, words in use', 'B', [perToken(applied.usedBytes)]),
    beside: 'what it says itself',
    goalMax,
  },
  { ...row('packed fence from a snapshot, resident', 'B', beyond(empty, loaded)), goalMax },
  { ...row('packed fence filled by the feed, resident', 'B', beyond(made, [applied])), goalMax },
  ...(map === undefined ? [] : [row('Map fence, resident', 'B', beyond(made, [map]))]),
  {
    ...row(
      'loading the snapshot',
      'ms',
      loaded.map(({ madeMs }) => madeMs),
    ),
    beside: `a file of ${figureText((loaded[0]?.fileBytes ?? 0) / 2 ** 20, 'MB')}`,
  },
])

function row(name: string, unit: Row['unit'], values: readonly number[]): Row {
  const { median: figure, spread } = middle(values)
  const named = { benchmark: 'memory', name: `${tokens}: ${name}`, figure, unit }
  return values.length === 1 ? named : { ...named, spread }
}

/** Bytes a token of what is resident beyond processes whose fence is empty. */
function beyond(
  floor: readonly FenceMeasures[],
  measured: readonly FenceMeasures[],
): readonly number[] {
  const none = middle(floor.map(({ residentBytes }) => residentBytes)).median
  return measured.map(({ residentBytes }) => perToken(residentBytes - none))
}

function perToken(bytes: number): number {
  return bytes / tokenCount
}

async function fenceBy(way: FenceWay): Promise<FenceMeasures> {
  const parameters = [way, String(tokenCount), join(folder, 'fence.snapshot')]
  const child: ChildProcess = fork(
    join(import.meta.dirname, 'fences/measured-fence.ts'),
    parameters,
    { execArgv: ['--expose-gc'] },
  )
  const [measures] = (await once(child, 'message')) as [FenceMeasures] // the one thing it sends
  await once(child, 'exit')
  return measures
}
