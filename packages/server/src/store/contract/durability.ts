import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ActivityBatch } from '../../activity/activity-batch.ts'
import { NO_REVISION } from '../../fence/change-feed.ts'
import { newAuditId, type TokenId } from '../../identifier/identifier.ts'
import { type ContractAt, insert, inserted, newHash, newToken, NOW } from './contract-store.ts'

/** One allowed call. */
function usedOnce(tokenId: TokenId): ActivityBatch {
  const call = { effect: 'allow', reason: 'unrestricted', source: 'server', count: 1 } as const
  return { minute: NOW, refusals: [], counts: [{ tokenId, ...call }], seen: [], used: [tokenId] }
}

/** What every transaction promises. */
export function transactionContract({ store }: ContractAt): void {
  describe('transactions', () => {
    test('work that rejects leaves nothing of what it wrote, in any table', async () => {
      const token = newToken()
      const hash = newHash()
      const before = await store().feed.read(NO_REVISION, 10)
      const failed = store().transact(async (transaction) => {
        await insert(transaction, token, hash)
        await transaction.audit.append({
          id: newAuditId(NOW, randomBytes),
          createdAt: NOW,
          actor: 'operator',
          action: 'token.create',
          target: token.id,
          owner: token.owner,
          details: {},
        })
        const answer = { requestHash: 'h', status: 201, body: '{}' }
        const scope = { caller: 'operator', idempotencyKey: 'k' }
        await transaction.answers.save(scope, answer, { now: NOW, since: 0 })
        await transaction.activity.record(usedOnce(token.id), { refusalsPerTokenMax: 1 })
        throw new RangeError('changed its mind')
      })
      await expect(failed).rejects.toThrow('changed its mind')
      expect(await store().tokens.find(token.id)).toBeUndefined()
      expect(await store().tokens.knownHashes([hash])).toEqual(new Set())
      expect(await store().audit.list({}, { after: undefined, limit: 10 })).toEqual([])
      expect(
        await store().answers.find({ caller: 'operator', idempotencyKey: 'k' }, 0),
      ).toBeUndefined()
      expect(await store().feed.read(NO_REVISION, 10)).toEqual(before)
      const always = { since: 0, until: NOW * 2 }
      expect(await store().activity.counts(token.id, always, 60_000)).toEqual([])
    })

    test('a transaction sees what it wrote, and its value comes back', async () => {
      const token = newToken()
      const found = await store().transact(async (transaction) => {
        await insert(transaction, token)
        return transaction.tokens.find(token.id)
      })
      expect(found).toEqual(token)
    })

    test('of transactions at the same moment, none loses what another wrote', async () => {
      const token = await inserted(store())
      await Promise.all(
        Array.from({ length: 10 }, () =>
          store().transact(async ({ tokens }) => {
            const found = await tokens.find(token.id)
            if (found !== undefined) await tokens.update({ ...found, version: found.version + 1 })
          }),
        ),
      )
      expect((await store().tokens.find(token.id))?.version).toBe(11)
    })
  })
}

/** What every store keeps. */
export function reopenContract({ store, opened, reopen }: ContractAt): void {
  describe('opening again', () => {
    test('opening again keeps everything, the epoch and the revisions too', async () => {
      const token = await inserted(store())
      const removed = newToken()
      const hash = await store().transact((transaction) => insert(transaction, removed))
      await store().transact(async ({ tokens }) => {
        await tokens.remove(removed.id)
        await tokens.recordChange(removed, NOW)
      })
      const before = await store().feed.read(NO_REVISION, 10)
      await reopen()
      expect(await store().feed.read(NO_REVISION, 10)).toEqual(before)
      expect(await store().tokens.find(token.id)).toEqual(token)
      expect(await store().tokens.knownHashes([hash])).toEqual(new Set([hash]))
      const next = await inserted(store())
      const after = await store().feed.read(before.head, 10)
      expect(after.changes.map((change) => change.tokenId)).toEqual([next.id])
    })

    test('a restored store has another epoch', async () => {
      const { epoch } = await store().feed.read(NO_REVISION, 1)
      await opened().renewEpoch()
      expect((await store().feed.read(NO_REVISION, 1)).epoch).not.toBe(epoch)
    })

    test('a store that answers can be pinged', async () => {
      await expect(store().ping()).resolves.toBeUndefined()
    })
  })
}
