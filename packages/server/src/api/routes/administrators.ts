import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import {
  type AdministratorReader,
  type Role,
  ROLES,
  type StoredAdministrator,
} from '../../access/administrator.ts'
import {
  changeRole,
  createAdministrator,
  removeAdministrator,
} from '../../access/change-administrator.ts'
import { scopesOf } from '../../access/caller.ts'
import { SCOPES } from '../../access/management-key.ts'
import { makeLink } from '../../access/use-link.ts'
import type { ApiEnv, ApiRequest } from '../api-context.ts'
import { closedObject } from '../closed-object.ts'
import { commit } from '../commit.ts'
import { requires } from '../gate/requires.ts'
import { parseAdministratorId } from '../parse-identifier.ts'
import { type Outcome, problemAnswer, refuse } from '../problem.ts'
import { ShownTime, shownText, shownTime } from '../schema/text.ts'
import { answered, changeProblems, jsonBodyOf, NO_QUERY, readProblems } from './route-parts.ts'

const RoleText = z.enum(ROLES).openapi({ description: '`admin` changes, `viewer` looks.' })

const AdministratorShown = z
  .object({
    id: z.string().openapi({ example: 'adm_019a2b3c-0000-7000-8000-000000000000' }),
    name: z.string(),
    role: RoleText,
    hasPassword: z.boolean().openapi({ description: 'Whether they have used their link.' }),
    createdAt: ShownTime,
  })
  .openapi('Administrator')

const LinkShown = z
  .object({
    link: z.string().openapi({ description: 'Shown this once. Works once.' }),
    expiresAt: ShownTime,
  })
  .openapi('SignInLink')

const ADMINISTRATOR_PATH = z.object({
  id: z.string().openapi({ example: 'adm_019a2b3c-0000-7000-8000-000000000000' }),
})

const administratorRoute = { tags: ['Administrators'] }

const listRoute = createRoute({
  ...administratorRoute,
  method: 'get',
  path: '/v1/administrators',
  operationId: 'listAdministrators',
  summary: 'List administrators',
  ...requires('read', { unbound: true }),
  request: { query: NO_QUERY },
  responses: {
    200: answered(
      'All of them.',
      z.object({ items: z.array(AdministratorShown) }).openapi('AdministratorList'),
    ),
    ...readProblems(),
  },
})

const inviteRoute = createRoute({
  ...administratorRoute,
  method: 'post',
  path: '/v1/administrators',
  operationId: 'createAdministrator',
  summary: 'Invite an administrator',
  description: 'The answer holds the link by which they choose a password.',
  ...requires('write', { unbound: true }),
  request: {
    query: NO_QUERY,
    body: jsonBodyOf(closedObject({ name: shownText(200), role: RoleText })),
  },
  responses: {
    201: answered('Invited.', AdministratorShown.extend(LinkShown.shape).openapi('Invited')),
    ...changeProblems('conflict', 'not_found'),
  },
})

const changeRoute = createRoute({
  ...administratorRoute,
  method: 'patch',
  path: '/v1/administrators/{id}',
  operationId: 'changeAdministrator',
  summary: 'Change what an administrator may do',
  ...requires('write', { unbound: true }),
  request: {
    query: NO_QUERY,
    params: ADMINISTRATOR_PATH,
    body: jsonBodyOf(closedObject({ role: RoleText })),
  },
  responses: {
    200: answered('Changed.', AdministratorShown),
    ...changeProblems('not_found', 'conflict'),
  },
})

const removeRoute = createRoute({
  ...administratorRoute,
  method: 'delete',
  path: '/v1/administrators/{id}',
  operationId: 'removeAdministrator',
  summary: 'Remove an administrator',
  description: 'Their sessions end at once.',
  ...requires('write', { unbound: true }),
  request: { query: NO_QUERY, params: ADMINISTRATOR_PATH },
  responses: { 204: { description: 'Removed.' }, ...changeProblems('not_found', 'conflict') },
})

const linkRoute = createRoute({
  ...administratorRoute,
  method: 'post',
  path: '/v1/sign-in-links',
  operationId: 'createSignInLink',
  summary: 'Make a sign-in link',
  description:
    'For an administrator to choose a new password; without a name, for the first one. Links made for them before work no more.',
  ...requires('write', { unbound: true }),
  request: {
    query: NO_QUERY,
    body: jsonBodyOf(closedObject({ name: shownText(200).optional() })),
  },
  responses: { 201: answered('The link.', LinkShown), ...changeProblems('not_found', 'conflict') },
})

type RefusedCode = 'forbidden' | 'not_found' | 'conflict'

type Link = Awaited<ReturnType<typeof makeLink>>

interface Invited {
  readonly created: StoredAdministrator
  readonly link: Link
}

