import { parseTokenText } from '@keyfence/core'
import { Kysely } from 'kysely'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { SignInAttempts } from '../access/sign-in-attempts.ts'
import { recordActivity } from '../activity/activity-recorder.ts'
import { LastClient } from '../activity/last-client.ts'
import type { Observation } from '../activity/observation.ts'
import { storeActivity } from '../activity/store-activity.ts'
import type { Clock } from '../fence/clock.ts'
import { packedFence } from '../fence/packed/packed-fence.ts'
import { type Follower, follow } from '../fence/follow.ts'
import { NodeReporter } from '../fleet/report-nodes.ts'
import { newRequestId } from '../identifier/identifier.ts'
import type { Schema } from '../store/kysely/schema.ts'
import { DATABASE_FILE } from '../store/sqlite/database-file.ts'
import { oneConnectionStore } from '../store/sqlite/one-connection-store.ts'
import { openSqlite } from '../store/sqlite/open-sqlite.ts'
import { sqliteDialect } from '../store/sqlite/sqlite-dialect.ts'
import type { Store } from '../store/store.ts'
import type { ApiContext, ApiSettings } from './api-context.ts'
import type { ConsoleFiles } from './console-files.ts'
import { managementApi, portalApi } from './management-api.ts'
import {
  type ListenerLimits,
  type ManagementPlace,
  startManagementListener,
} from './management-listener.ts'

/** One request to an API under test. */
export interface Question {
  /** A management key; absent: no credential. */
  readonly key?: string | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, in place of `body`. */
  readonly text?: string | Buffer | undefined
  readonly headers?: OutgoingHttpHeaders
}

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Parsed, if it is JSON. */
  readonly body: AnswerBody
}

/** Read by name, checked by the test that reads it; what most tests read is text. */
export interface AnswerBody {
  readonly id: string
  readonly secret: string
  readonly nextCursor: string
  readonly [member: string]: unknown
}

/** The management API on a real store and a real socket, for tests. */
export type RunningApi = Awaited<ReturnType<typeof startApi>>

export const LIMITS: ListenerLimits = {
  headersTimeoutMs: 2000,
  requestTimeoutMs: 4000,
  keepAliveTimeoutMs: 1000,
  connectionsMax: 100,
  headerBytesMax: 16_384,
}

const PORTAL = { url: 'https://access.example.com', frameHosts: [] }

export const SETTINGS: ApiSettings = {
  tokenPrefix: 'kf_',
  maxDomains: 5,
  maxIps: 5,
  allowIpRanges: false,
  allowPrivateAddresses: false,
  trustedProxies: [],
  httpsOriginsOnly: false,
  tokenFields: [
    { name: 'authorization', scheme: 'bearer' },
    { name: 'x-api-key', scheme: undefined },
  ],
  tokenQuery: undefined,
  checkProfile: undefined,
  forwardMetadata: false,
  activityDays: 30,
  refusalsPerTokenMax: 1000,
  dataBarePeer: 'is_client',
  maxStalenessMs: 60_000,
  bodyBytesMax: 65_536,
  publicUrl: 'https://keys.example.com',
  portal: PORTAL,
  sessionLife: { idleMs: 3_600_000, totalMs: 12 * 3_600_000 },
}

