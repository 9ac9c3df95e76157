import { z } from '@hono/zod-openapi'
import { hash } from 'node:crypto'
import { actorOf } from '../access/caller.ts'
import type { StoreTransaction } from '../store/store.ts'
import type { ApiRequest } from './api-context.ts'
import { type Outcome, refuse } from './problem.ts'
import type { ProblemCode } from './problem-codes.ts'

/** The field that makes a repeated request harmless. */
export const IDEMPOTENCY_KEY = {
  'Idempotency-Key': z
    .string()
    .regex(/^[!-~]{1,200}$/, 'Send one Idempotency-Key of 1 to 200 visible ASCII characters.')
    .optional()
    .openapi({
      description:
        'A repetition within 24 hours changes nothing: it is answered as before, without the secret and with `secretAlreadyShown`.',
      example: '2f1c6f0e-order-1187',
    }),
} as const

/** What repeated answers have in place of the secret. */
export const REPLAY_MEMBERS = {
  secretAlreadyShown: z.literal(true).optional().openapi({
    description: 'The request was answered before; a secret is shown once.',
  }),
} as const

/** An answer of which a repetition is told everything but the secret. */
export interface OnceAnswer {
  readonly secret?: string | undefined
  readonly secretAlreadyShown?: true | undefined
}

const KEPT_MS = 24 * 60 * 60 * 1000

/**
 * Does the work and keeps its answer, in one transaction; a request with a key that was answered
 * within 24 hours is answered the same, and changes nothing. Problems are not kept.
 */
export async function answerOnce<Answer extends OnceAnswer, Code extends ProblemCode = never>(
  c: ApiRequest,
  at: { readonly transaction: StoreTransaction; readonly now: number; readonly status: number },
  work: () => Promise<Outcome<Answer, Code>>,
): Promise<Outcome<Answer, Code | 'idempotency_key_reused'>> {
  const { transaction, now, status } = at
  const idempotencyKey = c.req.header('idempotency-key')
  if (idempotencyKey === undefined) return work()
  const scope = { caller: actorOf(c.var.caller), idempotencyKey }
  const since = now - KEPT_MS
  const requestHash = hash('sha256', `${c.req.method}\n${c.req.path}\n${c.var.bodyText}`, 'hex')
  const kept = await transaction.answers.find(scope, since)
  if (kept !== undefined && kept.requestHash !== requestHash) return refuseReuse()
  if (kept !== undefined) return { ok: true, value: JSON.parse(kept.body) as Answer } // saved below
  const done = await work()
  if (!done.ok) return done
  const { secret: _, ...shown } = done.value
  const body = JSON.stringify({ ...shown, secretAlreadyShown: true })
  await transaction.answers.save(scope, { requestHash, status, body }, { now, since })
  return done
}

function refuseReuse(): ReturnType<typeof refuse<'idempotency_key_reused'>> {
  return refuse(
    'idempotency_key_reused',
    'This key came with another request within 24 hours. Use a new one for each new request.',
  )
}
