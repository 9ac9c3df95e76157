import { UNRESTRICTED } from '@keyfence/core'
import { describe, expect, test } from 'vitest'
import { NO_REVISION, type Revision, type TokenChange } from '../../fence/change-feed.ts'
import type { TokenId } from '../../identifier/identifier.ts'
import type { Store } from '../store.ts'
import {
  type ContractAt,
  type DamagedColumn,
  insert,
  inserted,
  newHash,
  newToken,
  NOW,
} from './contract-store.ts'

/** Everything in the feed after a revision, in pages of two. */
async function readAll(store: Store, after: Revision = NO_REVISION): Promise<TokenChange[]> {
  const changes: TokenChange[] = []
  for (;;) {
    const page = await store.feed.read(changes.at(-1)?.revision ?? after, 2)
    changes.push(...page.changes)
    if (page.changes.length === 0) return changes
  }
}

/** What every store does with the feed. */
export function feedContract({ store }: ContractAt): void {
  describe('the feed', () => {
    test('an empty feed has an epoch, no changes, and no revision', async () => {
      const page = await store().feed.read(NO_REVISION, 10)
      expect(page).toMatchObject({ epoch: expect.stringMatching(/./), head: NO_REVISION })
      expect([page.changes, page.next]).toEqual([[], undefined])
    })

    test('changes come in the order in which they were committed, each above the one before', async () => {
      const tokens = [await inserted(store()), await inserted(store()), await inserted(store())]
      const changes = await readAll(store())
      expect(changes.map((change) => change.tokenId)).toEqual(tokens.map((token) => token.id))
      const revisions = changes.map(({ revision }) => revision)
      expect(revisions).toEqual([...new Set(revisions)].sort((one, other) => one - other))
      const { head } = await store().feed.read(NO_REVISION, 1)
      expect(head).toBe(revisions.at(-1))
    })
  })
}

/** What a change in the feed holds. */
export function changeContract({ store }: ContractAt): void {
  describe('a change', () => {
    test('a saved change holds what a decision needs, with every secret', async () => {
      const token = await inserted(store(), { expiresAt: NOW + 9, mode: 'report' })
      const [secret] = await store().tokens.secretsOf(token.id)
      await store().transact(async ({ tokens }) => {
        if (secret !== undefined) await tokens.endSecret(secret.hash, NOW + 5)
        await tokens.insertSecret(token.id, { hash: newHash(), createdAt: NOW, endsAt: undefined })
        await tokens.recordChange(token, NOW)
      })
      const [change, ...others] = await readAll(store())
      expect(others).toEqual([])
      expect(change).toMatchObject({
        kind: 'saved',
        tokenId: token.id,
        record: {
          tokenId: token.id,
          owner: 'alice',
          metadata: { plan: 'pro' },
          status: 'active',
          mode: 'report',
          notBefore: undefined,
          expiresAt: NOW + 9,
          restrictions: token.restrictions,
        },
      })
      expect(change?.secrets).toHaveLength(2)
      expect(change?.secrets).toContainEqual({ hash: secret?.hash, endsAt: NOW + 5 })
    })

    test('of a revoked token, entries are left out: it is refused whatever they say', async () => {
      const entries = [{ value: 'a.com', subdomains: false, label: '' }]
      const restrictions = { ...UNRESTRICTED, domains: { enabled: true, entries } }
      const { id } = await inserted(store(), { status: 'revoked', restrictions })
      expect(await readAll(store())).toMatchObject([
        {
          kind: 'saved',
          record: { status: 'revoked', restrictions: { domains: { enabled: true, entries: [] } } },
          secrets: [{}],
        },
      ])
      expect((await store().tokens.find(id))?.restrictions).toEqual(restrictions)
    })
  })
}

/** Where a change in the feed comes. */
export function orderContract({ store }: ContractAt): void {
  describe('the order of changes', () => {
    test('a change of a token that was read already comes behind everything read', async () => {
      const first = await inserted(store())
      await inserted(store())
      const read = (await readAll(store())).at(-1)?.revision ?? NO_REVISION
      await store().transact(({ tokens }) => tokens.recordChange(first, NOW))
      const after = await readAll(store(), read)
      expect(after.map((change) => change.tokenId)).toEqual([first.id])
    })

    test('a removed token is a change with the hashes that it had', async () => {
      const token = newToken()
      const hash = await store().transact((transaction) => insert(transaction, token))
      const read = (await readAll(store())).at(-1)?.revision ?? NO_REVISION
      await store().transact(async ({ tokens }) => {
        await tokens.remove(token.id)
        await tokens.recordChange(token, NOW)
      })
      expect(await readAll(store(), read)).toEqual([
        {
          kind: 'removed',
          tokenId: token.id,
          owner: token.owner,
          revision: expect.any(Number),
          secrets: [{ hash, endsAt: undefined }],
        },
      ])
    })

    test('a reader beside twenty writers misses nothing', async () => {
      const seen = new Map<TokenId, number>()
      let read = NO_REVISION
      let isWriting = true
      const reading = (async () => {
        for (let isLast = false; !isLast; ) {
          isLast = !isWriting
          for (const change of await readAll(store(), read)) {
            expect(change.revision).toBeGreaterThan(read)
            read = change.revision
            seen.set(change.tokenId, change.revision)
          }
        }
      })()
      const written = await Promise.all(Array.from({ length: 20 }, () => inserted(store())))
      isWriting = false
      await reading
      expect([...seen.keys()].sort()).toEqual(written.map((token) => token.id).sort())
    })
  })
}

/** What a damaged record costs. */
export function damageContract({ store, opened }: ContractAt): void {
  describe('a damaged record', () => {
    test.each<{ column: DamagedColumn; value: string | number; because: string }>([
      { column: 'metadata', value: 'no json', because: 'no JSON' },
      { column: 'metadata', value: '[]', because: 'no object' },
      { column: 'metadata', value: '{"a":1}', because: 'no text' },
      { column: 'status', value: 'Active', because: 'no such status' },
      { column: 'mode', value: '', because: 'no mode' },
      { column: 'domains_enabled', value: 2, because: 'neither on nor off' },
      { column: 'ips_enabled', value: -1, because: 'neither on nor off' },
    ])('$column "$value" costs one token, not the feed: $because', async ({ column, value }) => {
      const damaged = newToken()
      const hash = await store().transact((transaction) => insert(transaction, damaged))
      const sound = await inserted(store())
      await opened().damage(damaged.id, column, value)
      const changes = await readAll(store())
      expect(changes).toMatchObject([
        {
          kind: 'unreadable',
          tokenId: damaged.id,
          owner: damaged.owner,
          because: column,
          secrets: [{ hash }],
        },
        { kind: 'saved', tokenId: sound.id },
      ])
    })
  })
}
