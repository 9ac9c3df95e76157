import type { TokenText } from '@keyfence/core'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sealedFile } from '../../packages/guard/src/snapshot/sealed-file.ts'
import type { Revision } from '../../packages/server/src/fence/change-feed.ts'
import { packedFence } from '../../packages/server/src/fence/packed/packed-fence.ts'
import {
  readSnapshotFile,
  writeSnapshotFile,
} from '../../packages/server/src/fence/packed/snapshot-file.ts'
import type { TokenId } from '../../packages/server/src/identifier/identifier.ts'
import { hashToken } from '../../packages/server/src/token/token.ts'
import { mustHold, type OpenTarget, type Target } from '../target.ts'

const SEAL = 'http://127.0.0.1:8081\nkfm_secret'
const VERSION = '1.2.3'

/** The copy that a guard keeps in a file. Inputs are its octets, a character each. */
export const guardSnapshot: Target = {
  name: 'guard-snapshot',
  shape: 'text',
  pieces: ['keyfence-guard-snapshot/1 ', '0'.repeat(64), '\n', '9'.repeat(17), '\u00c3', '\u00ff'],
  lengthMax: 600,
  open: () =>
    snapshotTarget({
      write: (path) =>
        sealedFile({ path }).save({ savedAt: 1_800_000_000_000, text: '{"epoch":"a"}' }, SEAL),
      read: (path) => sealedFile({ path }).load(SEAL),
    }),
}

/** The copy that a node keeps in a file. Inputs are its octets, a character each. */
export const fenceSnapshot: Target = {
  name: 'fence-snapshot',
  shape: 'text',
  pieces: ['KFS1', '"heap":-1', '"heap":1e15', '"words":{}', 'null', '{}', '\u0000', '\u00ff'],
  lengthMax: 4000,
  open: () =>
    snapshotTarget({
      write: async (path) => {
        const fence = packedFence({ sizes: { slotsMin: 4, heapWordsMin: 16 } })
        const tokenId = 'tok_a' as TokenId
        const secrets = [{ hash: hashToken('kf_a' as TokenText), endsAt: undefined }]
        const revision = 1 as Revision
        fence.apply({ kind: 'unreadable', because: '', tokenId, revision, owner: 'a', secrets })
        const position = { epoch: 'first', revision }
        writeSnapshotFile(path, { position, image: fence.image() }, VERSION)
      },
      read: async (path) => readSnapshotFile(path, VERSION),
    }),
}

interface SnapshotWays {
  readonly write: (path: string) => Promise<void>
  readonly read: (
    path: string,
  ) => Promise<{ readonly ok: true } | { readonly ok: false; readonly because: string | undefined }>
}

async function snapshotTarget({ write, read }: SnapshotWays): Promise<OpenTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-fuzz-'))
  const path = join(folder, 'snapshot')
  await write(path)
  const written = readFileSync(path)
  return {
    seeds: [written.toString('latin1')],
    run: async (input) => {
      const octets = Buffer.from(input, 'latin1')
      writeFileSync(path, octets)
      const found = await read(path)
      mustHold(found.ok === octets.equals(written), 'what was written is read, and nothing else')
      mustHold(found.ok || found.because !== undefined, 'it is said why a file is not used')
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}
