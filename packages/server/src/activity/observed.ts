import {
  compileRestrictions,
  type EpochMs,
  judge,
  type JudgeSettings,
  type Restrictions,
  type TokenLife,
  type TokenLookup,
  type TokenMode,
  UNRESTRICTED,
} from '@keyfence/core'
import type { TokenId } from '../identifier/identifier.ts'
import type { Observation } from './observation.ts'

/** A request of a test; what is absent is usual. */
export interface TestRequest {
  readonly tokenId?: TokenId
  readonly owner?: string
  /** `unknown`: the token is nobody's; `none`: there is no token. */
  readonly token?: 'known' | 'unknown' | 'none'
  readonly status?: TokenLife['status']
  readonly mode?: TokenMode
  readonly restrictions?: Restrictions
  /** Sent as `Origin`; without one it is a server request. */
  readonly origin?: string
  readonly peer?: string | undefined
  readonly httpsOriginsOnly?: boolean
  readonly requestId?: string
  readonly method?: string
  readonly path?: string
}

/** What a door would tell of a request, for tests: judged as every request is. */
export function observed(request: TestRequest, now: EpochMs = 0): Observation {
  const { token = 'known', origin, method = 'GET', path = '/v1/orders' } = request
  const fields = [
    ...(token === 'none' ? [] : ['Authorization', 'Bearer imported-token']),
    ...(origin === undefined ? [] : ['Origin', origin]),
  ]
  const peer = 'peer' in request ? request.peer : '8.8.8.8'
  const verdict = judge(
    { fields, target: path, peer, isWebSocket: false },
    () => (token === 'known' ? known(request) : { state: 'unknown' }),
    { settings: { ...SETTINGS, httpsOriginsOnly: request.httpsOriginsOnly ?? false }, now },
  )
  const requestId = verdict.effect === 'allow' ? undefined : (request.requestId ?? nextRequestId())
  return { verdict, requestId, method, path, peer }
}

/** The token of a request that names none. */
export const TEST_TOKEN = 'tok_01a20dc4-9a60-7696-a970-000000000001' as TokenId // it has their form

let requests = 0

/** A request id that no other request has. */
export function nextRequestId(): string {
  return `req_${String(requests++).padStart(22, '0')}`
}

const SETTINGS: JudgeSettings = {
  tokenFields: [{ name: 'authorization', scheme: 'bearer' }],
  tokenQuery: undefined,
  tokenPrefix: 'kf_',
  trustedProxies: [],
  barePeer: 'is_client',
  httpsOriginsOnly: false,
}

function known(request: TestRequest): TokenLookup {
  const restrictions = compileRestrictions(request.restrictions ?? UNRESTRICTED)
  if (restrictions === undefined) return { state: 'unreadable' }
  const { tokenId = TEST_TOKEN, owner = 'alice', status = 'active', mode = 'enforce' } = request
  const life = { status, notBefore: undefined, expiresAt: undefined }
  const policy = { tokenId, owner, metadata: {}, life, mode, restrictions }
  return { state: 'known', policy, secretEndsAt: undefined }
}
