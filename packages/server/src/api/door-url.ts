import type { ApiRequest } from './api-context.ts'

/** Where browsers reach the pages of this door: no other origin may change anything here. */
export function doorUrl(c: ApiRequest): string {
  const { api, door } = c.var
  return door.kind === 'portal' ? door.portal.url : api.settings.publicUrl
}

/** The setting that says so. */
export function doorUrlSetting({ var: { door } }: ApiRequest): 'portalUrl' | 'publicUrl' {
  return door.kind === 'portal' ? 'portalUrl' : 'publicUrl'
}

/** Whose pages may frame those of this door, as the directive of a Content-Security-Policy. */
export function frameAncestors({ var: { door } }: ApiRequest): string {
  const hosts = door.kind === 'portal' ? door.portal.frameHosts : []
  return `frame-ancestors ${hosts.length === 0 ? "'none'" : hosts.join(' ')}`
}
