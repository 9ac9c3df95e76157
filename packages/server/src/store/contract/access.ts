import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../audit/audit-log.ts'
import { type AuditId, newAuditId } from '../../identifier/identifier.ts'
import { type ContractAt, newHash, newKey, nextMoment, NOW } from './contract-store.ts'

/** What every store does with management keys. */
export function keyContract({ store }: ContractAt): void {
  describe('management keys', () => {
    test('a key comes back by id and by hash, and not by another hash', async () => {
      const key = newKey({ owner: 'alice', scopes: ['feed'] })
      const hash = newHash()
      await store().transact(({ keys }) => keys.insert(key, hash))
      expect(await store().keys.find(key.id)).toEqual(key)
      expect(await store().keys.findByHash(hash)).toEqual(key)
      expect(await store().keys.findByHash(newHash())).toBeUndefined()
      expect(await store().keys.find(newKey().id)).toBeUndefined()
    })

    test('a hash is the key of one', async () => {
      const hash = newHash()
      await store().transact(({ keys }) => keys.insert(newKey(), hash))
      const again = store().transact(({ keys }) => keys.insert(newKey(), hash))
      await expect(again).rejects.toMatchObject({ code: 'not_unique' })
    })

    test('the first revocation counts', async () => {
      const key = newKey()
      await store().transact(({ keys }) => keys.insert(key, newHash()))
      await store().transact(({ keys }) => keys.revoke(key.id, NOW + 1))
      await store().transact(({ keys }) => keys.revoke(key.id, NOW + 2))
      expect((await store().keys.find(key.id))?.revokedAt).toBe(NOW + 1)
    })

    test('a list goes page by page in the order of creation', async () => {
      const keys = [newKey(), newKey(), newKey()]
      await store().transact(async (transaction) => {
        for (const key of keys) await transaction.keys.insert(key, newHash())
      })
      const first = await store().keys.list({ after: undefined, limit: 2 })
      const second = await store().keys.list({ after: first[1]?.id, limit: 2 })
      expect([...first, ...second]).toEqual(keys)
    })
  })
}

function newEntry(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: newAuditId(nextMoment(), randomBytes),
    createdAt: NOW,
    actor: 'operator',
    action: 'token.create',
    target: 'tok_x',
    owner: 'alice',
    details: { from: null, to: ['ü', 1] },
    ...more,
  }
}

/** What every store does with the audit log. */
export function auditContract({ store }: ContractAt): void {
  describe('the audit log', () => {
    test('the log comes back newest first, by owner and target, page by page', async () => {
      const entries = [
        newEntry(),
        newEntry({ owner: 'bob' }),
        newEntry({ target: 'key_x', owner: undefined }),
        newEntry({ action: 'token.revoke' }),
      ]
      await store().transact(async ({ audit }) => {
        for (const entry of entries) await audit.append(entry)
      })
      const list = (filter: object, after?: AuditId, limit = 10) =>
        store().audit.list(filter, { after, limit })
      expect(await list({})).toEqual(entries.toReversed())
      expect(await list({ owner: 'alice' })).toEqual([entries[3], entries[0]])
      expect(await list({ target: 'key_x' })).toEqual([entries[2]])
      expect(await list({ owner: 'bob', target: 'key_x' })).toEqual([])
      expect(await list({}, entries[2]?.id, 1)).toEqual([entries[1]])
      expect(await list({}, entries[0]?.id)).toEqual([])
      expect(await list({ action: 'token.revoke' })).toEqual([entries[3]])
      expect(await list({ actor: 'environment' })).toEqual([])
      expect(await list({ actor: 'operator', target: 'key_x' })).toEqual([entries[2]])
      const before = entries[0]?.id as AuditId // there are four
      expect(await store().audit.list({}, { before, limit: 2 })).toEqual([entries[2], entries[1]])
    })
  })
}

/** What every store does with kept answers. */
export function answerContract({ store }: ContractAt): void {
  describe('kept answers', () => {
    const scope = { caller: 'operator', idempotencyKey: 'k' }
    const answer = { requestHash: 'h', status: 201, body: '{"a":1}' }

    test('an answer is one of its caller and key, until it is too old', async () => {
      await store().transact(({ answers }) =>
        answers.save(scope, answer, { now: NOW, since: NOW - 10 }),
      )
      expect(await store().answers.find(scope, NOW)).toEqual(answer)
      expect(await store().answers.find(scope, NOW + 1)).toBeUndefined()
      expect(await store().answers.find({ ...scope, caller: 'x' }, NOW)).toBeUndefined()
      expect(await store().answers.find({ ...scope, idempotencyKey: 'x' }, NOW)).toBeUndefined()
    })

    test('a second answer under one key is not_unique, and takes the place of one too old', async () => {
      const save = (now: number, since: number) =>
        store().transact(({ answers }) => answers.save(scope, answer, { now, since }))
      await save(NOW, NOW - 10)
      await expect(save(NOW + 5, NOW - 5)).rejects.toMatchObject({ code: 'not_unique' })
      await save(NOW + 20, NOW + 10)
      expect(await store().answers.find(scope, NOW + 20)).toEqual(answer)
    })
  })
}
