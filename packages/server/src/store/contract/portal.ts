import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { PortalLink, PortalSession } from '../../access/portal-session.ts'
import { newSessionSecret } from '../../access/session.ts'
import { newPortalGrantId } from '../../identifier/identifier.ts'
import { type ContractAt, nextMoment, NOW } from './contract-store.ts'

function newLink(more: Partial<PortalLink> = {}): PortalLink {
  return {
    hash: newSessionSecret(randomBytes).hash,
    id: newPortalGrantId(nextMoment(), randomBytes),
    owner: 'alice',
    capabilities: ['restrict', 'activity'],
    returnUrl: 'https://app.example.com/tokens',
    grantedBy: 'operator',
    createdAt: NOW,
    ...more,
  }
}

function newSession(more: Partial<PortalSession> = {}): PortalSession {
  return { ...newLink(), seenAt: NOW, ...more }
}

/** What every store does with links and sessions of the owner portal. */
export function portalContract({ store }: ContractAt): void {
  const insert = (links: readonly PortalLink[], sessions: readonly PortalSession[] = []) =>
    store().transact(async ({ portal }) => {
      for (const link of links) await portal.insertLink(link)
      for (const session of sessions) await portal.insertSession(session)
    })
  const take = ({ hash }: PortalLink) => store().transact(({ portal }) => portal.takeLink(hash))
  const linksLeft = (...links: PortalLink[]) =>
    Promise.all(links.map(({ hash }) => store().portal.findLink(hash)))
  const sessionsLeft = (...sessions: PortalSession[]) =>
    Promise.all(sessions.map(({ hash }) => store().portal.findSession(hash)))

  describe('the owner portal', () => {
    test.each([newLink(), newLink({ capabilities: [], returnUrl: undefined })])(
      'a link comes back as it was, and is taken once',
      async (link) => {
        await insert([link])
        expect(await linksLeft(link)).toEqual([link])
        expect([await take(link), await take(link)]).toEqual([true, false])
        expect(await linksLeft(link)).toEqual([undefined])
      },
    )

    test('a link is no session, and a session no link', async () => {
      const [link, session] = [newLink(), newSession()]
      await insert([link], [session])
      expect(await store().portal.findSession(link.hash)).toBeUndefined()
      expect(await store().portal.findLink(session.hash)).toBeUndefined()
    })

    test('a session comes back by its hash until it is removed', async () => {
      const session = newSession()
      await insert([], [session])
      await store().transact(({ portal }) => portal.seen(session.hash, NOW + 5))
      expect(await sessionsLeft(session)).toEqual([{ ...session, seenAt: NOW + 5 }])
      await store().transact(({ portal }) => portal.removeSession(session.hash))
      expect(await sessionsLeft(session)).toEqual([undefined])
    })

    test('what one granted ends together, and nothing of others', async () => {
      const [link, session] = [newLink({ grantedBy: 'key_1' }), newSession({ grantedBy: 'key_1' })]
      const [otherLink, otherSession] = [newLink(), newSession()]
      await insert([link, otherLink], [session, otherSession])
      await store().transact(({ portal }) => portal.removeAllBy('key_1'))
      expect(await linksLeft(link, otherLink)).toEqual([undefined, otherLink])
      expect(await sessionsLeft(session, otherSession)).toEqual([undefined, otherSession])
    })

    test('what is too old is forgotten, each by its own time', async () => {
      const [oldLink, link] = [newLink({ createdAt: NOW - 6 }), newLink({ createdAt: NOW - 5 })]
      const old = newSession({ createdAt: NOW - 10, seenAt: NOW })
      const idle = newSession({ createdAt: NOW - 8, seenAt: NOW - 8 })
      const live = newSession({ createdAt: NOW - 9, seenAt: NOW - 7 })
      await insert([oldLink, link], [old, idle, live])
      const before = { linkCreatedAt: NOW - 5, createdAt: NOW - 9, seenAt: NOW - 7 }
      await store().transact(({ portal }) => portal.forget(before))
      expect(await linksLeft(oldLink, link)).toEqual([undefined, link])
      expect(await sessionsLeft(old, idle, live)).toEqual([undefined, undefined, live])
    })
  })
}
