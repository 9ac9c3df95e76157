import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, openPlace, parsed, type Place } from '../cli-fixture.ts'

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')
const line = (member: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ name: 'n', owner: 'acme', ...member })
const OWN = 'kf_00000000000000000000000000000000000D7yrC'
const OFF = { enabled: false, entries: [] }

let place: Place
beforeAll(async () => {
  place = await openPlace('node')
})
afterAll(() => place.close())

const importText = (text: string, ...options: string[]) =>
  place.run(['import', '-', ...options], { input: text })
const tokensOf = async (owner: string, from = place): Promise<readonly Answer[]> =>
  (await from.json('token', 'list', '--owner', owner, '--limit', '5000')).items

describe('a bad line is named before anything is sent', () => {
  test.each([
    { text: '{', says: 'no JSON object', because: 'no JSON' },
    { text: '[]', says: 'no JSON object', because: 'an array' },
    { text: line({}), says: '/hash', because: 'neither key nor hash' },
    { text: line({ hash: 'xyz' }), says: '/hash', because: 'no hash' },
    { text: line({ key: 'a', hash: hashOf('a') }), says: 'not both', because: 'key and hash' },
    { text: line({ key: 'a b' }), says: '/key', because: 'no request can carry a blank' },
    { text: line({ key: 5 }), says: '/key', because: 'no text' },
    { text: line({ key: `${OWN}x` }), says: 'checksum', because: 'a mistyped key of ours' },
    { text: line({ key: 'a', name: '' }), says: '/name', because: 'no name' },
    { text: line({ key: 'a', owner: undefined }), says: '/owner', because: 'no owner' },
    { text: line({ key: 'a', nmae: 'x' }), says: 'did you mean "name"', because: 'no such member' },
    { text: line({ key: 'a', status: 'gone' }), says: '/status', because: 'no such status' },
    { text: line({ key: 'a', expiresAt: 'soon' }), says: '/expiresAt', because: 'no time' },
    {
      text: line({
        key: 'a',
        restrictions: { domains: { enabled: true, entries: ['com'] }, ips: OFF },
      }),
      says: '/restrictions/domains/entries/0 (domain_single_label)',
      because: 'an entry that cannot be listed',
    },
    { text: 'x'.repeat(1024 * 1024 + 1), says: '1 MiB', because: 'too long' },
  ])('$says: $because', async ({ text, says }) => {
    const { code, out, err } = await importText(`${line({ key: 'good' })}\n\n${text}\n`)
    expect(err).toContain('line 3:')
    expect(err).toContain(says)
    expect(err).toContain('Nothing was sent.')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(await tokensOf('acme')).toEqual([])
  })

  test('all of them, and keys that stand twice', async () => {
    const text = [line({ key: 'twice' }), '{', line({ hash: hashOf('twice') }), '{'].join('\n')
    const { code, out } = await importText(text, '--json')
    expect(code).toBe(1)
    expect(parsed(out)).toMatchObject({
      ready: 1,
      problems: [{ line: 2 }, { line: 3, message: 'The same key as on line 1.' }, { line: 4 }],
    })
  })

  test('a file that is not there is wrong use', async () => {
    const { code, err } = await place.run(['import', join(place.folder, 'none.jsonl')])
    expect(code).toBe(2)
    expect(err).toContain('ENOENT')
  })

  test('--dry-run sends nothing', async () => {
    const ran = await importText(line({ key: 'dry' }), '--dry-run')
    expect(ran).toMatchObject({ code: 0, err: '1 key is in order.\n' })
    expect(await tokensOf('acme')).toEqual([])
  })
})

describe('keys come in', () => {
  test('plain ones are hashed here, and no key and no hash is said or kept', async () => {
    const keys = ['legacy key'.replace(' ', '-'), 'sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'short']
    const text = keys.map((key) => line({ key, owner: 'plain' })).join('\r\n')
    const { code, out, err } = await importText(`\ufeff${text}`)
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: '3 keys imported, 0 skipped.\n' })
    const hints = (await tokensOf('plain')).map((token) => String(token['hint']))
    expect(hints.sort()).toEqual(['', '', '…p7dc'])
  })

  test('known ones are named; --skip-known goes on behind them', async () => {
    const keys = Array.from({ length: 1203 }, (_, at) => line({ key: `k-${at}`, owner: 'bulk' }))
    expect((await importText(keys.slice(0, 700).join('\n'))).code).toBe(0)
    const refused = await importText(keys.join('\n'))
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('line 1: /hash')
    expect(refused.err).toContain('line 500: /hash')
    expect(await tokensOf('bulk')).toHaveLength(700)
    const resumed = await importText(keys.join('\n'), '--skip-known', '--json')
    expect(resumed.code).toBe(0)
    expect(resumed.err).toContain('line 700: known already, skipped')
    const { imported, skipped } = parsed(resumed.out)
    expect([imported, (skipped as unknown[]).length]).toEqual([503, 700])
    expect(await tokensOf('bulk')).toHaveLength(1203)
  })

  test.each(['disabled', 'revoked'])('%s ones are so from their first moment', async (status) => {
    const text = line({ hash: hashOf(`was ${status}`), owner: status, status })
    expect((await importText(text)).code).toBe(0)
    expect(await tokensOf(status)).toMatchObject([{ status }])
    expect(await place.json('audit', '--owner', status)).toMatchObject({
      items: [{ action: 'token.import' }],
    })
  })
})

