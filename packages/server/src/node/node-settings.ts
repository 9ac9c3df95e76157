import type { JudgeSettings } from '@keyfence/core'
import type { ApiSettings } from '../api/api-context.ts'
import type { ListenerLimits } from '../api/management-listener.ts'
import type { Config } from '../config/config.ts'
import type { HttpOrigin } from '../config/http-origin.ts'
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
    cors: {
      preflights: config.corsPreflights,
      origins: config.corsOrigins,
      methods: config.corsMethods,
      headers: config.corsHeaders,
      maxAgeS: config.corsMaxAgeS,
      credentials: config.corsCredentials,
    },
    judge: judgeSettings(config),
    timeouts: {
      headersMs: config.headersTimeoutMs,
      requestMs: config.requestTimeoutMs,
      keepAliveMs: config.keepAliveTimeoutMs,
      callerStalledMs: config.callerStalledTimeoutMs,
      upstreamConnectMs: config.upstreamConnectTimeoutMs,
      upstreamResponseMs: config.upstreamTimeoutMs,
      upstreamIdleMs: config.upstreamIdleTimeoutMs,
    },
    limits: {
      connectionsMax: config.connectionsMax,
      headerBytesMax: config.headerBytesMax,
      headerFieldsMax: config.headerFieldsMax,
      upstreamConnectionsMax: config.upstreamConnectionsMax,
    },
  }
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
    bodyBytesMax: config.managementBodyBytesMax,
    publicUrl,
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
