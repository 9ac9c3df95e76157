import { z } from '@hono/zod-openapi'
import type { TokenChange, TokenRecord } from '../../fence/change-feed.ts'

const FeedTime = z.int().nullable().openapi({ description: 'Epoch milliseconds.' })

const FeedSecrets = z
  .array(z.object({ hash: z.string(), endsAt: FeedTime }))
  .openapi({ description: 'SHA-256 of each secret in hexadecimal, and when it ends.' })

const changed = { revision: z.int(), tokenId: z.string() }

/** What a guard needs to decide, and no more: no names, labels or hints. */
export const FeedChange = z
  .discriminatedUnion('kind', [
    z.object({
      ...changed,
      kind: z.literal('saved'),
      secrets: FeedSecrets,
      owner: z.string(),
      metadata: z.record(z.string(), z.string()).openapi({
        description: 'Empty unless the setting `forwardMetadata` is on.',
      }),
      status: z.enum(['active', 'disabled', 'revoked']),
      mode: z.enum(['enforce', 'report']),
      notBefore: FeedTime,
      expiresAt: FeedTime,
      domains: z.object({
        enabled: z.boolean(),
        entries: z.array(z.object({ value: z.string(), subdomains: z.boolean() })),
      }),
      ips: z.object({ enabled: z.boolean(), entries: z.array(z.string()) }),
    }),
    z.object({ ...changed, kind: z.literal('removed') }),
    z.object({ ...changed, kind: z.literal('unreadable'), secrets: FeedSecrets }),
  ])
  .openapi('FeedChange', {
    description: 'Of a revoked token, which is refused whatever they say, entries are left out.',
  })

/** A change as the feed shows it. */
export function shownChange(
  change: TokenChange,
  options: { readonly forwardMetadata: boolean },
): z.infer<typeof FeedChange> {
  const { kind, revision, tokenId } = change
  if (kind === 'removed') return { kind, revision, tokenId }
  const secrets = change.secrets.map(({ hash, endsAt }) => ({ hash, endsAt: endsAt ?? null }))
  if (kind === 'unreadable') return { kind, revision, tokenId, secrets }
  return { kind, revision, tokenId, secrets, ...shownRecord(change.record, options) }
}

function shownRecord(record: TokenRecord, options: { readonly forwardMetadata: boolean }) {
  const { owner, metadata, status, mode, notBefore, expiresAt } = record
  const { domains, ips } = record.restrictions
  return {
    owner,
    metadata: options.forwardMetadata ? metadata : {},
    status,
    mode,
    notBefore: notBefore ?? null,
    expiresAt: expiresAt ?? null,
    domains: {
      enabled: domains.enabled,
      entries: domains.entries.map(({ value, subdomains }) => ({ value, subdomains })),
    },
    ips: { enabled: ips.enabled, entries: ips.entries.map(({ value }) => value) },
  }
}
