import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { TokenStatus } from '@keyfence/core'
import type { StoreTransaction } from '../../store/store.ts'
import { importToken } from '../../token/issue-token.ts'
import { parseTokenHash, type TokenHash } from '../../token/token.ts'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { type ApiChangeContext, commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { answerOnce, IDEMPOTENCY_KEY, type OnceAnswer, REPLAY_MEMBERS } from '../idempotency.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { Warnings } from '../schema/restrictions.ts'
import { labelText } from '../schema/text.ts'
import { shownToken, tokenDraft, TokenShown, TokenStatusText } from '../schema/token.ts'
import { type AcceptedDraft, acceptDraft } from './create-token.ts'
import { answered, changeProblems, jsonBodyOf, NO_QUERY } from './route-parts.ts'

/** How many hashes one request may bring. */
export const IMPORTS_MAX = 1000

/** A thousand hashes with names and a few entries each. */
const IMPORT_BODY_BYTES = 1_048_576

/** One key to take in. */
export const ImportDraft = closedObject({
  ...tokenDraft,
  hash: z
    .string()
    .transform((text, refinement) => {
      const hash = parseTokenHash(text)
      if (hash !== undefined) return hash
      refinement.addIssue('The SHA-256 of the whole key: 64 hexadecimal digits.')
      return z.NEVER
    })
    .openapi({ pattern: '^[0-9A-Fa-f]{64}$' }),
  // Longer, and a whole key could be pasted where everybody sees it.
  hint: labelText(24).optional().openapi({ example: 'sk_live_…9f3a' }),
  status: TokenStatusText.optional().openapi({
    default: 'active',
    description: 'What was disabled or revoked elsewhere is so from its first moment here.',
  }),
}).openapi('TokenImport')

const Import = closedObject({
  tokens: z.array(ImportDraft).min(1).max(IMPORTS_MAX),
}).openapi('Import')

const Imported = z
  .object({ tokens: z.array(TokenShown), ...REPLAY_MEMBERS, warnings: Warnings })
  .openapi('ImportedTokens')

const importTokensRoute = createRoute({
  method: 'post',
  path: '/v1/tokens/import',
  operationId: 'importTokens',
  summary: 'Take in existing keys by their hashes',
  description:
    'One to 1000 keys of any shape, all of them or none. A hash that was ever known is refused.',
  tags: ['Tokens'],
  ...requires('write', { bodyBytesMin: IMPORT_BODY_BYTES }),
  request: { query: NO_QUERY, headers: z.object(IDEMPOTENCY_KEY), body: jsonBodyOf(Import) },
  responses: {
    201: answered('The tokens, in the order given.', Imported),
    ...changeProblems('entries_refused', 'idempotency_key_reused', 'conflict'),
  },
})

/** `POST /v1/tokens/import` */
export function importTokensOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(importTokensRoute, async (c) => {
    const drafts = acceptAll(c, c.req.valid('json').tokens)
    if (!drafts.ok) return problemAnswer(c, drafts.problem)
    const outcome = await commit(c, (transaction, context) =>
      answerOnce(c, { transaction, now: context.now, status: 201 }, () =>
        importAll(transaction, drafts.value, context),
      ),
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    return c.json(outcome.value, 201)
  })
}

interface AcceptedImport extends AcceptedDraft {
  readonly hash: TokenHash
  readonly hint: string
  readonly status: TokenStatus
}

/** Places are told from the body: several restrictions objects are in it. */
function acceptAll(
  c: ApiRequest,
  drafts: readonly z.output<typeof ImportDraft>[],
): Outcome<readonly AcceptedImport[], 'invalid_request' | 'forbidden' | 'entries_refused'> {
  const accepted: AcceptedImport[] = []
  for (const [at, { hash, hint = '', status = 'active', ...draft }] of drafts.entries()) {
    const checked = acceptDraft(draft, c.var.caller, c.var.api.settings)
    if (!checked.ok) return { ok: false, problem: placedAt(checked.problem, at) }
    const warnings = checked.value.warnings.map(placed(`/tokens/${at}/restrictions`))
    accepted.push({ token: checked.value.token, warnings, hash, hint, status })
  }
  return { ok: true, value: accepted }
}

function placedAt<
  Problem extends Extract<ReturnType<typeof acceptDraft>, { ok: false }>['problem'],
>(problem: Problem, at: number): Problem {
  const { path, problems } = problem.facts
  const facts = {
    ...problem.facts,
    ...(path === undefined ? {} : { path: `/tokens/${at}${path}` }),
    ...(problems === undefined
      ? {}
      : { problems: problems.map(placed(`/tokens/${at}/restrictions`)) }),
  }
  return { ...problem, facts }
}

function placed(prefix: string) {
  return <Placed extends { readonly path?: string | undefined }>(found: Placed): Placed => ({
    ...found,
    path: prefix + (found.path ?? ''),
  })
}

type ImportedAnswer = OnceAnswer & z.infer<typeof Imported>

async function importAll(
  transaction: StoreTransaction,
  drafts: readonly AcceptedImport[],
  context: ApiChangeContext,
): Promise<Outcome<ImportedAnswer, 'conflict'>> {
  const known = await knownAmong(transaction, drafts)
  if (known.length > 0) return refuseKnown(known)
  const tokens: z.infer<typeof TokenShown>[] = []
  for (const { token, hash, hint, status } of drafts) {
    const draft = { ...token, hash, hint, status }
    tokens.push(shownToken(await importToken(transaction, draft, context)))
  }
  return { ok: true, value: { tokens, warnings: drafts.flatMap((draft) => draft.warnings) } }
}

/** Where the hashes stand that were known before, or stand twice. */
async function knownAmong(
  transaction: StoreTransaction,
  drafts: readonly AcceptedImport[],
): Promise<readonly number[]> {
  const seen = new Set(await transaction.tokens.knownHashes(drafts.map(({ hash }) => hash)))
  const known: number[] = []
  for (const [at, { hash }] of drafts.entries()) {
    if (seen.has(hash)) known.push(at)
    seen.add(hash)
  }
  return known
}

/** All of them at once: who skips them asks once more, not once for each. */
function refuseKnown(known: readonly number[]): ReturnType<typeof refuse<'conflict'>> {
  const message = 'This key was known before, perhaps as a deleted token. Issue a new one.'
  const problems = known.map((at) => ({ path: `/tokens/${at}/hash`, message }))
  return refuse('conflict', { detail: message, path: problems[0]?.path, problems })
}
