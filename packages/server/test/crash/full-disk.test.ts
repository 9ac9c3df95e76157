/** Fault F11 of docs/reliability.md: no room on the disk. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi } from '../../src/api/running-api.ts'
import { manage, type RunningKeyfence, send, startKeyfence } from '../running-keyfence.ts'
import { mountSmallDisk } from './small-disk.ts'
import { rowsInFolder, StoredTokens } from './stored-tokens.ts'

const disk = mountSmallDisk()
const draft = { name: 'x'.repeat(200), owner: 'acme' }

if (disk !== undefined) {
  describe('on a full disk', () => {
    let keyfence: RunningKeyfence
    let known: { readonly id: string; readonly secret: string }

    beforeAll(async () => {
      keyfence = await startKeyfence({ folder: disk.folder })
      known = (await manage(keyfence, 'POST /v1/tokens', draft)).body
      disk.fill()
    })

    afterAll(async () => {
      await keyfence.close()
      disk.remove()
    })

    const statusOf = async (token: string) =>
      (await send(keyfence.url, { headers: { 'x-api-key': token } })).status

    const createUntilFull = async (): Promise<string[]> => {
      const created: string[] = []
      for (;;) {
        const { status, body } = await manage(keyfence, 'POST /v1/tokens', draft)
        if (status !== 201) {
          expect([status, body.code]).toEqual([507, 'store_full'])
          return created
        }
        created.push(body.secret)
      }
    }

    test('writes are 507 with nothing half written, and requests are decided', async () => {
      const created = await createUntilFull()
      for (const token of created) expect(await statusOf(token)).toBe(200)
      expect(await statusOf(known.secret)).toBe(200)
      expect(await statusOf('unknown')).toBe(401)
      const refused = [
        await manage(keyfence, 'POST /v1/tokens', draft),
        await manage(keyfence, `POST /v1/tokens/${known.id}/revoke`),
        await manage(keyfence, `POST /v1/tokens/${known.id}/rotate`),
      ]
      expect(refused.map(({ status }) => status)).toEqual([507, 507, 507])
      const stored = new StoredTokens(rowsInFolder(keyfence.folder))
      expect(await stored.unsound()).toEqual([])
      await stored.close()
      // On a busy machine a turn may be late: that passes.
      await expect.poll(async () => (await manage(keyfence, 'GET /readyz')).status).toBe(200)
    })

    test('a node that is killed there starts again and decides', async () => {
      await keyfence.stop('SIGKILL')
      keyfence = await startKeyfence({ folder: disk.folder })
      expect(await statusOf(known.secret)).toBe(200)
      expect((await manage(keyfence, 'POST /v1/tokens', draft)).status).toBe(507)
    })

    test('with room again the same node writes, and what was refused can be done', async () => {
      disk.makeRoom()
      expect((await manage(keyfence, `POST /v1/tokens/${known.id}/revoke`)).status).toBe(200)
      expect(await statusOf(known.secret)).toBe(401)
      expect((await manage(keyfence, 'POST /v1/tokens', draft)).status).toBe(201)
      const stored = new StoredTokens(rowsInFolder(keyfence.folder))
      expect(await stored.unsound()).toEqual([])
      await stored.close()
    })
  })
} else {
  // Where no file system may be mounted, what SQLite sees of a full disk is brought about inside it.
  test('on a disk that SQLite may not fill further, writes are 507 until there is room', async () => {
    const api = await startApi()
    const key = await api.key(['write'])
    const known = await api.token()
    await sql`pragma max_page_count = 1`.execute(api.db)
    const create = () => api.ask('POST', '/v1/tokens', { key, body: draft })
    let { status } = await create()
    while (status === 201) ({ status } = await create())
    expect(status).toBe(507)
    expect(api.lookUp(known.secret)?.state).toBe('known')
    await sql`pragma max_page_count = 1000000`.execute(api.db)
    expect((await create()).status).toBe(201)
    await api.stop()
  })
}
