/**
 * A provider's sign-up: issues a token for a customer, locks it to their site and their server, and
 * says what would happen to a call.
 *
 *   KEYFENCE_URL=http://127.0.0.1:8081 KEYFENCE_KEY=kfm_… npx node examples/client/lock-token.ts acme
 */
import { createClient, ManagementProblem } from 'keyfence/client'

const { KEYFENCE_URL: url = 'http://127.0.0.1:8081', KEYFENCE_KEY: key = '' } = process.env
const [owner = 'acme', domain = 'shop.example.com', ip = '8.8.8.8'] = process.argv.slice(2)
const keyfence = createClient({ url, key })

try {
  const created = await keyfence.POST('/v1/tokens', {
    // Sent again after a lost answer, it makes no second token.
    params: { header: { 'Idempotency-Key': `sign-up-${owner}` } },
    body: { name: 'Web shop', owner },
  })
  const { id, secret, hint } = created.data ?? {}
  await keyfence.PUT('/v1/tokens/{id}/restrictions', {
    params: { path: { id: id ?? '' } },
    body: {
      domains: { enabled: true, entries: [domain] },
      ips: { enabled: true, entries: [{ value: ip, label: 'the shop’s server' }] },
    },
  })
  const { data: explained } = await keyfence.POST('/v1/explain', {
    body: {
      tokenId: id ?? '',
      request: { headers: [['Origin', 'https://evil.example']], peer: null },
    },
  })
  // Shown this once: a repetition has no secret.
  console.log(secret ?? `${hint} was issued before`)
  console.log(`A page of evil.example: ${explained?.effect}, ${explained?.reason}`)
} catch (error) {
  if (!(error instanceof ManagementProblem)) throw error
  console.error(`${error.code}: ${error.message}`)
  for (const { path, message } of error.problems) console.error(`  ${path}: ${message}`)
  process.exitCode = 1
}
