import type { JudgedRequest, Restrictions, TokenText } from '@keyfence/core'
import type { Chance } from './chance.ts'

/** Where a request comes from. */
export type Question =
  | { readonly kind: 'browser'; readonly domain: string }
  | { readonly kind: 'server'; readonly address: string }

const DOMAINS = ['shop.example', 'www.shop.example', 'other.example']
const ADDRESSES = ['203.0.113.7', '2001:db8::7', '198.51.100.9']

/** Every place that requests come from. */
export const QUESTIONS: readonly Question[] = [
  ...DOMAINS.map((domain) => ({ kind: 'browser', domain }) as const),
  ...ADDRESSES.map((address) => ({ kind: 'server', address }) as const),
]

/** The request as a door would hand it over. */
export function requestOf(question: Question, secret: TokenText): JudgedRequest {
  const authorization = ['Authorization', `Bearer ${secret}`]
  if (question.kind === 'server') {
    return { fields: authorization, target: '/', peer: question.address, isWebSocket: false }
  }
  const fields = [...authorization, 'Origin', `https://${question.domain}`]
  return { fields, target: '/', peer: ADDRESSES[0], isWebSocket: false }
}

/** Lists of some sort: off, empty, or with some of what requests come from. */
export function drawRestrictions(chance: Chance): Restrictions {
  const some = (values: readonly string[]) => values.filter(() => chance.happens(0.4))
  return {
    domains: {
      enabled: chance.happens(0.5),
      entries: some(DOMAINS).map((value) => ({ value, subdomains: false, label: '' })),
    },
    ips: {
      enabled: chance.happens(0.4),
      entries: some(ADDRESSES).map((value) => ({ value, label: '' })),
    },
  }
}

/** The rule of the specification (§1, §11), for entries that are equal or not. */
export function ruleOutcome(
  { domains, ips }: Restrictions,
  question: Question,
): { readonly isAllowed: boolean; readonly reason: string } {
  const [own, other, names] =
    question.kind === 'browser'
      ? ([domains, ips, ['browser_not_allowed', 'domain']] as const)
      : ([ips, domains, ['server_not_allowed', 'ip']] as const)
  const [notAllowed, list] = names
  if (!own.enabled) {
    if (other.enabled) return { isAllowed: false, reason: notAllowed }
    return { isAllowed: true, reason: 'unrestricted' }
  }
  if (own.entries.length === 0) return { isAllowed: false, reason: `${list}_list_empty` }
  const value = question.kind === 'browser' ? question.domain : question.address
  const isAllowed = own.entries.some((entry) => entry.value === value)
  return { isAllowed, reason: isAllowed ? `${list}_listed` : `${list}_not_listed` }
}
