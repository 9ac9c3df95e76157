import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { checkDomainEntry, checkIpEntry, ENTRY_CODES } from '@keyfence/core'
import type { ApiEnv, ApiSettings } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { requires } from '../gate/requires.ts'
import { answered, askProblems, jsonBodyOf, NO_QUERY } from './route-parts.ts'

const EntryQuestion = closedObject({
  kind: z.enum(['domain', 'ip']),
  input: z.unknown().openapi({ type: 'string', description: 'What was entered.' }),
  subdomains: z.boolean().default(false).openapi({ description: 'Of domains alone.' }),
}).openapi('EntryQuestion', { example: { kind: 'domain', input: 'https://Example.com/shop' } })

const EntryVerdict = z
  .union([
    z.object({
      ok: z.literal(true),
      value: z.string(),
      warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    }),
    z.object({ ok: z.literal(false), code: z.enum(ENTRY_CODES), message: z.string() }),
  ])
  .openapi('EntryVerdict', { example: { ok: true, value: 'example.com', warnings: [] } })

const checkEntryRoute = createRoute({
  method: 'post',
  path: '/v1/entries/check',
  operationId: 'checkEntry',
  summary: 'Ask whether an entry would be accepted',
  description: 'And as what it would be stored. Nothing is changed.',
  tags: ['Restrictions'],
  ...requires('read', { portal: [] }),
  request: { query: NO_QUERY, body: jsonBodyOf(EntryQuestion) },
  responses: { 200: answered('The verdict.', EntryVerdict), ...askProblems() },
})

/** `POST /v1/entries/check` */
export function checkEntryOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(checkEntryRoute, (c) =>
    c.json(verdictOn(c.req.valid('json'), c.var.api.settings), 200),
  )
}

function verdictOn(
  { kind, input, subdomains }: z.output<typeof EntryQuestion>,
  settings: ApiSettings,
): z.infer<typeof EntryVerdict> {
  const checked =
    kind === 'domain'
      ? checkDomainEntry(input, { settings, age: 'new', subdomains })
      : checkIpEntry(input, settings)
  if (!checked.ok) return { ok: false, ...checked.problem }
  return { ok: true, value: checked.value.value, warnings: [...checked.value.warnings] }
}
