import { isPort } from './host.ts'
import { readIpv6 } from './ip-address.ts'

/** The host that a person meant by what they pasted, still in their spelling; or a refusal. */
export type PastedHost =
  | { readonly ok: true; readonly host: string }
  | { readonly ok: false; readonly code: string }

/** Takes scheme, port, path, query and fragment off a trimmed, non-empty domain entry (spec §5). */
export function readPastedHost(text: string): PastedHost {
  if (isIpv6Literal(text)) return { ok: false, code: 'domain_is_ip' }
  if (text.includes('\\')) return { ok: false, code: 'domain_syntax' }
  const scheme = schemeProblem(text)
  if (scheme !== null) return { ok: false, code: scheme }
  const [, host = '', port] = /^([^:]*)(?::([^]*))?$/.exec(authorityOf(withoutScheme(text))) ?? []
  if (port !== undefined && !isPort(port)) return { ok: false, code: 'domain_syntax' }
  return { ok: true, host }
}

/** `2001:db8::1` by itself, or `[2001:db8::1]` with or without scheme and port. */
function isIpv6Literal(text: string): boolean {
  if (readIpv6(authorityOf(text)) !== null) return true
  const [, inside, port] = /^\[([^\]]*)\](?::(.*))?$/.exec(authorityOf(withoutScheme(text))) ?? []
  if (inside === undefined || readIpv6(inside) === null) return false
  return port === undefined || isPort(port)
}

/** "`text:digits` is host and port, `text:other` another scheme: refused"; so is user info. */
function schemeProblem(text: string): 'domain_scheme' | 'domain_user_info' | null {
  const isWebUrl = withoutScheme(text) !== text
  const [, afterColon] = /^[a-z][a-z0-9+.-]*:([^]*)$/i.exec(text) ?? []
  if (authorityOf(withoutScheme(text)).includes('@')) return 'domain_user_info'
  if (isWebUrl || afterColon === undefined) return null
  return /^\d+$/.test(authorityOf(afterColon)) ? null : 'domain_scheme'
}

/** "`http(s)://` and `ws(s)://` (any case, exactly `//`) […] are dropped" */
function withoutScheme(text: string): string {
  return text.replace(/^(https?|wss?):\/\//i, '')
}

/** What stands before the first `/`, `?` or `#`. */
function authorityOf(text: string): string {
  return text.replace(/[/?#][^]*$/, '')
}
