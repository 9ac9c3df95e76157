import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { LoadedSnapshot, SavedSnapshot, SnapshotFile } from '../guard/snapshot-file.ts'

/** Where a copy is kept, and for how long it may be started with. */
export interface SealedFileOptions {
  /** Its folder has to be there; others on the machine should not be able to write there. */
  readonly path: string
  /**
   * How old a copy may be to start with while Keyfence is away, in milliseconds: for so long a
   * revocation may go unnoticed. 1,000 to 86,400,000. Default: 900,000, a quarter of an hour.
   */
  readonly ageMsMax?: number
}

/**
 * A snapshot in a file, sealed by an HMAC with a key made from the management key: what was altered,
 * cut short, or written for another key or address is not used. It holds hashes, no secrets.
 */
export function sealedFile({ path, ageMsMax = 900_000 }: SealedFileOptions): SnapshotFile {
  if (!(ageMsMax >= 1000 && ageMsMax <= 86_400_000)) {
    throw new TypeError('ageMsMax: give milliseconds from 1,000 to 86,400,000.')
  }
  return {
    ageMsMax,
    load: async (seal) => {
      try {
        return unsealed(await readFile(path, 'utf8'), seal)
      } catch (error) {
        const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
        return { ok: false, because: isAbsent ? undefined : 'it cannot be read' }
      }
    },
    save: async (snapshot, seal) => {
      const written = `${path}.${randomBytes(6).toString('hex')}`
      try {
        await writeFile(written, sealed(snapshot, seal), { mode: 0o600 })
        await rename(written, path)
      } catch (error) {
        await rm(written, { force: true })
        throw error
      }
    },
  }
}

const FORMAT = 'keyfence-guard-snapshot/1'

function sealed({ savedAt, text }: SavedSnapshot, seal: string): string {
  const content = `${savedAt}\n${text}`
  return `${FORMAT} ${macOf(content, seal)}\n${content}`
}

function unsealed(file: string, seal: string): LoadedSnapshot {
  const match = FILE.exec(file)
  const [head = '', mac = '', savedAt = ''] = match ?? []
  if (match === null) return { ok: false, because: 'it is no snapshot of this version' }
  const content = file.slice(FORMAT.length + mac.length + 2)
  if (!timingSafeEqual(Buffer.from(mac, 'hex'), Buffer.from(macOf(content, seal), 'hex'))) {
    return { ok: false, because: 'its seal is broken' }
  }
  return { ok: true, snapshot: { savedAt: Number(savedAt), text: file.slice(head.length) } }
}

const FILE = /^keyfence-guard-snapshot\/1 ([0-9a-f]{64})\n([0-9]{1,16})\n/

function macOf(content: string, seal: string): string {
  const key = createHmac('sha256', seal).update('keyfence guard snapshot').digest()
  return createHmac('sha256', key).update(content).digest('hex')
}
