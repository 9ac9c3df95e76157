import { checkDomainEntry } from '@keyfence/core'

/** Whether a listed domain may cover its subdomains: not where other people's sites lie below it. */
export function mayCoverSubdomains(domain: string): boolean {
  const settings = { allowIpRanges: false, allowPrivateAddresses: false }
  return checkDomainEntry(domain, { settings, age: 'new', subdomains: true }).ok
}
