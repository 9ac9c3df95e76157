import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPlace, parsed, type Place, run, startedNode } from '../cli-fixture.ts'
import type { Finding } from './finding.ts'

let place: Place
beforeEach(async () => {
  place = await openPlace('store')
})
afterEach(() => place.close())

const DATABASE = 'keyfence.db'

function change(sql: string): void {
  const database = new DatabaseSync(join(place.folder, DATABASE))
  database.exec(sql)
  database.close()
}

const newToken = () => place.json('token', 'create', '--name', 'x', '--owner', 'a')

async function findings(env = {}): Promise<{ code: number; found: readonly Finding[] }> {
  const { code, out } = await place.run(['doctor', '--json'], { env })
  return { code, found: parsed(out)['findings'] as readonly Finding[] }
}

describe('doctor', () => {
  test.each<{ about: string; harm: () => Promise<void> | void; env?: object; because: string }>([
    {
      about: 'permissions',
      harm: () => chmodSync(place.folder, 0o755),
      because: 'others may look into the folder',
    },
    {
      about: 'permissions',
      harm: () => chmodSync(join(place.folder, DATABASE), 0o640),
      because: 'others may read the store',
    },
    {
      about: 'folder',
      harm: () => rmSync(join(place.folder, DATABASE)),
      because: 'there is no store',
    },
    {
      about: 'integrity',
      harm: () =>
        writeFileSync(join(place.folder, DATABASE), 'broken '.repeat(1000), { mode: 0o600 }),
      because: 'the file is no database',
    },
    {
      about: 'schema',
      harm: () => change('update schema_version set version = 1000'),
      because: 'a newer Keyfence wrote it',
    },
    {
      about: 'clock',
      harm: async () => {
        await newToken()
        change('update changes set created_at = created_at + 3600000')
      },
      because: 'the newest change is an hour ahead',
    },
    {
      about: 'records',
      harm: async () => {
        await newToken()
        change("update tokens set metadata = '{'")
      },
      because: 'a record cannot be read',
    },
    {
      about: 'records',
      harm: async () => {
        await place.json('token', 'create', '--name', 'x', '--owner', 'a', '--ip', '8.8.8.8')
        change("update entries set value = 'nonsense'")
      },
      because: 'an entry is none',
    },
    {
      about: 'settings',
      harm: () => {},
      env: { KEYFENCE_MAX_IPS: '0' },
      because: 'a setting is out of its range',
    },
  ])('finds what is wrong with $about: $because', async ({ about, harm, env }) => {
    await harm()
    const { code, found } = await findings(env)
    const problems = found.filter(({ level }) => level === 'problem')
    expect(problems.map((finding) => finding.about)).toEqual([about])
    for (const { remedy } of problems) expect(remedy).toMatch(/\w/)
    expect(code).toBe(1)
  })

  test('finds a node that does not answer', async () => {
    const node = await startedNode(place.folder)
    const socket = join(place.folder, 'management.sock')
    rmSync(socket)
    const silent = createServer((connection) => connection.destroy())
    await new Promise<void>((resolve) => silent.listen(socket, resolve))
    const { code, found } = await findings()
    await new Promise((resolve) => silent.close(resolve))
    await node.close()
    expect(found.find(({ about }) => about === 'node')?.level).toBe('problem')
    expect(code).toBe(1)
  })

  test.each(['store', 'node'] as const)('finds nothing wrong with a good %s', async (kind) => {
    const token = await newToken()
    const node = kind === 'node' ? await startedNode(place.folder) : undefined
    const { code, out } = await place.run(['doctor'])
    await node?.close()
    expect(out).not.toContain('problem')
    expect(out).toContain(kind === 'node' ? 'A node runs here, and is ready.' : 'No node runs here')
    expect(out).toContain('1 token, none damaged.')
    expect(out).not.toContain(token.secret)
    expect(code).toBe(0)
  })

  test('a path that is too long for a socket is told', async () => {
    const folder = join(place.folder, 'x'.repeat(120))
    const { out } = await run(['doctor', '--data', folder, '--json'])
    expect(parsed(out)['ok']).toBe(false)
  })
})
