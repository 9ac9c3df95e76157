import { formatIpRange } from '@keyfence/core'
import { ACTIVITY_SETTINGS } from './activity-settings.ts'
import { CHECK_SETTINGS } from './check-settings.ts'
import type { Config, LogLevel, SettingName } from './config.ts'
import { CORS_SETTINGS } from './cors-settings.ts'
import { DATABASE_SETTINGS } from './database-settings.ts'
import { parseHttpOrigin } from './http-origin.ts'
import { formatListenAddress, parseListenAddress } from './listen-address.ts'
import { parseManagementKey } from './management-key.ts'
import { parseOpenPaths } from './open-paths.ts'
import { PORTAL_SETTINGS } from './portal-settings.ts'
import { SESSION_SETTINGS } from './session-settings.ts'
import {
  booleanSetting,
  choiceSetting,
  grouped,
  listSetting,
  numberSetting,
  secretSetting,
  type Setting,
  textSetting,
} from './setting.ts'
import { asWritten, parseFolder, parseHostField, parseParameterName } from './plain-text.ts'
import { formatTokenField, parseTokenFields } from './token-fields.ts'
import { parseTokenPrefix } from './token-prefix.ts'
import { parseTrustedProxies } from './trusted-proxies.ts'

/** The flag, and the variable behind the prefix, that name the optional JSON file of settings. */
export const CONFIG_FILE = 'config'

/** What a setting is for each member of `Config`. */
export type SettingTable = {
  readonly [Name in SettingName]: Setting<Exclude<Config[Name], undefined>>
}

