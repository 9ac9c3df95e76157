import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { type Caller, scopesOf } from '../../access/caller.ts'
import { createKey, revokeKey } from '../../access/create-key.ts'
import {
  type KeyReader,
  type ManagementKey,
  type Scope,
  SCOPES,
} from '../../access/management-key.ts'
import type { ApiEnv } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { PAGE_PARAMETERS, pageOf, pageRequest, readPage } from '../page.ts'
import { parseKeyId } from '../parse-identifier.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { OwnerText, ShownTime, shownText, shownTime, shownTimeOrNull } from '../schema/text.ts'
import {
  answered,
  changeProblems,
  jsonBodyOf,
  NO_BODY,
  NO_QUERY,
  readProblems,
} from './route-parts.ts'

const ScopeList = z.array(z.enum(SCOPES)).min(1).max(SCOPES.length)

const KeyDraft = closedObject({
  name: shownText(200),
  scopes: ScopeList,
  owner: OwnerText.nullish().openapi({ description: 'Binds the key to this owner’s tokens.' }),
}).openapi('KeyDraft', { example: { name: 'Dashboard', scopes: ['read', 'write'] } })

const KeyShown = z
  .object({
    id: z.string().openapi({ example: 'key_019a2b3c-0000-7000-8000-000000000000' }),
    name: z.string(),
    hint: z.string().openapi({ example: 'kfm_…Ab3x' }),
    scopes: ScopeList,
    owner: z.string().nullable(),
    createdAt: ShownTime,
    revokedAt: ShownTime.nullable(),
  })
  .openapi('ManagementKey')

const KEY_PATH = z.object({
  id: z.string().openapi({ example: 'key_019a2b3c-0000-7000-8000-000000000000' }),
})

const keyRoute = { tags: ['Management keys'] }

const listKeysRoute = createRoute({
  ...keyRoute,
  method: 'get',
  path: '/v1/keys',
  operationId: 'listKeys',
  summary: 'List management keys',
  ...requires('read', { unbound: true }),
  request: { query: closedObject(PAGE_PARAMETERS) },
  responses: {
    200: answered('One page of keys.', pageOf(KeyShown).openapi('KeyPage')),
    ...readProblems(),
  },
})

const readKeyRoute = createRoute({
  ...keyRoute,
  method: 'get',
  path: '/v1/keys/{id}',
  operationId: 'readKey',
  summary: 'Read a management key',
  ...requires('read', { unbound: true }),
  request: { query: NO_QUERY, params: KEY_PATH },
  responses: { 200: answered('The key.', KeyShown), ...readProblems('not_found') },
})

const createKeyRoute = createRoute({
  ...keyRoute,
  method: 'post',
  path: '/v1/keys',
  operationId: 'createKey',
  summary: 'Create a management key',
  description: 'The only answer that holds the key. Nobody grants a scope that they lack.',
  ...requires('write', { unbound: true }),
  request: { query: NO_QUERY, body: jsonBodyOf(KeyDraft) },
  responses: {
    201: answered('The new key.', KeyShown.extend({ secret: z.string() }).openapi('CreatedKey')),
    ...changeProblems('conflict'),
  },
})

const revokeKeyRoute = createRoute({
  ...keyRoute,
  method: 'post',
  path: '/v1/keys/{id}/revoke',
  operationId: 'revokeKey',
  summary: 'Revoke a management key',
  description: 'Final, and at once. A key may revoke itself.',
  ...requires('write', { unbound: true }),
  request: { query: NO_QUERY, params: KEY_PATH, body: NO_BODY },
  responses: { 200: answered('The key.', KeyShown), ...changeProblems('not_found', 'conflict') },
})

/** `GET` and `POST /v1/keys`, `GET /v1/keys/{id}`, `POST /v1/keys/{id}/revoke` */
export function keysOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(listKeysRoute, async (c) => {
    const page = pageRequest(c.req.valid('query'), parseKeyId)
    if (!page.ok) return problemAnswer(c, page.problem)
    const found = await readPage(page.value, (asked) => c.var.api.store.keys.list(asked))
    return c.json({ ...found, items: found.items.map(shownKey) }, 200)
  })
  app.openapi(readKeyRoute, async (c) => {
    const found = await findKey(c.var.api.store.keys, c.req.valid('param').id)
    if (!found.ok) return problemAnswer(c, found.problem)
    return c.json(shownKey(found.value), 200)
  })
  app.openapi(createKeyRoute, async (c) => {
    const { name, scopes, owner } = c.req.valid('json')
    const refused = refuseScopes(scopes, c.var.caller)
    if (refused !== undefined) return problemAnswer(c, refused.problem)
    const draft = { name, scopes: [...new Set(scopes)], owner: owner ?? undefined }
    const outcome = await commit(c, async (transaction, context) => ({
      ok: true,
      value: await createKey(transaction, draft, context),
    }))
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    c.header('Location', `/v1/keys/${outcome.value.key.id}`)
    return c.json({ ...shownKey(outcome.value.key), secret: outcome.value.secret }, 201)
  })
  app.openapi(revokeKeyRoute, async (c) => {
    const outcome = await commit(c, async (transaction, context) => {
      const found = await findKey(transaction.keys, c.req.valid('param').id)
      if (!found.ok) return found
      return { ok: true, value: await revokeKey(transaction, found.value, context) }
    })
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    return c.json(shownKey(outcome.value), 200)
  })
}

async function findKey(
  keys: Pick<KeyReader, 'find'>,
  idText: string,
): Promise<Outcome<ManagementKey, 'not_found'>> {
  const id = parseKeyId(idText)
  const key = id === undefined ? undefined : await keys.find(id)
  if (key !== undefined) return { ok: true, value: key }
  return refuse('not_found', 'There is no such key. List them at /v1/keys.')
}

function refuseScopes(
  scopes: readonly Scope[],
  caller: Caller,
): ReturnType<typeof refuse<'forbidden'>> | undefined {
  const at = scopes.findIndex((scope) => !scopesOf(caller).includes(scope))
  if (at === -1) return undefined
  const detail = 'A key can only grant scopes that it has itself.'
  return refuse('forbidden', { detail, path: `/scopes/${at}` })
}

function shownKey(key: ManagementKey): z.infer<typeof KeyShown> {
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    scopes: [...key.scopes],
    owner: key.owner ?? null,
    createdAt: shownTime(key.createdAt),
    revokedAt: shownTimeOrNull(key.revokedAt),
  }
}
