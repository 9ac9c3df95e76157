import { fieldValues, type HeaderFields } from '@keyfence/core'

/**
 * Fields that belong to one connection and are never passed on, in lower case (RFC 9110 §7.6.1);
 * the two `proxy-` ones are meant for a proxy that the caller chose, which we are not.
 */
export const HOP_BY_HOP_FIELDS: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
]

/**
 * The lower-cased names of the fields that a message's own `Connection` declares hop-by-hop.
 * @returns `undefined` when there are none beyond {@link HOP_BY_HOP_FIELDS}, the usual case.
 */
export function connectionOptions(fields: HeaderFields): ReadonlySet<string> | undefined {
  let options: Set<string> | undefined
  for (const value of fieldValues(fields, 'connection')) {
    for (const part of value.split(',')) {
      const option = part.trim().toLowerCase()
      if (COMMON_OPTIONS.has(option)) continue
      options ??= new Set()
      options.add(option)
    }
  }
  return options
}

const COMMON_OPTIONS: ReadonlySet<string> = new Set(['', 'close', ...HOP_BY_HOP_FIELDS])
