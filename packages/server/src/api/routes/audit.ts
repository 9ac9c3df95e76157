import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { boundOwner } from '../../access/caller.ts'
import { AUDIT_ACTIONS, type AuditEntry } from '../../audit/audit-log.ts'
import type { ApiEnv } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { requires } from '../gate/requires.ts'
import { readTwoWayPage, TWO_WAY_PARAMETERS, twoWayPageOf, twoWayPageRequest } from '../page.ts'
import {
  parseAdministratorId,
  parseAuditId,
  parseKeyId,
  parsePortalGrantId,
  parseTokenId,
} from '../parse-identifier.ts'
import { problemAnswer, refuse } from '../problem.ts'
import { OwnerText, ShownTime, shownTime } from '../schema/text.ts'
import { answered, readProblems } from './route-parts.ts'

const AuditEntryShown = z
  .object({
    id: z.string(),
    createdAt: ShownTime,
    actor: z
      .string()
      .openapi({ description: '`operator`, `environment`, or the id of a key or administrator.' }),
    action: z.enum(AUDIT_ACTIONS).openapi({ example: 'token.revoke' }),
    target: z.string().openapi({ description: 'The id of the token, key or administrator.' }),
    owner: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi('AuditEntry')

const listAuditRoute = createRoute({
  method: 'get',
  path: '/v1/audit',
  operationId: 'listAudit',
  summary: 'Read who changed what',
  description: 'Newest first. A key that is bound to an owner sees changes of their tokens alone.',
  tags: ['Audit'],
  ...requires('read'),
  request: {
    query: closedObject({
      ...TWO_WAY_PARAMETERS,
      owner: OwnerText.optional(),
      target: z
        .string()
        .max(64)
        .optional()
        .openapi({ description: 'The id of a token, key or administrator.' }),
      actor: z.string().max(64).optional().openapi({ description: 'As in `actor` of an entry.' }),
      action: z.enum(AUDIT_ACTIONS).optional(),
    }),
  },
  responses: {
    200: answered('One page of the log.', twoWayPageOf(AuditEntryShown).openapi('AuditPage')),
    ...readProblems(),
  },
})

/** `GET /v1/audit` */
export function auditOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(listAuditRoute, async (c) => {
    const query = c.req.valid('query')
    const page = twoWayPageRequest(query, parseAuditId)
    if (!page.ok) return problemAnswer(c, page.problem)
    if (query.target !== undefined && !isTarget(query.target))
      return problemAnswer(c, NO_TARGET.problem)
    if (query.actor !== undefined && !isActor(query.actor))
      return problemAnswer(c, NO_ACTOR.problem)
    const bound = boundOwner(c.var.caller)
    const isOthers = bound !== undefined && query.owner !== undefined && query.owner !== bound
    if (isOthers) return c.json({ items: [] }, 200)
    const { target, actor, action } = query
    const filter = { owner: bound ?? query.owner, target, actor, action }
    const found = await readTwoWayPage(page.value, (asked) =>
      c.var.api.store.audit.list(filter, asked),
    )
    return c.json({ ...found, items: found.items.map(shownEntry) }, 200)
  })
}

function isTarget(text: string): boolean {
  const id =
    parseTokenId(text) ?? parseKeyId(text) ?? parseAdministratorId(text) ?? parsePortalGrantId(text)
  return id !== undefined
}

function isActor(text: string): boolean {
  const isWord = text === 'operator' || text === 'environment'
  const id = parseKeyId(text) ?? parseAdministratorId(text) ?? parsePortalGrantId(text)
  return isWord || id !== undefined
}

const NO_ACTOR = refuse('invalid_request', {
  detail:
    'operator, environment, or the id of a key, administrator or portal grant: key_…, adm_… or por_…',
  parameter: 'actor',
})

const NO_TARGET = refuse('invalid_request', {
  detail: 'The id of a token, key, administrator or portal grant: tok_…, key_…, adm_… or por_…',
  parameter: 'target',
})

function shownEntry(entry: AuditEntry): z.infer<typeof AuditEntryShown> {
  return { ...entry, createdAt: shownTime(entry.createdAt), owner: entry.owner ?? null }
}
