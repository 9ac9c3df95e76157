import { hash } from 'node:crypto'
import { manage, type RunningKeyfence, send } from '../running-keyfence.ts'

/** Tokens of every kind, by what they are for. */
export interface Seeded {
  readonly shopId: string
  readonly fullId: string
  readonly openId: string
}

/** The owner whose portal is shown. */
export const SHOP_OWNER = 'acme'

/** Fills a node with what its pages have to be able to show: `--trusted-proxies=127.0.0.1` is on. */
export async function seedPages(keyfence: RunningKeyfence): Promise<Seeded> {
  const create = async (draft: object) => (await manage(keyfence, 'POST /v1/tokens', draft)).body
  await manage(keyfence, 'POST /v1/tokens/import', { tokens: MANY })
  const revoked = await create({ name: 'Old shop', owner: SHOP_OWNER, restrictions: BOTH })
  await manage(keyfence, `POST /v1/tokens/${revoked.id}/revoke`, {})
  const open = await create({ name: 'Nightly export', owner: SHOP_OWNER, expiresAt: inDays(3) })
  const full = await create({ name: LONG_NAME, owner: LONG_OWNER, restrictions: FULL })
  const shop = await create({ name: 'Web shop', owner: SHOP_OWNER, restrictions: BOTH })
  await callFrom(keyfence, shop.secret)
  await manage(keyfence, 'POST /v1/administrators', { name: 'Vera', role: 'viewer' })
  await manage(keyfence, 'POST /v1/keys', { name: 'Dashboard', scopes: ['read', 'write'] })
  return { shopId: shop.id, fullId: full.id, openId: open.id }
}

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()

const BOTH = {
  domains: { enabled: true, entries: [{ value: 'shop.example.com', label: 'shop' }] },
  ips: { enabled: true, entries: [{ value: '52.1.2.3', label: 'stock server' }] },
}

const MANY = Array.from({ length: 500 }, (_, at) => ({
  name: `Shop ${at + 1}`,
  owner: `customer-${at % 40}`,
  hash: hash('sha256', `picture ${at}`),
  restrictions: at % 3 === 0 ? BOTH : { ...BOTH, ips: { enabled: false, entries: [] } },
}))

const LONG_NAME = `${'A name that is as long as names become, '.repeat(4)}<script>alert(1)</script>`
const LONG_OWNER = `${'customer-with-a-long-id.'.repeat(5)}example`
const LONG_LABEL = 'a label that says more about its entry than anybody asked for'
const LONG_DOMAIN = 'a-name-of-63-characters-which-is-the-most-that-a-label-may-have.example.com'

const FULL = {
  domains: {
    enabled: true,
    entries: [
      { value: LONG_DOMAIN, label: LONG_LABEL, subdomains: true },
      'b.com',
      'c.com',
      'd.com',
      'shop.example.com',
    ],
  },
  ips: {
    enabled: true,
    entries: [
      { value: '2a00:1450:4001:abcd:ef01:2345:6789:abcd', label: LONG_LABEL },
      '8.8.8.8',
      '9.9.9.9',
      '1.1.1.1',
      '2001:4860:4860::8888',
    ],
  },
}

async function callFrom(keyfence: RunningKeyfence, secret: string): Promise<void> {
  for (const { headers, times } of CALLS) {
    for (let time = 0; time < times; time++) {
      await send(`${keyfence.url}/v1/orders`, {
        headers: { Authorization: `Bearer ${secret}`, ...headers },
      })
    }
  }
}

const CALLS: readonly {
  readonly headers: Readonly<Record<string, string>>
  readonly times: number
}[] = [
  { headers: { Origin: 'https://shop.example.com' }, times: 12 },
  { headers: { 'X-Forwarded-For': '52.1.2.3' }, times: 5 },
  { headers: { Origin: 'https://a-page-that-nobody-listed.example.org' }, times: 4 },
  { headers: { 'X-Forwarded-For': '2a00:1450:4001:81b::200e' }, times: 2 },
]
