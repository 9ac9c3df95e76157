import { z } from 'zod'
import { RefusalShown } from '../../api/schema/activity.ts'
import { type ManagedRun, readAnswer } from '../managed.ts'
import { UnreachableError } from '../management-client.ts'

type Management = ManagedRun<object>['management']

/** What Keyfence recorded of a request that it refused. */
export type Recorded = z.infer<typeof RefusalShown>

/** A token that nobody may use, so that each request with it is refused and recorded. */
export interface ProbeToken {
  readonly secret: string
  /** What was recorded of it last, if that is not known yet. */
  newRefusal(): Promise<Recorded | undefined>
  delete(): Promise<void>
}

const LIFE_MS = 5 * 60_000
const NOBODY = { enabled: true, entries: [] }
const Created = z.object({ id: z.string(), secret: z.string() })
const Refusals = z.object({ items: z.array(RefusalShown) })

/** Issues one that ends by itself, should it not be deleted. @param now as epoch milliseconds. */
export async function issueProbeToken(management: Management, now: number): Promise<ProbeToken> {
  const answer = await management.ask('POST', '/v1/tokens', {
    body: {
      name: 'keyfence doctor --through',
      owner: 'keyfence-doctor',
      expiresAt: new Date(now + LIFE_MS).toISOString(),
      // Both lists are on and empty: no request of the doctor ever reaches the API.
      restrictions: { domains: NOBODY, ips: NOBODY },
    },
  })
  if (answer.status !== 201) {
    throw new UnreachableError(`No token could be issued to ask with: ${answer.status}.`)
  }
  const { id, secret } = readAnswer(Created, answer.body)
  const known = new Set<string>()
  return {
    secret,
    newRefusal: async () => {
      const { body } = await management.ask('GET', `/v1/refusals?token=${id}&limit=1`)
      const [newest] = readAnswer(Refusals, body).items
      if (newest === undefined || known.has(newest.requestId)) return undefined
      known.add(newest.requestId)
      return newest
    },
    delete: async () => {
      await management.ask('DELETE', `/v1/tokens/${id}`)
    },
  }
}
