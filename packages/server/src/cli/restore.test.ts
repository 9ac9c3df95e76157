import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPlace, parsed, type Place, startedNode } from './cli-fixture.ts'

const elsewhere = mkdtempSync(join(tmpdir(), 'keyfence-backup-'))
let backups = 0
const newFile = () => join(elsewhere, `backup-${++backups}.db`)
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }))

let place: Place
beforeEach(async () => {
  place = await openPlace('store')
})
afterEach(() => place.close())

const create = (name: string) => place.json('token', 'create', '--name', name, '--owner', 'acme')
const names = async () =>
  (await place.json('token', 'list')).items.map(({ name, status }) => [name, status])

describe('backup', () => {
  test('of a running node is one file, its owner’s alone, and nothing beside it', async () => {
    await create('kept')
    const node = await startedNode(place.folder)
    const file = newFile()
    const { code, out } = await place.run(['backup', file])
    await node.close()
    expect({ code, out }).toEqual({ code: 0, out: `1 token is safe in ${file}\n` })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const beside = readdirSync(elsewhere).filter((name) => file.endsWith(name.slice(0, 11)))
    expect(beside).toHaveLength(1)
  })

  test.each([
    { prepare: (file: string) => writeFileSync(file, 'mine'), because: 'the file is there' },
    {
      prepare: () => rmSync(join(place.folder, 'keyfence.db')),
      because: 'there is nothing to back up',
    },
  ])('is refused where $because', async ({ prepare }) => {
    const file = newFile()
    prepare(file)
    const { code, err } = await place.run(['backup', file])
    expect(code).toBe(2)
    expect(err).not.toContain('    at ')
  })
})

describe('restore', () => {
  test('brings back what was there, and the store that was replaced stays beside it', async () => {
    await create('before')
    const file = newFile()
    await place.json('backup', file)
    await create('after')
    const { code, out } = await place.run(['restore', file, '--yes'])
    expect(code).toBe(0)
    expect(out).toContain('1 token restored. The store that was there is ')
    expect(await names()).toEqual([['before', 'active']])
    expect(existsSync(join(place.folder, 'keyfence.db.before-restore'))).toBe(true)
  })

  test.each([
    { what: 'revoked', line: ['token', 'revoke'] },
    { what: 'disabled', line: ['token', 'disable'] },
    { what: 'deleted', line: ['token', 'delete', '--yes'] },
    { what: 'rotated', line: ['token', 'rotate'] },
    { what: 'rotated', line: ['token', 'rotate', '--overlap', '1d'] },
    { what: 'expired', line: ['token', 'change', '--expires-in', '0'] },
  ])('lists what was $what since, and asks ($line)', async ({ what, line }) => {
    const { id } = await create('revived')
    await create('untouched')
    const file = newFile()
    await place.json('backup', file)
    const [group = '', verb = '', ...options] = line
    expect((await place.run([group, verb, id, ...options])).code).toBe(0)
    const before = await names()
    const declined = await place.run(['restore', file], { typed: 'n\n' })
    expect(declined.code).toBe(1)
    expect(declined.err).toMatch(new RegExp(`${id} +revived +acme +${what}\n`))
    expect(declined.err).not.toContain('untouched')
    expect(await names()).toEqual(before)
    const done = await place.run(['restore', file, '--json'], { typed: 'y\n' })
    expect(parsed(done.out)).toMatchObject({ revived: [{ id, because: what }] })
    expect(await names()).toEqual([
      ['revived', 'active'],
      ['untouched', 'active'],
    ])
  })

  test('a second secret that would live longer again is revived, too', async () => {
    const { id } = await create('twice')
    await place.json('token', 'rotate', id, '--overlap', '1d')
    const file = newFile()
    await place.json('backup', file)
    await place.json('token', 'rotate', id)
    const { err } = await place.run(['restore', file], { typed: 'n\n' })
    expect(err).toContain(id)
  })

  test('brings back no session, no sign-in link and no node: they may have ended since', async () => {
    const file = newFile()
    await place.json('admin', 'link')
    const database = new DatabaseSync(join(place.folder, 'keyfence.db'))
    database.exec("insert into sessions values ('hash', 'adm_x', 1, 1)")
    const grant = "'hash', 'por_x', 'acme', '[]', null, 'operator', 1"
    database.exec(`insert into portal_links values (${grant})`)
    database.exec(`insert into portal_sessions values (${grant}, 1)`)
    const node = "'node_x', 'server', 'there', '1', 1, null, null, null, 0, 1, 9e15"
    database.exec(`insert into nodes values (${node})`)
    database.close()
    await place.json('backup', file)
    expect((await place.run(['restore', file, '--yes'])).code).toBe(0)
    const restored = new DatabaseSync(join(place.folder, 'keyfence.db'))
    for (const table of ['sessions', 'sign_in_links', 'portal_sessions', 'portal_links', 'nodes']) {
      const counted = restored.prepare(`select count(*) as n from ${table}`)
      expect({ table, ...counted.get() }).toEqual({ table, n: 0 })
    }
    restored.close()
  })

  test('is refused while a node runs', async () => {
    const file = newFile()
    await place.json('backup', file)
    const node = await startedNode(place.folder)
    const { code, err } = await place.run(['restore', file, '--yes'])
    await node.close()
    expect(code).toBe(1)
    expect(err).toContain('Stop it first')
    expect((await place.run(['restore', file, '--yes'])).code).toBe(0)
  })

  test('without a terminal wants --yes', async () => {
    const file = newFile()
    await place.json('backup', file)
    const { code, err } = await place.run(['restore', file])
    expect(code).toBe(2)
    expect(err).toContain('--yes')
  })

  test.each([
    { octets: undefined, because: 'is not there' },
    { octets: 'no database, but long enough to look at. '.repeat(30), because: 'is none' },
  ])('of a file that $because leaves everything as it is', async ({ octets }) => {
    await create('kept')
    const file = newFile()
    if (octets !== undefined) writeFileSync(file, octets)
    const { code, err } = await place.run(['restore', file, '--yes'])
    expect(code).toBe(2)
    expect(err).toContain('store')
    expect(await names()).toEqual([['kept', 'active']])
  })

  test('replaces a store that is too damaged to be read', async () => {
    await create('saved')
    const file = newFile()
    await place.json('backup', file)
    writeFileSync(join(place.folder, 'keyfence.db'), 'broken '.repeat(1000))
    const { code, err } = await place.run(['restore', file, '--yes'])
    expect(err).toContain('cannot be read')
    expect(code).toBe(0)
    expect(await names()).toEqual([['saved', 'active']])
  })

  test('makes the folder where it is missing, its owner’s alone', async () => {
    await create('moved')
    const file = newFile()
    await place.json('backup', file)
    rmSync(place.folder, { recursive: true })
    expect((await place.run(['restore', file])).code).toBe(0)
    expect(statSync(place.folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(place.folder, 'keyfence.db')).mode & 0o777).toBe(0o600)
    expect(await names()).toEqual([['moved', 'active']])
  })
})
