import { beforeEach, describe, expect, test } from 'vitest'
import { NO_REVISION } from '../../fence/change-feed.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import type { Token, TokenHash } from '../../token/token.ts'
import { StoreError } from '../store-error.ts'
import type { Store } from '../store.ts'
import { type ContractAt, insert, inserted, newHash, newToken, NOW } from './contract-store.ts'

/** Every member set, to what a store might get wrong. */
const DETAILED: Partial<Token> = {
  name: "O'Brien; drop table tokens --",
  metadata: { constructor: 'x', plan: 'ü' },
  notBefore: NOW - 1,
  expiresAt: 4_102_444_800_000,
  lastUsedAt: NOW,
  status: 'disabled',
  mode: 'report',
  version: 7,
  restrictions: {
    domains: {
      enabled: true,
      entries: ['b.com', 'a.com', '*.c.com'].map((value, at) => ({
        value,
        subdomains: at === 1,
        label: `label ${at}`,
      })),
    },
    ips: { enabled: false, entries: [{ value: '2606:4700::1', label: '' }] },
  },
}

/** What every store does with tokens. */
export function tokenContract({ store }: ContractAt): void {
  describe('tokens', () => {
    test('a token comes back as it was written, order of entries and absent times included', async () => {
      const token = newToken(DETAILED)
      const bare = newToken()
      await store().transact(async (transaction) => {
        await insert(transaction, token)
        await insert(transaction, bare)
      })
      expect(await store().tokens.find(token.id)).toEqual(token)
      expect(await store().tokens.find(bare.id)).toEqual(bare)
    })

    test('an update replaces all but the id and the secrets', async () => {
      const token = newToken()
      const hash = await store().transact((transaction) => insert(transaction, token))
      const updated: Token = {
        ...newToken({ id: token.id, version: 2, name: 'New', metadata: {} }),
        restrictions: {
          domains: { enabled: true, entries: [] },
          ips: { enabled: true, entries: [{ value: '8.8.8.8', label: 'x' }] },
        },
      }
      await store().transact((transaction) => transaction.tokens.update(updated))
      expect(await store().tokens.find(token.id)).toEqual(updated)
      expect(await store().tokens.secretsOf(token.id)).toMatchObject([{ hash }])
    })

    test('owners are told of the tokens that are there, and of no others', async () => {
      const mine = await inserted(store(), { owner: 'alice' })
      const other = await inserted(store(), { owner: 'bob' })
      const owners = await store().tokens.ownersOf([mine.id, other.id, newToken().id])
      expect(owners).toEqual(
        new Map([
          [mine.id, 'alice'],
          [other.id, 'bob'],
        ]),
      )
      expect(await store().tokens.ownersOf([])).toEqual(new Map())
    })

    test('a hash or an id that is there already is not_unique', async () => {
      const token = newToken()
      const hash = await store().transact((transaction) => insert(transaction, token))
      const taken = store().transact((transaction) => insert(transaction, newToken(), hash))
      await expect(taken).rejects.toMatchObject({ code: 'not_unique' })
      const twice = store().transact((transaction) => insert(transaction, token))
      await expect(twice).rejects.toMatchObject({ code: 'not_unique' })
      await expect(twice).rejects.toBeInstanceOf(StoreError)
    })
  })
}

function names(tokens: readonly Token[]): string[] {
  return tokens.map((token) => token.name)
}

/** What every store does with lists of tokens. */
export function listContract({ store }: ContractAt): void {
  describe('lists of tokens', () => {
    beforeEach(async () => {
      await inserted(store(), { name: 'Alpha', owner: 'alice' })
      await inserted(store(), { name: 'beta', owner: 'bob', status: 'disabled' })
      await inserted(store(), { name: '50%_x', owner: 'alice', status: 'revoked' })
      await inserted(store(), { name: 'ALPHA two', owner: 'bob' })
    })

    test.each<{
      filter: Parameters<Store['tokens']['list']>[0]
      gives: readonly string[]
      because: string
    }>([
      { filter: { owner: 'nobody' }, gives: [], because: 'nobody has one' },
      { filter: { owner: 'ali' }, gives: [], because: 'owners are whole' },
      { filter: { owner: 'alice', status: 'disabled' }, gives: [], because: 'both have to hold' },
      { filter: { nameContains: 'a%' }, gives: [], because: 'no pattern' },
      { filter: { nameContains: "'" }, gives: [], because: 'a quote is a character' },
      { filter: { owner: 'bob' }, gives: ['beta', 'ALPHA two'], because: 'of bob' },
      { filter: { status: 'revoked' }, gives: ['50%_x'], because: 'the status' },
      { filter: { nameContains: '%_' }, gives: ['50%_x'], because: 'characters like any other' },
      {
        filter: { nameContains: 'aLPha' },
        gives: ['Alpha', 'ALPHA two'],
        because: 'ASCII case aside',
      },
      { filter: {}, gives: ['Alpha', 'beta', '50%_x', 'ALPHA two'], because: 'all, by creation' },
    ])('a list by $filter gives $gives: $because', async ({ filter, gives }) => {
      const found = await store().tokens.list(filter, { after: undefined, limit: 10 })
      expect(names(found)).toEqual(gives)
    })

    test('pages follow one another without a gap or a repetition, and end', async () => {
      const seen: string[] = []
      let after: TokenId | undefined
      for (let page = 0; page < 3; page++) {
        const found = await store().tokens.list({}, { after, limit: 2 })
        seen.push(...names(found))
        after = found.at(-1)?.id ?? after
      }
      expect(seen).toEqual(['Alpha', 'beta', '50%_x', 'ALPHA two'])
    })

    test('the page before ends where this one begins, in the same order', async () => {
      const all = await store().tokens.list({}, { after: undefined, limit: 10 })
      const before = async (at: number, limit: number) =>
        names(await store().tokens.list({}, { before: all[at]?.id as TokenId, limit }))
      expect(await before(3, 2)).toEqual(['beta', '50%_x'])
      expect(await before(1, 2)).toEqual(['Alpha'])
      expect(await before(0, 2)).toEqual([])
    })

    test('a count stops where it is told to', async () => {
      expect(await store().tokens.count({ owner: 'nobody' }, 9)).toBe(0)
      expect(await store().tokens.count({ owner: 'bob' }, 9)).toBe(2)
      expect(await store().tokens.count({}, 3)).toBe(3)
    })
  })
}

