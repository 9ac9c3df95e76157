import type { Config } from './config.ts'
import { parseCorsHeaders, parseCorsMethods, parseCorsOrigins, showCorsList } from './cors-lists.ts'
import { booleanSetting, choiceSetting, grouped, listSetting, numberSetting } from './setting.ts'

/** The settings of what pages and shared caches may do with answers (spec §7). */
export const CORS_SETTINGS = grouped('CORS and caching', {
  corsPreflights: choiceSetting<Config['corsPreflights']>({
    default: 'answer',
    choices: ['answer', 'pass'],
    meaning: 'Whether preflights are answered here, or passed to the upstream without a token.',
  }),
  corsOrigins: listSetting({
    default: 'echo',
    syntax: 'echo|ORIGIN,…',
    meaning: 'Origins that a preflight is granted to; echo: whichever asks.',
    parseList: parseCorsOrigins,
    show: showCorsList,
  }),
  corsMethods: listSetting({
    default: 'echo',
    syntax: 'echo|METHOD,…',
    meaning: 'Methods that a preflight grants; echo: the one asked for.',
    parseList: parseCorsMethods,
    show: showCorsList,
  }),
  corsHeaders: listSetting({
    default: 'echo',
    syntax: 'echo|FIELD,…',
    meaning: 'Header fields that a preflight grants; echo: those asked for, up to 1 KiB.',
    parseList: parseCorsHeaders,
    show: showCorsList,
  }),
  corsMaxAgeS: numberSetting({
    default: '600',
    range: [0, 86_400],
    unit: 's',
    meaning: 'How long browsers may keep the answer to a preflight.',
  }),
  corsCredentials: booleanSetting(
    'Whether preflights allow cookies and HTTP authentication. Needs corsOrigins by name.',
  ),
  sharedCaching: booleanSetting(
    'Whether shared caches may keep allowed answers. Off: they are made private, or one token’s answer would serve everybody.',
  ),
})
