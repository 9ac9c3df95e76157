import { DEFAULT_CORS, type IpRange, type TokenPolicy } from '@keyfence/core'
import type { Observation } from '../activity/observation.ts'
import { type Answered, exchange, range, tokenTable } from '../proxy/proxy-fixture.ts'
import type { CheckContext, CheckSettings } from './check-context.ts'
import { startCheckEndpoint } from './check-endpoint.ts'
import { PLAIN } from './profiles/plain.ts'

export const LOOPBACK: readonly IpRange[] = [range('127.0.0.0/8'), range('::1')]

/** Settings of the profile `plain`, with nothing changed. */
export const SETTINGS: CheckSettings = {
  profile: PLAIN,
  callers: { addresses: LOOPBACK, secretHash: undefined },
  cors: DEFAULT_CORS,
  judge: {
    tokenFields: [
      { name: 'authorization', scheme: 'bearer' },
      { name: 'x-api-key', scheme: undefined },
    ],
    tokenQuery: undefined,
    tokenPrefix: 'kf_',
    trustedProxies: LOOPBACK,
    barePeer: 'is_nobody',
    httpsOriginsOnly: false,
  },
  forwardMetadata: false,
  timeouts: { headersMs: 5_000, requestMs: 0, keepAliveMs: 5_000 },
  limits: { connectionsMax: 100, headerBytesMax: 16_384, headerFieldsMax: 100 },
}

/** A check endpoint with what it told its observer and its log. */
export interface CheckUnderTest extends AsyncDisposable {
  readonly port: number
  readonly observations: Observation[]
  readonly logged: unknown[]
  close(): Promise<void>
}

/** Starts one with the tokens of `tokenTable`. */
export async function startCheck(
  changes: Partial<CheckSettings> = {},
  world: Partial<CheckContext> = {},
): Promise<CheckUnderTest> {
  const observations: Observation[] = []
  const logged: unknown[] = []
  const tokens: ReadonlyMap<string, TokenPolicy> = tokenTable()
  const context: CheckContext = {
    settings: { ...SETTINGS, ...changes },
    lookUp: (token) => {
      const policy = tokens.get(token)
      return policy === undefined
        ? { state: 'unknown' }
        : { state: 'known', policy, secretEndsAt: undefined }
    },
    now: () => 0,
    requestId: () => 'request-1',
    observe: (observation) => void observations.push(observation),
    log: { error: (fields) => void logged.push(fields) },
    ...world,
  }
  const listener = await startCheckEndpoint(context, { host: '127.0.0.1', port: 0 })
  const close = (): Promise<void> => listener.close({ drainMs: 60_000 })
  return { port: listener.address.port, observations, logged, close, [Symbol.asyncDispose]: close }
}

/** Asks with these field lines. */
export function ask(port: number, requestLine: string, ...fields: string[]): Promise<Answered> {
  return exchange(port, [`${requestLine} HTTP/1.1`, 'Host: api.example', ...fields])
}