/** Every setting: meaning, form, range, default (style §14). The reference page is made from it. */
export const SETTINGS: SettingTable = {
  ...grouped('Listeners', {
    listen: textSetting({
      default: '127.0.0.1:8080',
      syntax: 'HOST:PORT',
      meaning: 'Where the data listener binds: the proxy or the check endpoint.',
      parseText: parseListenAddress,
      show: formatListenAddress,
    }),
    adminListen: textSetting({
      default: '127.0.0.1:8081',
      syntax: 'HOST:PORT',
      meaning:
        'Where the management listener binds: console, /v1, health, metrics. Beyond loopback it needs publicUrl.',
      parseText: parseListenAddress,
      show: formatListenAddress,
    }),
    publicUrl: textSetting({
      withoutDefault: 'http://localhost and the port of adminListen',
      syntax: 'URL',
      meaning:
        'Where browsers reach the console; links are made from it, and no other host name is answered. https, or http to localhost.',
      parseText: parseHttpOrigin,
      show: asWritten,
    }),
  }),

  ...PORTAL_SETTINGS,

  ...grouped('Upstream', {
    upstream: textSetting({
      withoutDefault: 'none: no proxy',
      syntax: 'URL',
      meaning: 'The API behind the proxy: scheme, host and port. Paths are the callers’ own.',
      parseText: parseHttpOrigin,
      show: asWritten,
    }),
    upstreamHost: textSetting({
      withoutDefault: 'the Host of the request',
      syntax: 'HOST|HOST:PORT',
      meaning: 'The Host field that the upstream gets.',
      parseText: parseHostField,
      show: asWritten,
    }),
    upstreamConnectionsMax: numberSetting({
      default: '256',
      range: [1, 65_535],
      meaning: 'Connections to the upstream at a time; further requests wait for one.',
    }),
    upstreamConnectTimeoutMs: numberSetting({
      default: '5000',
      range: [100, 60_000],
      unit: 'ms',
      meaning: 'Longest wait for a connection to the upstream.',
    }),
    upstreamTimeoutMs: numberSetting({
      default: '30000',
      range: [100, 600_000],
      unit: 'ms',
      meaning: 'Longest wait for the first octet of the upstream’s answer.',
    }),
    upstreamIdleTimeoutMs: numberSetting({
      default: '0',
      range: [1000, 3_600_000],
      zeroMeans: 'no limit',
      unit: 'ms',
      meaning: 'Longest silence within the upstream’s answer.',
    }),
    openPaths: listSetting({
      default: '',
      syntax: 'PATH,…',
      meaning:
        'Exact raw paths that pass without a token, without their query: /health. No patterns.',
      parseList: parseOpenPaths,
      show: (paths) => paths,
    }),
    forwardToken: booleanSetting('Whether the upstream gets the token too. Off: it is removed.'),
    forwardMetadata: booleanSetting(
      'Whether the upstream gets the token’s metadata in Keyfence-Metadata, as ASCII JSON.',
    ),
  }),

  ...CHECK_SETTINGS,

  ...grouped('Client address and domain', {
    trustedProxies: listSetting({
      default: '',
      syntax: 'ADDRESS|CIDR,…',
      meaning:
        'Proxies whose X-Forwarded-For is believed. Each must write the field itself, not pass the caller’s on.',
      parseList: parseTrustedProxies,
      show: (ranges) => ranges.map(formatIpRange),
    }),
    httpsOriginsOnly: booleanSetting(
      'Whether only pages served over https may match a listed domain.',
    ),
  }),

  ...grouped('Tokens and entries', {
    tokenFields: listSetting({
      default: 'Authorization: Bearer, X-API-Key',
      syntax: 'FIELD|FIELD: SCHEME,…',
      meaning: 'Header fields that carry the token. Others are neither read nor removed.',
      parseList: parseTokenFields,
      show: (fields) => fields.map(formatTokenField),
    }),
    tokenQuery: textSetting({
      syntax: 'NAME',
      meaning:
        'A query parameter that may carry the token. Queries end up in logs: prefer a field.',
      parseText: parseParameterName,
      show: asWritten,
    }),
    tokenPrefix: textSetting({
      default: 'kf_',
      syntax: 'PREFIX_',
      meaning: 'What new tokens begin with, so that a scanner can tell whose they are.',
      parseText: parseTokenPrefix,
      show: asWritten,
    }),
    maxDomains: numberSetting({
      default: '5',
      range: [1, 100],
      meaning: 'How many domains a token may list.',
    }),
    maxIps: numberSetting({
      default: '5',
      range: [1, 100],
      meaning: 'How many addresses a token may list.',
    }),
    allowIpRanges: booleanSetting('Whether CIDR blocks may be listed.'),
    allowPrivateAddresses: booleanSetting(
      'Whether private, loopback and other special addresses may be listed: inside a network, and for tests.',
    ),
  }),

  ...CORS_SETTINGS,

  ...grouped('Limits on the data listener', {
    connectionsMax: numberSetting({
      default: '10000',
      range: [1, 1_000_000],
      meaning: 'Connections at a time; further ones are closed at once.',
    }),
    headersTimeoutMs: numberSetting({
      default: '5000',
      range: [100, 120_000],
      unit: 'ms',
      meaning: 'Longest wait for the whole header section of a request.',
    }),
    requestTimeoutMs: numberSetting({
      default: '300000',
      range: [1000, 3_600_000],
      zeroMeans: 'no limit',
      unit: 'ms',
      meaning: 'Longest wait for a whole request, body included.',
    }),
    // nginx and most load balancers keep idle connections for 60 s, and Node by default for 5.
    keepAliveTimeoutMs: numberSetting({
      default: '65000',
      range: [1000, 600_000],
      unit: 'ms',
      meaning:
        'How long an idle connection is kept. Longer than a proxy in front keeps its own, or it meets closed ones.',
    }),
    callerStalledTimeoutMs: numberSetting({
      default: '60000',
      range: [1000, 3_600_000],
      zeroMeans: 'no limit',
      unit: 'ms',
      meaning:
        'How long a caller may take nothing of an answer that waits for it, or send nothing more of an upload that has begun.',
    }),
    headerBytesMax: numberSetting({
      default: '16384',
      range: [1024, 262_144],
      unit: 'bytes',
      meaning: 'Largest header section of a request; a larger one is 431.',
    }),
    headerFieldsMax: numberSetting({
      default: '100',
      range: [10, 2000],
      meaning: 'How many header field lines a request may have.',
    }),
    drainDelayMs: numberSetting({
      default: '0',
      range: [0, 600_000],
      unit: 'ms',
      meaning:
        'How long connections are still taken after the signal to stop, so that a load balancer sees `/readyz` and sends no more.',
    }),
    drainTimeoutMs: numberSetting({
      default: '10000',
      range: [0, 600_000],
      unit: 'ms',
      meaning: 'How long open requests may then go on.',
    }),
  }),

  ...grouped('Store and nodes', {
    data: textSetting({
      default: './data',
      syntax: 'FOLDER',
      meaning:
        'The folder of the embedded store; with databaseUrl, of what belongs to this node alone.',
      parseText: parseFolder,
      show: asWritten,
    }),
    workers: numberSetting({
      default: '1',
      range: [1, 64],
      meaning:
        'Threads that judge requests, from one copy of the tokens. More than one on Linux alone; each takes its share of what limits connections and waiting refusals.',
    }),
    maxStalenessMs: numberSetting({
      default: '60000',
      range: [5000, 3_600_000],
      unit: 'ms',
      meaning: 'How old the copy of the tokens may be before requests are answered 503.',
    }),
    pollIntervalMs: numberSetting({
      default: '1000',
      range: [100, 60_000],
      unit: 'ms',
      meaning: 'How often the store is asked for changes; at most half of maxStalenessMs.',
    }),
  }),

  ...DATABASE_SETTINGS,

  ...ACTIVITY_SETTINGS,

  ...grouped('Management', {
    managementKey: secretSetting({
      syntax: 'KEY',
      meaning: 'A management key for automation, with every scope. 32 characters or more.',
      parseText: parseManagementKey,
    }),
    managementUrl: textSetting({
      withoutDefault: 'none: the data folder is used',
      syntax: 'URL',
      meaning:
        'Where the command line finds the management API of another machine; it sends managementKey there.',
      parseText: parseHttpOrigin,
      show: asWritten,
    }),
    managementBodyBytesMax: numberSetting({
      default: '65536',
      range: [1024, 16_777_216],
      unit: 'bytes',
      meaning: 'Largest body of a management request; a larger one is 413.',
    }),
  }),

  ...SESSION_SETTINGS,

  ...grouped('Logs', {
    logLevel: choiceSetting<LogLevel>({
      default: 'info',
      choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      meaning: 'The least level that is logged.',
    }),
  }),
}

/** The names of all settings, in the order of the table. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[] // the table has no other keys
