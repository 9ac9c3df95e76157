import { formatIpAddress, type RequestSource } from '@keyfence/core'

/** Where a request comes from, as text: of a browser request the domain, of a server's the address. */
export interface SourcePlace {
  readonly domain: string | undefined
  readonly address: string | undefined
}

/** @param source `undefined`: nothing is told of it, because no token is known. */
export function placeOf(source: RequestSource | undefined): SourcePlace {
  if (source?.kind === 'browser') return { domain: source.domain, address: undefined }
  const address = source?.address === undefined ? undefined : formatIpAddress(source.address)
  return { domain: undefined, address }
}
