import { sql } from 'kysely'
import type { Observation } from '../src/activity/observation.ts'
import { type Answer, type RunningApi, startApi } from '../src/api/running-api.ts'
import { CHECK_PROFILES } from '../src/check/profiles/check-profiles.ts'
import { startCheckEndpoint } from '../src/check/check-endpoint.ts'
import type { CheckProfileName, Config } from '../src/config/config.ts'
import { parseHttpOrigin } from '../src/config/http-origin.ts'
import { readConfig } from '../src/config/read-config.ts'
import type { DoorContext } from '../src/enforcement/door-context.ts'
import { apiSettings, checkSettings, proxySettings } from '../src/node/node-settings.ts'
import { exchange, startUpstream, type Upstream } from '../src/proxy/proxy-fixture.ts'
import { startProxy } from '../src/proxy/proxy.ts'
import { type RunningGuard, startGuarded } from './running-guard.ts'

/** The doors of one node's tokens, each on a real socket: proxy, check endpoint, decide call. */
export interface RunningDoors {
  readonly upstream: Upstream
  /** The check endpoint, for whoever asks it by a proxy. */
  readonly check: { readonly port: number; readonly observations: Observation[] }
  /** The secret of a token. */
  secretOf(name: TokenName): string
  /** Sends these lines, and gives the answer with what was observed of it. */
  ask(
    door: 'proxy' | 'check',
    method: 'GET' | 'HEAD',
    lines: readonly string[],
  ): Promise<DoorAnswer>
  /** The same of the check endpoint with a profile. */
  askProfile(
    profile: CheckProfileName,
    method: 'GET' | 'HEAD',
    lines: readonly string[],
  ): Promise<DoorAnswer>
  /** Sends a preflight with these lines to the proxy. */
  preflight(lines: readonly string[]): Promise<Pick<DoorAnswer, 'status' | 'headers'>>
  /** Sends these lines to an application behind the guard. */
  readonly askGuarded: RunningGuard['ask']
  decide(question: {
    readonly token: string | null
    readonly peer: string | null
    readonly headers: readonly (readonly string[])[]
  }): Promise<DecisionAnswer>
  /** Asks the management API, which applies a change before it answers. */
  manage(method: string, target: string, body?: unknown): Promise<Answer>
  /** Does something while the copy of the tokens is too old. */
  whileStale(act: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** What one door said. */
export interface DoorAnswer {
  readonly status: number
  /** Without those of the connection. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly observation: Observation
}

/** A decision with all its members, and what was observed of it. */
export interface DecisionAnswer {
  readonly decision: {
    readonly effect: string
    readonly reason: string
    readonly address: string | null
    readonly response: { status: number; headers: [string, string][]; body: string }
  }
  readonly observation: Observation
}

/** What differs between the tests that use the doors. */
export interface DoorsOptions {
  readonly profile: CheckProfileName
  readonly trustedProxies: string
  /** The addresses that tokens for servers list. */
  readonly servers: readonly string[]
  /** What a proxy has to send as well to be answered, if anything. */
  readonly checkSecret?: string
}

const DEFAULTS: DoorsOptions = {
  profile: 'plain',
  trustedProxies: '127.0.0.0/8, 10.0.0.0/8',
  servers: ['8.8.8.8', '2606:4700::1111'],
}

/** Starts all of them with the same settings. */
export async function startDoors(options: DoorsOptions = DEFAULTS): Promise<RunningDoors> {
  const config = settings(options)
  const api = await startApi(apiSettings(config, config.publicUrl))
  const key = await api.key(['read', 'write', 'decide'])
  const secrets = await createTokens(api, { key, servers: options.servers })
  const upstream = await startUpstream()
  const doors = { proxy: doorOf(api), check: doorOf(api) }
  const listen = { host: '127.0.0.1', port: 0 }
  const proxied = proxySettings(config, originOf(upstream.port))
  const checked = checkSettings(config, options.profile)
  const proxy = await startProxy({ ...doors.proxy.context, settings: proxied }, listen)
  const check = await startCheckEndpoint({ ...doors.check.context, settings: checked }, listen)
  const ports = { proxy: proxy.address.port, check: check.address.port }
  const profiles = await startProfiles(api, config)
  const guarded = await startGuarded(api)
  return {
    askGuarded: (door, method, lines) => guarded.ask(door, method, lines),
    preflight: async (lines) => {
      const request = ['OPTIONS /orders HTTP/1.1', 'Host: api.example', ...lines]
      const { status, fields } = await exchange(ports.proxy, request)
      return { status, headers: withoutConnection(fields) }
    },
    upstream,
    check: { port: ports.check, observations: doors.check.observations },
    secretOf: (name) => secrets.get(name) ?? '',
    ask: async (door, method, lines) => {
      const path = door === 'proxy' ? '/orders' : '/check/orders'
      const request = [`${method} ${path} HTTP/1.1`, 'Host: api.example', ...lines]
      const { observations } = doors[door]
      observations.length = 0
      const { status, fields, body } = await exchange(ports[door], request)
      return { status, headers: withoutConnection(fields), body, observation: soleOf(observations) }
    },
    askProfile: (profile, method, lines) => profiles.ask(profile, method, lines),
    decide: async (body) => {
      api.observations.length = 0
      const { status, body: decision } = await api.ask('POST', '/v1/decide', { key, body })
      if (status !== 200) throw new Error(`the decide call answered ${status}`)
      // The route documents these members, and the table compares them all.
      return {
        decision: decision as unknown as DecisionAnswer['decision'],
        observation: soleOf(api.observations),
      }
    },
    manage: (method, target, body) => api.ask(method, target, { key, body }),
    whileStale: async (act) => {
      api.time.monotonic += 61_000
      await act().finally(() => {
        api.time.monotonic -= 61_000
      })
    },
    close: async () => {
      await guarded.close()
      await proxy.close({ drainMs: 0 })
      await check.close({ drainMs: 0 })
      await profiles.close()
      await upstream[Symbol.asyncDispose]()
      await api.stop()
    },
  }
}

/** The check endpoint with each profile, of the same tokens. */
async function startProfiles(api: RunningApi, config: Config) {
  const started = new Map<
    string,
    { readonly door: ReturnType<typeof doorOf>; readonly port: number }
  >()
  const closes: (() => Promise<void>)[] = []
  for (const profile of Object.keys(CHECK_PROFILES) as CheckProfileName[]) {
    const door = doorOf(api)
    const context = { ...door.context, settings: checkSettings(config, profile) }
    const endpoint = await startCheckEndpoint(context, { host: '127.0.0.1', port: 0 })
    started.set(profile, { door, port: endpoint.address.port })
    closes.push(() => endpoint.close({ drainMs: 0 }))
  }
  return {
    ask: async (
      profile: CheckProfileName,
      method: string,
      lines: readonly string[],
    ): Promise<DoorAnswer> => {
      const at = started.get(profile)
      if (at === undefined) throw new RangeError(profile)
      const { observations } = at.door
      observations.length = 0
      const request = [`${method} /check/orders HTTP/1.1`, 'Host: api.example', ...lines]
      const { status, fields, body } = await exchange(at.port, request)
      return { status, headers: withoutConnection(fields), body, observation: soleOf(observations) }
    },
    close: async () => {
      for (const close of closes) await close()
    },
  }
}

const OFF = { enabled: false, entries: [] }
const on = (...entries: unknown[]) => ({ enabled: true, entries })
const PAGES = on('shop.example', '*.wild.example', { value: 'tree.example', subdomains: true })
const HOUR_MS = 3_600_000
const CREATED_AT = Date.parse('2026-11-24T09:30:00Z')

/** The tokens by name; all are acme:42's. What is watched is in report mode. */
const draftsFor = (listed: ReturnType<typeof on>) => ({
  open: {},
  pages: { restrictions: { domains: PAGES, ips: OFF } },
  servers: { restrictions: { domains: OFF, ips: listed } },
  both: { restrictions: { domains: PAGES, ips: listed } },
  noDomains: { restrictions: { domains: on(), ips: listed } },
  noIps: { restrictions: { domains: PAGES, ips: on() } },
  watchedPages: { mode: 'report', restrictions: { domains: PAGES, ips: OFF } },
  watchedServers: { mode: 'report', restrictions: { domains: OFF, ips: listed } },
  watchedRevoked: { mode: 'report', restrictions: { domains: PAGES, ips: OFF } },
  revoked: {},
  disabled: {},
  rotated: {},
  expired: { expiresAt: new Date(CREATED_AT + HOUR_MS).toISOString() },
  notYet: { notBefore: new Date(CREATED_AT + 3 * HOUR_MS).toISOString() },
  damaged: {},
})

export type TokenName = keyof ReturnType<typeof draftsFor>

function settings({ profile, trustedProxies, checkSecret }: DoorsOptions): Config {
  const flags = {
    'trusted-proxies': [trustedProxies],
    'check-profile': [profile],
    // What the tests send stands for a proxy that was told to pass them.
    'forwards-browser-fields': ['true'],
    'allow-private-addresses': ['true'],
  }
  const env = checkSecret === undefined ? {} : { KEYFENCE_CHECK_SECRET: checkSecret }
  const read = readConfig({ flags, env, readFile: () => ({ ok: false, problem: 'none' }) })
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  return read.value.config
}

function originOf(port: number) {
  const origin = parseHttpOrigin(`http://127.0.0.1:${port}`)
  if (!origin.ok) throw new Error(origin.problem)
  return origin.value
}

async function createTokens(
  api: RunningApi,
  { key, servers }: { readonly key: string; readonly servers: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>()
  const ids = new Map<string, string>()
  for (const [name, draft] of Object.entries(draftsFor(on(...servers)))) {
    const { id, secret } = await api.token({ name, owner: 'acme:42', ...draft })
    secrets.set(name, secret)
    ids.set(name, id)
  }
  const change = async (name: TokenName, action: string): Promise<void> => {
    const { status } = await api.ask('POST', `/v1/tokens/${ids.get(name)}/${action}`, { key })
    if (status !== 200) throw new Error(`${action} answered ${status}`)
  }
  await change('revoked', 'revoke')
  await change('watchedRevoked', 'revoke')
  await change('disabled', 'disable')
  await change('rotated', 'rotate')
  await damage(api, ids.get('damaged') ?? '')
  api.time.wall += 2 * HOUR_MS
  api.time.monotonic += 2 * HOUR_MS
  await api.follower.catchUp()
  return secrets
}

/** As another program might, past the store. */
async function damage({ db }: RunningApi, id: string): Promise<void> {
  await sql`update tokens set mode = 'broken' where id = ${id}`.execute(db)
  await sql`delete from changes where token_id = ${id}`.execute(db)
  await sql`insert into changes (token_id, created_at) values (${id}, 0)`.execute(db)
}

function doorOf({ context, logged }: RunningApi) {
  const observations: Observation[] = []
  let count = 0
  const log = { warn: () => {}, error: (fields: object) => void logged.push(fields) }
  const door: DoorContext & { readonly log: typeof log; readonly sheds: () => boolean } = {
    lookUp: context.follower.lookUp,
    now: () => context.clock.now(),
    requestId: () => `request-${++count}`,
    observe: (observation) => void observations.push(observation),
    sheds: () => false,
    log,
  }
  return { context: door, observations }
}

function soleOf(observations: readonly Observation[]): Observation {
  const [observation, ...others] = observations
  if (observation === undefined || others.length > 0) throw new Error('not one observation')
  return observation
}

const CONNECTION_FIELDS = new Set([
  'date',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
])

/** The fields that say something of the answer. */
export function withoutConnection(fields: DoorAnswer['headers']): DoorAnswer['headers'] {
  return fields.filter(([name]) => !CONNECTION_FIELDS.has(name.toLowerCase()))
}
