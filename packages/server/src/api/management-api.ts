import { OpenAPIHono } from '@hono/zod-openapi'
import { answerConsole } from './answer-console.ts'
import { answerError } from './answer-error.ts'
import { answerMissing } from './answer-missing.ts'
import type { ApiContext, ApiEnv } from './api-context.ts'
import { answerFields } from './gate/answer-fields.ts'
import { hostGate } from './gate/host-gate.ts'
import { originGate } from './gate/origin-gate.ts'
import { requestMetrics } from './gate/request-metrics.ts'
import { answerInvalid } from './invalid-request.ts'
import { takeOwnersRoutesAlone } from './at-portal.ts'
import type { Door, PortalSettings } from './door.ts'
import { administratorsOn } from './routes/administrators.ts'
import { auditOn } from './routes/audit.ts'
import { changeTokenOn } from './routes/change-token.ts'
import { checkEntryOn } from './routes/check-entry.ts'
import { createTokenOn } from './routes/create-token.ts'
import { decideOn } from './routes/decide.ts'
import { explainOn } from './routes/explain.ts'
import { feedOn } from './routes/feed.ts'
import { healthOn } from './routes/health.ts'
import { importTokensOn } from './routes/import-tokens.ts'
import { keysOn } from './routes/keys.ts'
import { nodesOn } from './routes/nodes.ts'
import { openapiDocumentOn } from './routes/openapi-document.ts'
import { overviewOn } from './routes/overview.ts'
import { portalLinksOn } from './routes/portal-links.ts'
import { portalSessionOn } from './routes/portal-session.ts'
import { previewRestrictionsOn } from './routes/preview-restrictions.ts'
import { readTokensOn } from './routes/read-tokens.ts'
import { refusalsOn } from './routes/refusals.ts'
import { reportActivityOn } from './routes/report-activity.ts'
import { revokeTokensOn } from './routes/revoke-tokens.ts'
import { rotateTokenOn } from './routes/rotate-token.ts'
import { tokenActivityOn } from './routes/token-activity.ts'
import { tokenRestrictionsOn } from './routes/token-restrictions.ts'
import { sessionOn } from './routes/session.ts'
import { settingsOn } from './routes/settings.ts'
import { tokenStatusOn } from './routes/token-status.ts'

/**
 * The management API (spec §9) as a function from `Request` to `Response`. Who comes through a
 * transport that proves it is given as the binding `caller`; everybody else is told by their key.
 */
export function managementApi(context: ApiContext): OpenAPIHono<ApiEnv> {
  const app = openApi(context, { kind: 'management' })
  for (const addRoutes of ROUTES) addRoutes(app)
  return app
}

/**
 * What owners reach (spec §9): of the same routes those that say so, and the portal's own sessions.
 * Nobody else is let in: no key, no administrator, no proof of a transport.
 */
export function portalApi(context: ApiContext, portal: PortalSettings): OpenAPIHono<ApiEnv> {
  const app = openApi(context, { kind: 'portal', portal })
  portalSessionOn(app)
  takeOwnersRoutesAlone(app)
  for (const addRoutes of ROUTES) addRoutes(app)
  return app
}

function openApi(context: ApiContext, door: Door): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: answerInvalid })
  app.use('*', async (c, next) => {
    c.set('api', context)
    c.set('door', door)
    await next()
  })
  app.use('*', answerFields, requestMetrics(context.metrics, door.kind), hostGate, originGate)
  app.notFound((c) => answerConsole(c) ?? answerMissing(app, c))
  app.onError(answerError)
  return app
}

const ROUTES: readonly ((app: OpenAPIHono<ApiEnv>) => void)[] = [
  createTokenOn,
  readTokensOn,
  changeTokenOn,
  rotateTokenOn,
  tokenStatusOn,
  revokeTokensOn,
  tokenRestrictionsOn,
  previewRestrictionsOn,
  tokenActivityOn,
  refusalsOn,
  importTokensOn,
  checkEntryOn,
  explainOn,
  decideOn,
  feedOn,
  reportActivityOn,
  keysOn,
  sessionOn,
  administratorsOn,
  portalLinksOn,
  auditOn,
  overviewOn,
  nodesOn,
  settingsOn,
  healthOn,
  openapiDocumentOn,
]
