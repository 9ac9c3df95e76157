/** The thread that writes a snapshot and ends: a hundred megabytes must not hold up a decision. */
import { workerData } from 'node:worker_threads'
import { type Snapshot, writeSnapshotFile } from './snapshot-file.ts'

const { path, snapshot, program } = workerData as SnapshotOrder // what write-snapshot.ts passes

writeSnapshotFile(path, snapshot, program)

/** What is to be written where. */
export interface SnapshotOrder {
  readonly path: string
  readonly snapshot: Snapshot
  readonly program: string
}
