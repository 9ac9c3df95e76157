import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { ALLOW_REASONS, DENY_REASONS } from '@keyfence/core'
import {
  type PreviewedValue,
  previewRestrictions,
  type RestrictionPreview,
} from '../../activity/preview-restrictions.ts'
import type { ApiEnv } from '../api-context.ts'
import { visibleToken } from '../change-one-token.ts'
import { requires } from '../gate/requires.ts'
import { problemAnswer } from '../problem.ts'
import { SeenShown, shownSeen } from '../schema/activity.ts'
import {
  acceptRestrictions,
  RestrictionsBody,
  RestrictionsShown,
  shownRestrictions,
  Warnings,
} from '../schema/restrictions.ts'
import { ShownTime, shownTimeOrNull } from '../schema/text.ts'
import { answered, askProblems, jsonBodyOf, NO_QUERY, TOKEN_PATH } from './route-parts.ts'

const ValuePreview = SeenShown.omit({ count: true, allowed: true }).extend({
  was: z
    .object({ allowed: z.int(), refused: z.int() })
    .openapi({ description: 'What became of these calls.' }),
  wouldBe: z
    .object({
      effect: z.enum(['allow', 'deny']),
      reason: z.enum([...ALLOW_REASONS, ...DENY_REASONS]),
    })
    .openapi({ description: 'What would become of them with the lists that were sent.' }),
})

const Preview = z
  .object({
    sentence: z
      .string()
      .openapi({ example: 'Would have refused 3 of 10 calls since 2026-11-01T00:00:00.000Z.' }),
    since: ShownTime.nullable().openapi({ description: '`null`: no call was seen.' }),
    calls: z.int(),
    refused: z.int(),
    newlyRefused: z.int().openapi({ description: 'Of `refused`: those that were let through.' }),
    newlyAllowed: z.int().openapi({ description: 'Calls that were refused and would not be.' }),
    unknown: z.int().openapi({
      description: 'Further calls, from values beyond the 50 that are kept: not in `calls`.',
    }),
    values: z.array(ValuePreview),
    restrictions: RestrictionsShown,
    warnings: Warnings,
  })
  .openapi('RestrictionsPreview')

const previewRestrictionsRoute = createRoute({
  method: 'post',
  path: '/v1/tokens/{id}/restrictions/preview',
  operationId: 'previewRestrictions',
  summary: 'Ask what a change would have done',
  description:
    'To the calls that were seen, as if the token had been in the mode enforce. The body is that of `PUT …/restrictions`; nothing is saved.',
  tags: ['Restrictions'],
  ...requires('read', { portal: ['activity'] }),
  request: { query: NO_QUERY, params: TOKEN_PATH, body: jsonBodyOf(RestrictionsBody) },
  responses: {
    200: answered('What it would have done.', Preview),
    ...askProblems('not_found', 'entries_refused'),
  },
})

/** `POST /v1/tokens/{id}/restrictions/preview` */
export function previewRestrictionsOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(previewRestrictionsRoute, async (c) => {
    const { store, activity, settings } = c.var.api
    const found = await visibleToken(c, store.tokens)
    if (!found.ok) return problemAnswer(c, found.problem)
    const stored = found.value.restrictions
    const checked = acceptRestrictions(c.req.valid('json'), settings, stored)
    if (!checked.ok) return problemAnswer(c, checked.problem)
    const { restrictions, warnings } = checked.value
    await activity.flush()
    const seen = await store.activity.seen(found.value.id)
    const preview = previewRestrictions(restrictions, seen, settings)
    const shown = shownPreview(preview)
    const lists = shownRestrictions(restrictions)
    return c.json({ ...shown, restrictions: lists, warnings: [...warnings] }, 200)
  })
}

function shownPreview(preview: RestrictionPreview) {
  const { since, calls, refused, newlyRefused, newlyAllowed, unknown, values } = preview
  return {
    sentence: sentenceOf(preview),
    since: shownTimeOrNull(since),
    calls,
    refused,
    newlyRefused,
    newlyAllowed,
    unknown,
    values: values.map(shownValue),
  }
}

function sentenceOf({ since, calls, refused, newlyRefused, unknown }: RestrictionPreview): string {
  if (since === undefined) return 'No call was seen yet that could be judged.'
  const told = `Would have refused ${refused} of ${calls} calls since ${shownTimeOrNull(since)}.`
  const changed = newlyRefused === 0 ? '' : ` ${newlyRefused} of them were let through.`
  const rest = unknown === 0 ? '' : ` Of ${unknown} further calls nothing is known.`
  return told + changed + rest
}

function shownValue({ seen, decision }: PreviewedValue): z.infer<typeof ValuePreview> {
  const { count, allowed, ...value } = shownSeen(seen)
  const { effect, reason } = decision
  return { ...value, was: { allowed, refused: count - allowed }, wouldBe: { effect, reason } }
}
