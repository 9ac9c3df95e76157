import { join } from 'node:path'
import { readSnapshotFile } from '../../fence/packed/snapshot-file.ts'
import { SNAPSHOT_FILE } from '../../node/follow-store.ts'
import { type Finding, note, ok } from './finding.ts'

/** Looks whether the next start can go on from the snapshot; without one it reads every token. */
export function checkSnapshot(folder: string, version: string): readonly Finding[] {
  const path = join(folder, SNAPSHOT_FILE)
  const read = readSnapshotFile(path, version)
  if (read.ok) return [ok('snapshot', 'The next start goes on from the snapshot.')]
  if (read.because === undefined) return []
  const message = `The snapshot is of no use, ${read.because}: the next start reads every token.`
  return [note('snapshot', message, `Nothing has to be done; rm ${path} silences this.`)]
}
