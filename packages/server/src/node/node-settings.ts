import type { CorsSettings, JudgeSettings } from '@keyfence/core'
import type { ApiSettings } from '../api/api-context.ts'
import type { PortalSettings } from '../api/door.ts'
import type { ListenerLimits } from '../api/management-listener.ts'
import { checkSecretHash } from '../check/check-caller.ts'
import type { CheckSettings } from '../check/check-context.ts'
import { CHECK_PROFILES } from '../check/profiles/check-profiles.ts'
import type { CheckProfileName, Config } from '../config/config.ts'
import type { HttpOrigin } from '../config/http-origin.ts'
import type { DataListenerLimits, DataListenerTimeouts } from '../listener/data-listener.ts'
import type { ProxySettings } from '../proxy/proxy-settings.ts'
import { hashToken } from '../token/token.ts'

/** What every door judges by. */
export function judgeSettings(config: Config): JudgeSettings {
  return {
    tokenFields: config.tokenFields,
    tokenQuery: config.tokenQuery,
    tokenPrefix: config.tokenPrefix,
    trustedProxies: config.trustedProxies,
    barePeer: 'is_client',
    httpsOriginsOnly: config.httpsOriginsOnly,
  }
}

/** What the proxy before `upstream` works by. */
export function proxySettings(config: Config, upstream: HttpOrigin): ProxySettings {
  return {
    upstream: new URL(upstream),
    upstreamHost: config.upstreamHost,
    openPaths: new Set(config.openPaths),
    forwardToken: config.forwardToken,
    forwardMetadata: config.forwardMetadata,
    sharedCaching: config.sharedCaching,
    cors: corsSettings(config),
    judge: judgeSettings(config),
    timeouts: {
      ...dataTimeouts(config),
      callerStalledMs: config.callerStalledTimeoutMs,
      upstreamConnectMs: config.upstreamConnectTimeoutMs,
      upstreamResponseMs: config.upstreamTimeoutMs,
      upstreamIdleMs: config.upstreamIdleTimeoutMs,
    },
    limits: { ...dataLimits(config), upstreamConnectionsMax: config.upstreamConnectionsMax },
  }
}

/** What the check endpoint works by. Its peer is the proxy that asks, never the client. */
export function checkSettings(config: Config, profile: CheckProfileName): CheckSettings {
  const { checkCallers, checkSecret, forwardMetadata } = config
  return {
    profile: CHECK_PROFILES[profile],
    callers: {
      addresses: checkCallers,
      secretHash: checkSecret === undefined ? undefined : checkSecretHash(checkSecret),
    },
    cors: corsSettings(config),
    judge: { ...judgeSettings(config), barePeer: 'is_nobody' },
    forwardMetadata,
    timeouts: dataTimeouts(config),
    limits: dataLimits(config),
  }
}

/** Where the owner portal is; `undefined`: there is none. */
export function portalSettings(config: Config): PortalSettings | undefined {
  const { portalUrl, portalFrameHosts } = config
  return portalUrl === undefined ? undefined : { url: portalUrl, frameHosts: portalFrameHosts }
}

/** What the management API works by. */
export function apiSettings(config: Config, publicUrl: HttpOrigin): ApiSettings {
  const { managementKey } = config
  return {
    maxDomains: config.maxDomains,
    maxIps: config.maxIps,
    allowIpRanges: config.allowIpRanges,
    allowPrivateAddresses: config.allowPrivateAddresses,
    tokenPrefix: config.tokenPrefix,
    trustedProxies: config.trustedProxies,
    httpsOriginsOnly: config.httpsOriginsOnly,
    tokenFields: config.tokenFields,
    tokenQuery: config.tokenQuery,
    checkProfile: config.checkProfile,
    forwardMetadata: config.forwardMetadata,
    activityDays: config.activityDays,
    refusalsPerTokenMax: config.refusalsPerTokenMax,
    dataBarePeer: config.upstream === undefined ? 'is_nobody' : 'is_client',
    maxStalenessMs: config.maxStalenessMs,
    bodyBytesMax: config.managementBodyBytesMax,
    publicUrl,
    portal: portalSettings(config),
    sessionLife: {
      idleMs: config.sessionIdleMinutes * 60_000,
      totalMs: config.sessionHoursMax * 3_600_000,
    },
    environmentKeyHash: managementKey === undefined ? undefined : hashToken(managementKey),
  }
}

/** What the management listeners bear. */
export function listenerLimits(config: Config): ListenerLimits {
  return {
    headersTimeoutMs: config.headersTimeoutMs,
    requestTimeoutMs: config.requestTimeoutMs,
    keepAliveTimeoutMs: config.keepAliveTimeoutMs,
    connectionsMax: config.connectionsMax,
    headerBytesMax: config.headerBytesMax,
  }
}

function corsSettings(config: Config): CorsSettings {
  return {
    preflights: config.corsPreflights,
    origins: config.corsOrigins,
    methods: config.corsMethods,
    headers: config.corsHeaders,
    maxAgeS: config.corsMaxAgeS,
    credentials: config.corsCredentials,
  }
}

function dataTimeouts(config: Config): DataListenerTimeouts {
  return {
    headersMs: config.headersTimeoutMs,
    requestMs: config.requestTimeoutMs,
    keepAliveMs: config.keepAliveTimeoutMs,
  }
}

function dataLimits({
  connectionsMax,
  headerBytesMax,
  headerFieldsMax,
}: Config): DataListenerLimits {
  return { connectionsMax, headerBytesMax, headerFieldsMax }
}