/** What every store does with secrets. */
export function secretContract({ store }: ContractAt): void {
  describe('secrets', () => {
    test.each([
      { known: 1, unknown: 2 },
      { known: 0, unknown: 1 },
      { known: 0, unknown: 0 },
    ])('of $known known hashes among $unknown others, those are told', async (given) => {
      const known = newHashes(given.known)
      for (const hash of known) {
        await store().transact((transaction) => insert(transaction, newToken(), hash))
      }
      const hashes = [...newHashes(given.unknown), ...known]
      expect(await store().tokens.knownHashes(hashes)).toEqual(new Set(known))
    })

    test('a removed token is not found, and its hashes stay known', async () => {
      const token = newToken()
      const hash = await store().transact((transaction) => insert(transaction, token))
      await store().transact(async (transaction) => {
        await transaction.tokens.remove(token.id)
        expect(await transaction.tokens.find(token.id)).toBeUndefined()
      })
      expect(await store().tokens.find(token.id)).toBeUndefined()
      expect(await store().tokens.knownHashes([newHash(), hash, newHash()])).toEqual(
        new Set([hash]),
      )
      expect(await store().tokens.knownHashes([newHash()])).toEqual(new Set())
      expect(await store().tokens.knownHashes([])).toEqual(new Set())
    })

    test('secrets come newest first, ended ones included', async () => {
      const token = newToken()
      const first = await store().transact((transaction) => insert(transaction, token))
      const second = newHash()
      await store().transact(async ({ tokens }) => {
        await tokens.endSecret(first, NOW + 5)
        await tokens.insertSecret(token.id, { hash: second, createdAt: NOW + 1, endsAt: undefined })
      })
      expect(await store().tokens.secretsOf(token.id)).toEqual([
        { hash: second, createdAt: NOW + 1, endsAt: undefined },
        { hash: first, createdAt: NOW, endsAt: NOW + 5 },
      ])
    })

    test('an end is only ever brought forward', async () => {
      const token = newToken()
      const hash = await store().transact((transaction) => insert(transaction, token))
      const endsAt = async () => (await store().tokens.secretsOf(token.id))[0]?.endsAt
      for (const [asked, given] of [
        [NOW + 10, NOW + 10],
        [NOW + 20, NOW + 10],
        [NOW, NOW],
      ] as const) {
        await store().transact(({ tokens }) => tokens.endSecret(hash, asked))
        expect(await endsAt()).toBe(given)
      }
    })
  })
}

/** What every store does with many tokens at once. */
export function revocationContract({ store }: ContractAt): void {
  const states = (ids: readonly TokenId[]) => store().tokens.statesOf(ids)

  describe('many tokens at once', () => {
    test('their states come in the order of their ids, without those that are not there', async () => {
      const [first, second] = [await inserted(store()), await inserted(store(), DETAILED)]
      const found = await states([second.id, newToken().id, first.id])
      expect([...found]).toEqual([
        [first.id, { owner: 'alice', status: 'active' }],
        [second.id, { owner: second.owner, status: 'disabled' }],
      ])
      expect((await states([])).size).toBe(0)
    })

    test('the live ones of an owner are found up to a number', async () => {
      const owner = 'carol'
      const [first, second] = [
        await inserted(store(), { owner }),
        await inserted(store(), { owner, status: 'disabled' }),
      ]
      await inserted(store(), { owner, status: 'revoked' })
      await inserted(store())
      const found = (most: number) => store().tokens.liveStatesOf(owner, most)
      expect([...(await found(9)).keys()]).toEqual([first.id, second.id])
      expect([...(await found(1)).keys()]).toEqual([first.id])
    })

    test('revoked together, each is its next version and comes anew in the feed', async () => {
      const made = [await inserted(store(), DETAILED), await inserted(store())]
      const other = await inserted(store())
      const { head } = await store().feed.read(NO_REVISION, 1)
      await store().transact(({ tokens }) => tokens.revokeAll(made, NOW))
      const { changes } = await store().feed.read(head, 9)
      expect(changes.map(({ tokenId }) => tokenId)).toEqual(made.map(({ id }) => id))
      expect(changes).toMatchObject(
        made.map(({ owner }) => ({ kind: 'saved', owner, record: { status: 'revoked' } })),
      )
      for (const token of made) {
        const expected = { ...token, status: 'revoked', version: token.version + 1 }
        expect(await store().tokens.find(token.id)).toEqual(expected)
      }
      expect(await store().tokens.find(other.id)).toEqual(other)
    })

    test('revoked in a transaction that fails, none is', async () => {
      const token = await inserted(store())
      const failed = store().transact(async ({ tokens }) => {
        await tokens.revokeAll([token], NOW)
        throw new RangeError('changed its mind')
      })
      await expect(failed).rejects.toThrow('changed its mind')
      expect(await store().tokens.find(token.id)).toEqual(token)
    })
  })
}

const newHashes = (length: number): TokenHash[] => Array.from({ length }, () => newHash())
