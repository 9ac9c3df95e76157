import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { StoredAdministrator } from '../../access/administrator.ts'
import { newSessionSecret, type SecretHash, type Session } from '../../access/session.ts'
import { newAdministratorId } from '../../identifier/identifier.ts'
import { type ContractAt, nextMoment, NOW } from './contract-store.ts'

function newAdministrator(more: Partial<StoredAdministrator> = {}): StoredAdministrator {
  return {
    id: newAdministratorId(nextMoment(), randomBytes),
    name: 'Ann',
    role: 'admin',
    passwordHash: '$argon2id$…',
    createdAt: NOW,
    ...more,
  }
}

function newHash(): SecretHash {
  return newSessionSecret(randomBytes).hash
}

function newSession(more: Partial<Session> = {}): Session {
  const administratorId = newAdministratorId(nextMoment(), randomBytes)
  return { hash: newHash(), administratorId, createdAt: NOW, seenAt: NOW, ...more }
}

/** What every store does with administrators. */
export function administratorContract({ store }: ContractAt): void {
  const insert = (administrator: StoredAdministrator) =>
    store().transact(({ administrators }) => administrators.insert(administrator))

  describe('administrators', () => {
    test.each([
      { asked: 'Ann', because: 'as written' },
      { asked: 'aNN', because: 'in any case' },
      { asked: 'Ａｎｎ', because: 'in any width' },
    ])('one comes back by id and by name $asked, $because', async ({ asked }) => {
      const ann = newAdministrator()
      await insert(ann)
      expect(await store().administrators.find(ann.id)).toEqual(ann)
      expect(await store().administrators.findByName(asked)).toEqual(ann)
      expect(await store().administrators.findByName('Anne')).toBeUndefined()
      expect(await store().administrators.find(newAdministrator().id)).toBeUndefined()
    })

    test('no two have a name that differs in case alone', async () => {
      await insert(newAdministrator())
      const again = insert(newAdministrator({ name: 'ANN' }))
      await expect(again).rejects.toMatchObject({ code: 'not_unique' })
    })

    test('one without a password gets one, and another role, and keeps the rest', async () => {
      const bob = newAdministrator({ name: 'Bob', passwordHash: undefined, role: 'viewer' })
      await insert(bob)
      await store().transact(({ administrators }) =>
        administrators.update(bob.id, { passwordHash: 'x' }),
      )
      await store().transact(({ administrators }) =>
        administrators.update(bob.id, { role: 'admin' }),
      )
      const changed = { ...bob, passwordHash: 'x', role: 'admin' }
      expect(await store().administrators.find(bob.id)).toEqual(changed)
    })

    test('all are listed in the order of their creation, without the removed', async () => {
      const all = [newAdministrator({ name: 'c' }), newAdministrator({ name: 'a' })]
      const gone = newAdministrator({ name: 'b' })
      for (const one of [...all, gone]) await insert(one)
      await store().transact(({ administrators }) => administrators.remove(gone.id))
      expect(await store().administrators.list()).toEqual(all)
    })
  })
}

/** What every store does with sessions. */
export function sessionContract({ store }: ContractAt): void {
  const insert = (...all: Session[]) =>
    store().transact(async ({ sessions }) => {
      for (const session of all) await sessions.insert(session)
    })

  describe('sessions', () => {
    test('one comes back by its hash until it is removed', async () => {
      const session = newSession()
      await insert(session)
      await store().transact(({ sessions }) => sessions.seen(session.hash, NOW + 5))
      expect(await store().sessions.find(session.hash)).toEqual({ ...session, seenAt: NOW + 5 })
      expect(await store().sessions.find(newHash())).toBeUndefined()
      await store().transact(({ sessions }) => sessions.remove(session.hash))
      expect(await store().sessions.find(session.hash)).toBeUndefined()
    })

    test('those of one administrator end together', async () => {
      const [one, other] = [newSession(), newSession()]
      const second = newSession({ administratorId: one.administratorId })
      await insert(one, second, other)
      await store().transact(({ sessions }) => sessions.removeAllOf(one.administratorId))
      const found = [one, second, other].map(({ hash }) => store().sessions.find(hash))
      expect(await Promise.all(found)).toEqual([undefined, undefined, other])
    })

    test('those that began or were seen too long ago are forgotten', async () => {
      const old = newSession({ createdAt: NOW - 10, seenAt: NOW })
      const idle = newSession({ createdAt: NOW - 5, seenAt: NOW - 5 })
      const live = newSession({ createdAt: NOW - 9, seenAt: NOW - 1 })
      await insert(old, idle, live)
      await store().transact(({ sessions }) =>
        sessions.forget({ createdAt: NOW - 9, seenAt: NOW - 4 }),
      )
      const found = [old, idle, live].map(({ hash }) => store().sessions.find(hash))
      expect(await Promise.all(found)).toEqual([undefined, undefined, live])
    })
  })
}

/** What every store does with sign-in links. */
export function linkContract({ store }: ContractAt): void {
  const make = async (administratorId: Session['administratorId'] | undefined, expiresAt = NOW) => {
    const kind = administratorId === undefined ? 'choose_password' : 'sign_in'
    const link = { hash: newHash(), kind, administratorId, expiresAt } as const
    await store().transact(({ links }) => links.insert(link))
    return link
  }
  const take = (hash: SecretHash) => store().transact(({ links }) => links.take(hash))

  describe('sign-in links', () => {
    test('one is taken once', async () => {
      const link = await make(undefined)
      expect(await store().links.find(link.hash)).toEqual(link)
      expect([await take(link.hash), await take(link.hash)]).toEqual([true, false])
      expect(await store().links.find(link.hash)).toBeUndefined()
    })

    test('those of one administrator go together, and so do those of nobody yet', async () => {
      const { administratorId } = newSession()
      const [first, own] = [await make(undefined), await make(administratorId)]
      await store().transact(({ links }) => links.removeAllOf(administratorId))
      expect(await store().links.find(own.hash)).toBeUndefined()
      expect(await store().links.find(first.hash)).toEqual(first)
      await store().transact(({ links }) => links.removeAllOf(undefined))
      expect(await store().links.find(first.hash)).toBeUndefined()
    })

    test('what has expired is forgotten, to the millisecond', async () => {
      const [over, live] = [await make(undefined, NOW), await make(undefined, NOW + 1)]
      await store().transact(({ links }) => links.forget(NOW))
      expect(await store().links.find(over.hash)).toBeUndefined()
      expect(await store().links.find(live.hash)).toEqual(live)
    })
  })
}
