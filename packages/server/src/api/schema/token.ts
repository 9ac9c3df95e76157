import { z } from '@hono/zod-openapi'
import { ATTENTIONS } from '../../token/attention.ts'
import type { Token } from '../../token/token.ts'
import { tokenWorksFrom } from '../../token/works-from.ts'
import { closedObject } from '../closed-object.ts'
import { WAITED } from './applied-nodes.ts'
import { RestrictionsBody, RestrictionsShown, shownRestrictions } from './restrictions.ts'
import { GivenTime, OwnerText, ShownTime, shownText, shownTime, shownTimeOrNull } from './text.ts'

const NAME_LENGTH_MAX = 200
const METADATA_MAX = 20

/** At most 20 short strings by name (spec §6). */
const Metadata = z
  .record(
    z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'A name is 1 to 64 of letters, digits and _ . -'),
    z
      .string()
      .max(200)
      .regex(/^\P{Cs}*$/u, 'Whole Unicode characters.'),
  )
  .refine((metadata) => Object.keys(metadata).length <= METADATA_MAX, 'At most 20 members.')
  .openapi({
    description: 'Handed on to the API, never judged; at most 20 members.',
    example: { plan: 'pro' },
  })

const Mode = z.enum(['enforce', 'report']).openapi({
  description: '`report`: a refusal by the lists is recorded and let through.',
})

const changeable = {
  name: shownText(NAME_LENGTH_MAX).openapi({ example: 'Web shop' }),
  metadata: Metadata.optional(),
  notBefore: GivenTime.nullish(),
  expiresAt: GivenTime.nullish(),
  mode: Mode.optional(),
}

/** What a new token is made from. */
export const tokenDraft = {
  ...changeable,
  owner: OwnerText.optional().openapi({
    description: 'The customer. May be left out by keys that are bound to one.',
  }),
  restrictions: RestrictionsBody.optional(),
} as const

export const TokenDraft = closedObject(tokenDraft).openapi('TokenDraft')

export const TokenChangesBody = closedObject({
  ...changeable,
  name: changeable.name.optional(),
}).openapi('TokenChanges', { example: { name: 'Web shop, old', expiresAt: null } })

/** What a token may be. */
export const TokenStatusText = z.enum(['active', 'disabled', 'revoked'])

/** A token as answers show it; never its secret. */
export const TokenShown = z
  .object({
    id: z.string().openapi({ example: 'tok_019a2b3c-0000-7000-8000-000000000000' }),
    name: z.string(),
    owner: z.string(),
    hint: z.string().openapi({ example: 'kf_…Ab3x' }),
    metadata: z.record(z.string(), z.string()),
    createdAt: ShownTime,
    notBefore: ShownTime.nullable(),
    expiresAt: ShownTime.nullable(),
    lastUsedAt: ShownTime.nullable().openapi({ description: 'Of allowed calls, to a minute.' }),
    status: TokenStatusText,
    mode: Mode,
    restrictions: RestrictionsShown,
    worksFrom: z.string().openapi({ description: 'One sentence on where the token works.' }),
  })
  .openapi('Token')

/** A token that was changed, and where that is known if the request waited for it. */
export const TokenChanged = TokenShown.extend(WAITED).openapi('ChangedToken')

/** Which tokens a list holds. */
export const TOKEN_FILTERS = {
  owner: OwnerText.optional(),
  status: TokenStatusText.optional(),
  name: z.string().min(1).max(NAME_LENGTH_MAX).optional().openapi({
    description: 'Part of the name, ASCII case aside.',
  }),
  attention: z.enum(ATTENTIONS).optional().openapi({
    description:
      'Tokens that work and are `unrestricted`, `expiring` within 7 days, `unused` for 30 days, or `refused` 20 times or more in the last 24 hours.',
  }),
} as const

/** A token as an answer shows it. */
export function shownToken(token: Token): z.infer<typeof TokenShown> {
  return {
    id: token.id,
    name: token.name,
    owner: token.owner,
    hint: token.hint,
    metadata: token.metadata,
    createdAt: shownTime(token.createdAt),
    notBefore: shownTimeOrNull(token.notBefore),
    expiresAt: shownTimeOrNull(token.expiresAt),
    lastUsedAt: shownTimeOrNull(token.lastUsedAt),
    status: token.status,
    mode: token.mode,
    restrictions: shownRestrictions(token.restrictions),
    worksFrom: tokenWorksFrom(token),
  }
}