/** Starts an API of its own in a temporary folder. @param settings what differs from `SETTINGS`. */
export async function startApi(
  settings: Partial<ApiSettings> = {},
  consoleFiles: ConsoleFiles = new Map(),
) {
  const scratch = await openScratch(settings, consoleFiles)
  const { context, folder } = scratch
  const app = managementApi(context)
  const listener = await startManagementListener(app, { host: '127.0.0.1', port: 0 }, LIMITS)
  const place = { host: '127.0.0.1', port: listener.port ?? 0 }
  const documented = documentedStatuses(app)
  const portal = await startPortal(context)
  return {
    ...scratch,
    app,
    place,
    portal,
    /** @throws if the route does not document the status */
    checkDocumented: documented.check,
    /** Asks over a real connection; an answer that is not documented fails the test. */
    ask: async (method: string, target: string, question: Question = {}): Promise<Answer> => {
      const answer = await askAt(place, { method, target, ...question })
      documented.check(method, target, answer.status)
      return answer
    },
    /** Creates a management key and gives its secret. */
    key: async (scopes: readonly string[], owner?: string): Promise<string> =>
      (await asOperator(app, '/v1/keys', { name: 'test', scopes, owner })).secret,
    /** Creates a token as the operator. */
    token: (draft: object = {}) =>
      asOperator(app, '/v1/tokens', { name: 'test', owner: 'alice', ...draft }),
    /** Posts as the operator. */
    operator: (target: string, body: object) => asOperator(app, target, body),
    /** What this node knows of a secret now. */
    lookUp: (secret: unknown) => {
      const text = parseTokenText(String(secret), 'kf_')
      return text === undefined ? undefined : context.follower.lookUp(text)
    },
    stop: async () => {
      await listener.close()
      await portal.close()
      await scratch.activity.close()
      await scratch.follower.close()
      await context.store.close().catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The owner portal of the same node, on a socket of its own. */
async function startPortal(context: ApiContext) {
  // Of settings without one, it is asked for by nobody.
  const app = portalApi(context, context.settings.portal ?? PORTAL)
  const listener = await startManagementListener(app, { host: '127.0.0.1', port: 0 }, LIMITS)
  const place = { host: '127.0.0.1', port: listener.port ?? 0 }
  const documented = documentedStatuses(app)
  return {
    app,
    place,
    close: () => listener.close(),
    ask: async (method: string, target: string, question: Question = {}): Promise<Answer> => {
      const answer = await askAt(place, { method, target, ...question })
      documented.check(method, target, answer.status)
      return answer
    },
  }
}

/** What an API works with, on a connection that the test can reach: to fill it, or to break it. */
async function openScratch(settings: Partial<ApiSettings>, consoleFiles: ConsoleFiles) {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-api-'))
  const path = join(folder, DATABASE_FILE)
  const opened = await openSqlite({ folder, random: randomBytes, progress: () => {} })
  await opened.close()
  const db = new Kysely<Schema>({ dialect: sqliteDialect(path) })
  const store = oneConnectionStore(db)
  const time = { wall: Date.parse('2026-11-24T09:30:00Z'), monotonic: 1_000 }
  const state = { isDraining: false, isLoopLate: false }
  const logged: object[] = []
  const observations: Observation[] = []
  const clients = new LastClient()
  const clock = { now: () => time.wall, monotonicMs: () => time.monotonic }
  const follower = following(store, clock)
  const activity = recording(store, clock, logged)
  const fleet = reporting(store, clock)
  const context: ApiContext = {
    store,
    follower,
    fleet,
    clock,
    random: randomBytes,
    settings: { ...SETTINGS, ...settings },
    metrics: new Registry(),
    activity,
    observe: (observation) => {
      observations.push(observation)
      activity.observe(observation)
    },
    lastClient: async () => clients.last,
    log: { error: (facts) => logged.push(facts) },
    attempts: new SignInAttempts(),
    consoleFiles,
    version: '0.0.0',
    startedAt: time.wall,
    isDraining: () => state.isDraining,
    isLoopLate: () => state.isLoopLate,
  }
  return {
    folder,
    path,
    db,
    time,
    state,
    logged,
    observations,
    clients,
    follower,
    fleet,
    activity,
    context,
  }
}

/** Polls at its start, and when it is asked to. */
function following({ feed }: Store, clock: Clock): Follower {
  return follow({
    feed,
    fence: packedFence(),
    clock,
    pollIntervalMs: 1_000_000,
    maxStalenessMs: 60_000,
    alarm: () => {},
    changed: () => {},
  })
}

/** Reports nothing of itself: it never polls. */
function reporting({ nodes }: Store, clock: Clock): NodeReporter {
  return new NodeReporter({
    nodes,
    self: { id: 'node_0', kind: 'server', name: 'here', version: '0.0.0', startedAt: clock.now() },
    progress: () => ({ position: undefined, copyAgeMs: undefined, isDraining: false }),
    maxStalenessMs: 60_000,
    clock,
    log: { info: () => {}, warn: () => {} },
  })
}

/** Records what is observed, when a test or a reader asks for it. */
function recording(store: Store, clock: Clock, logged: object[]) {
  const recorded = { activityDays: 30, refusalsPerTokenMax: 1000, activityQueueMax: 1000 }
  return recordActivity({
    sink: storeActivity(store, clock, recorded),
    clock,
    requestId: () => newRequestId(randomBytes),
    settings: recorded,
    log: { warn: () => {}, error: (facts) => logged.push(facts) },
    writeIntervalMs: 1_000_000,
  })
}

/** Posts in process, as whoever may open the data folder. */
async function asOperator(
  app: ReturnType<typeof managementApi>,
  target: string,
  body: object,
): Promise<AnswerBody> {
  const sent = new Request(`http://localhost${target}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await app.fetch(sent, { caller: { kind: 'operator' } })
  return (await answer.json()) as AnswerBody // the test that asks reads what it asked for
}

/** Makes every test a test of the document: a status that a route does not name fails it. */
function documentedStatuses(app: ReturnType<typeof managementApi>) {
  const { paths = {} } = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'test', version: '0' },
  })
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      pattern: new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      statuses: Object.keys((operation as { responses: object }).responses), // OpenAPI's shape
    })),
  )
  return {
    check: (method: string, target: string, status: number): void => {
      const asked = `${method} ${target.split('?')[0]}`
      // The first that matches, as in the router: a fixed path comes before one with an id.
      const operation = operations.find(({ pattern }) => pattern.test(asked))
      if (operation === undefined || operation.statuses.includes(String(status))) return
      throw new Error(`${operation.name} answered ${status}, which it does not document`)
    },
  }
}

/** Asks over a real connection; header fields go out as they are given. */
export function askAt(
  place: ManagementPlace,
  question: Question & { readonly method: string; readonly target: string },
): Promise<Answer> {
  const { method, target, key, body, text } = question
  const payload = text ?? (body === undefined ? undefined : JSON.stringify(body))
  const headers: OutgoingHttpHeaders = {
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
    // Node announces no body of a DELETE by itself.
    ...(payload === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': `${Buffer.byteLength(payload)}` }),
    ...question.headers,
  }
  return new Promise((resolve, reject) => {
    const sent = request({ ...place, method, path: target, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const read = Buffer.concat(chunks).toString()
        const status = incoming.statusCode ?? 0
        resolve({ status, headers: incoming.headers, text: read, body: parsed(read) })
      })
    })
    sent.on('error', reject)
    sent.end(payload)
  })
}

function parsed(text: string): AnswerBody {
  try {
    return JSON.parse(text) as AnswerBody // what it holds is for the test to say
  } catch {
    return {} as AnswerBody // no member is there, and every test sees it
  }
}
