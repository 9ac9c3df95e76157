import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { boundOwner } from '../../access/caller.ts'
import type { AuditEntry } from '../../audit/audit-log.ts'
import type { ApiEnv } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { requires } from '../gate/requires.ts'
import { PAGE_PARAMETERS, pageOf, pageRequest, readPage } from '../page.ts'
import { parseAuditId, parseKeyId, parsePortalGrantId, parseTokenId } from '../parse-identifier.ts'
import { problemAnswer, refuse } from '../problem.ts'
import { OwnerText, ShownTime, shownTime } from '../schema/text.ts'
import { answered, readProblems } from './route-parts.ts'

const AuditEntryShown = z
  .object({
    id: z.string(),
    createdAt: ShownTime,
    actor: z.string().openapi({ description: '`operator`, `environment`, or the id of a key.' }),
    action: z.string().openapi({ example: 'token.revoke' }),
    target: z.string().openapi({ description: 'The id of the token or key.' }),
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
      ...PAGE_PARAMETERS,
      owner: OwnerText.optional(),
      target: z.string().max(64).optional().openapi({ description: 'The id of a token or key.' }),
    }),
  },
  responses: {
    200: answered('One page of the log.', pageOf(AuditEntryShown).openapi('AuditPage')),
    ...readProblems(),
  },
})

/** `GET /v1/audit` */
export function auditOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(listAuditRoute, async (c) => {
    const query = c.req.valid('query')
    const page = pageRequest(query, parseAuditId)
    if (!page.ok) return problemAnswer(c, page.problem)
    if (query.target !== undefined && !isTarget(query.target))
      return problemAnswer(c, NO_TARGET.problem)
    const bound = boundOwner(c.var.caller)
    const isOthers = bound !== undefined && query.owner !== undefined && query.owner !== bound
    if (isOthers) return c.json({ items: [] }, 200)
    const filter = { owner: bound ?? query.owner, target: query.target }
    const found = await readPage(page.value, (asked) => c.var.api.store.audit.list(filter, asked))
    return c.json({ ...found, items: found.items.map(shownEntry) }, 200)
  })
}

function isTarget(text: string): boolean {
  return (parseTokenId(text) ?? parseKeyId(text) ?? parsePortalGrantId(text)) !== undefined
}

const NO_TARGET = refuse('invalid_request', {
  detail: 'The id of a token, key or portal grant: tok_…, key_… or por_…',
  parameter: 'target',
})

function shownEntry(entry: AuditEntry): z.infer<typeof AuditEntryShown> {
  return { ...entry, createdAt: shownTime(entry.createdAt), owner: entry.owner ?? null }
}