describe('export', () => {
  let source: Place
  let target: Place
  let first: Answer
  beforeAll(async () => {
    source = await openPlace('store')
    target = await openPlace('store')
    const create = (name: string) =>
      source.json('token', 'create', '--name', name, '--owner', 'move', '--domain', 'example.com')
    first = await create('kept')
    await source.json('token', 'change', first.id, '--metadata', 'plan=pro', '--mode', 'report')
    for (const [name, verb] of [
      ['disabled', 'disable'],
      ['revoked', 'revoke'],
      ['rotated', 'rotate'],
    ] as const) {
      await source.json('token', verb, (await create(name)).id)
    }
    const { id } = await create('overlapping')
    await source.json('token', 'rotate', id, '--overlap', '1d')
    await source.json('token', 'delete', (await create('deleted')).id, '--yes')
  })
  afterAll(async () => {
    await source.close()
    await target.close()
  })

  test('is readable by its owner alone, whole, and holds no plain token', async () => {
    const file = join(source.folder, 'tokens.jsonl')
    const { code, err } = await source.run(['export', file])
    expect(code).toBe(0)
    expect(err).toBe('5 tokens written. Left out: 2 rotated secrets, 1 hash of deleted tokens.\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}.partial`)).toBe(false)
    const text = readFileSync(file, 'utf8')
    expect(text).not.toMatch(/kf_[0-9A-Za-z]{40}/)
    expect(text.trimEnd().split('\n')).toHaveLength(5)
    expect(text).toContain(hashOf(first.secret))
  })

  test('does not write over a file', async () => {
    const file = join(source.folder, 'there.jsonl')
    writeFileSync(file, 'mine')
    const { code, err } = await source.run(['export', file])
    expect(code).toBe(2)
    expect(err).toContain('exists already')
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  test('comes in elsewhere as it was: nothing that was refused is accepted', async () => {
    const { code, out } = await source.run(['export'])
    expect(code).toBe(0)
    expect((await target.run(['import', '-'], { input: out })).code).toBe(0)
    const moved = await tokensOf('move', target)
    expect(Object.fromEntries(moved.map(({ name, status }) => [name, status]))).toEqual({
      kept: 'active',
      disabled: 'disabled',
      revoked: 'revoked',
      rotated: 'active',
      overlapping: 'active',
    })
    const kept = async (from: Place) =>
      (await tokensOf('move', from)).filter(({ name }) => name === 'kept').map(settings)
    expect(await kept(target)).toEqual(await kept(source))
    expect(liveHashes(target)).toEqual(liveHashes(source))
    const again = await target.run(['import', '-', '--skip-known'], { input: out })
    expect(again.err).toContain('0 keys imported, 5 skipped.')
  })

  test('leaves a damaged record out, names it, and goes on', async () => {
    const database = new DatabaseSync(join(source.folder, 'keyfence.db'))
    database.prepare("update tokens set mode = 'maybe' where id = ?").run(first.id)
    const { code, out, err } = await source.run(['export'])
    database.prepare("update tokens set mode = 'report' where id = ?").run(first.id)
    database.close()
    expect(code).toBe(1)
    expect(err).toContain(`${first.id} is damaged`)
    expect(out.trimEnd().split('\n')).toHaveLength(4)
  })

  test('of a folder without a store is wrong use', async () => {
    rmSync(join(target.folder, 'keyfence.db'))
    const { code, err } = await target.run(['export'])
    expect(code).toBe(2)
    expect(err).toContain('There is no Keyfence')
  })
})

function settings({ metadata, mode, hint, restrictions, expiresAt }: Answer): object {
  return { metadata, mode, hint, restrictions, expiresAt }
}

/** Every hash that is accepted now. */
function liveHashes({ folder }: Place): readonly unknown[] {
  const database = new DatabaseSync(join(folder, 'keyfence.db'))
  const rows = database
    .prepare(
      `select hash from secrets join tokens on tokens.id = token_id
        where status = 'active' and ends_at is null order by hash`,
    )
    .all()
  database.close()
  return rows.map((row) => row['hash'])
}