/** `/v1/administrators`, `/v1/administrators/{id}` and `POST /v1/sign-in-links` */
export function administratorsOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(listRoute, async (c) => {
    const items = (await c.var.api.store.administrators.list()).map(shownAdministrator)
    return c.json({ items }, 200)
  })
  app.openapi(inviteRoute, async (c) => {
    const { name, role } = c.req.valid('json')
    const outcome = await commit<Invited, RefusedCode>(c, async (transaction, context) => {
      const refused = refuseRole(c, role)
      if (refused !== undefined) return refused
      const created = await createAdministrator(transaction, { name, role }, context)
      if (created === undefined) return refuse('conflict', NAME_TAKEN)
      return {
        ok: true,
        value: {
          created,
          link: await makeLink(transaction, { administratorId: created.id }, context),
        },
      }
    })
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    const { created, link } = outcome.value
    return c.json({ ...shownAdministrator(created), ...shownLink(c, link) }, 201)
  })
  changeOn(app)
  app.openapi(linkRoute, async (c) => {
    const { name } = c.req.valid('json')
    const outcome = await commit<Link, RefusedCode>(c, async (transaction, context) => {
      const found = await linkHolder(transaction.administrators, name)
      if (!found.ok) return found
      const refused = refuseRole(c, found.value?.role ?? 'admin')
      if (refused !== undefined) return refused
      return {
        ok: true,
        value: await makeLink(transaction, { administratorId: found.value?.id }, context),
      }
    })
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    return c.json(shownLink(c, outcome.value), 201)
  })
}

function changeOn(app: OpenAPIHono<ApiEnv>): void {
  app.openapi(changeRoute, async (c) => {
    const { role } = c.req.valid('json')
    const outcome = await commit<StoredAdministrator, RefusedCode>(
      c,
      async (transaction, context) => {
        const found = await namedAdministrator(transaction.administrators, c.req.valid('param').id)
        if (!found.ok) return found
        const refused = refuseRole(c, role) ?? refuseRole(c, found.value.role)
        if (refused !== undefined) return refused
        const changed = await changeRole(transaction, found.value, { role, context })
        return changed === undefined ? refuse('conflict', LAST) : { ok: true, value: changed }
      },
    )
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    return c.json(shownAdministrator(outcome.value), 200)
  })
  app.openapi(removeRoute, async (c) => {
    const outcome = await commit<undefined, RefusedCode>(c, async (transaction, context) => {
      const found = await namedAdministrator(transaction.administrators, c.req.valid('param').id)
      if (!found.ok) return found
      const refused = refuseRole(c, found.value.role)
      if (refused !== undefined) return refused
      const isRemoved = await removeAdministrator(transaction, found.value, context)
      return isRemoved ? { ok: true, value: undefined } : refuse('conflict', LAST)
    })
    if (!outcome.ok) return problemAnswer(c, outcome.problem)
    return c.body(null, 204)
  })
}

const NAME_TAKEN = 'An administrator has this name already. Choose another.'
const LAST = 'This is the last administrator who may change things. Make another one first.'

async function namedAdministrator(
  administrators: Pick<AdministratorReader, 'find'>,
  idText: string,
): Promise<Outcome<StoredAdministrator, 'not_found'>> {
  const id = parseAdministratorId(idText)
  const found = id === undefined ? undefined : await administrators.find(id)
  if (found !== undefined) return { ok: true, value: found }
  return refuse('not_found', 'There is no such administrator. List them at /v1/administrators.')
}

/** Whose link it is going to be; `undefined`: the first administrator's. */
async function linkHolder(
  administrators: AdministratorReader,
  name: string | undefined,
): Promise<Outcome<StoredAdministrator | undefined, 'not_found' | 'conflict'>> {
  if (name === undefined) {
    if ((await administrators.list()).length === 0) return { ok: true, value: undefined }
    return refuse('conflict', 'There are administrators already. Say whose link it is by name.')
  }
  const found = await administrators.findByName(name)
  if (found !== undefined) return { ok: true, value: found }
  return refuse('not_found', 'No administrator has this name. List them at /v1/administrators.')
}

/** Nobody makes somebody who may do more than they do themselves. */
function refuseRole(c: ApiRequest, role: Role): ReturnType<typeof refuse<'forbidden'>> | undefined {
  const own = scopesOf(c.var.caller)
  if (role === 'viewer' || SCOPES.every((scope) => own.includes(scope))) return undefined
  return refuse('forbidden', `This needs a key with every scope: ${SCOPES.join(', ')}.`)
}

function shownAdministrator(administrator: StoredAdministrator) {
  const { id, name, role, passwordHash, createdAt } = administrator
  const hasPassword = passwordHash !== undefined
  return { id, name, role, hasPassword, createdAt: shownTime(createdAt) }
}

/** The secret stands in the fragment: it is neither sent nor logged when the page is opened. */
function shownLink(c: ApiRequest, { secret, expiresAt }: Link): z.infer<typeof LinkShown> {
  const { publicUrl } = c.var.api.settings
  return { link: `${publicUrl}/link#${secret}`, expiresAt: shownTime(expiresAt) }
}
