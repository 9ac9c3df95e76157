import { type Restrictions, UNRESTRICTED } from '@keyfence/core'
import type { RandomBytes } from '../identifier/identifier.ts'
import type { Store } from '../store/store.ts'
import { issueToken } from '../token/issue-token.ts'

/** The tokens that the demo shows, as their holders send them. */
export interface DemoTokens {
  /** Works on pages of `example.com`. */
  readonly page: string
  /** Works from `127.0.0.1`. */
  readonly server: string
}

/** Issues the tokens of the demo. */
export async function seedDemoTokens(
  store: Store,
  world: { readonly now: number; readonly random: RandomBytes; readonly tokenPrefix: string },
): Promise<DemoTokens> {
  const issue = (name: string, restrictions: Restrictions) =>
    store.transact(async (transaction) => {
      const draft = {
        name,
        owner: 'demo',
        metadata: {},
        notBefore: undefined,
        expiresAt: undefined,
        mode: 'enforce',
        restrictions,
      } as const
      const issued = await issueToken(transaction, draft, { actor: 'operator', ...world })
      return issued.secret
    })
  return {
    page: await issue('demo page', {
      ...UNRESTRICTED,
      domains: {
        enabled: true,
        entries: [{ value: 'example.com', subdomains: true, label: 'site and www' }],
      },
    }),
    server: await issue('demo server', {
      ...UNRESTRICTED,
      ips: { enabled: true, entries: [{ value: '127.0.0.1', label: 'this machine' }] },
    }),
  }
}
