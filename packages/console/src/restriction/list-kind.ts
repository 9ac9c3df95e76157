/** Which of the two lists of a token. */
export type ListKind = 'domains' | 'ips'

/** The words for a list and its entries. */
export const LIST_WORDS = {
  domains: { one: 'domain', many: 'domains', requests: 'Browser requests', list: 'domain list' },
  ips: { one: 'address', many: 'addresses', requests: 'Server requests', list: 'IP list' },
} as const

/** `1 domain`, `2 domains`. */
export function counted(count: number, kind: ListKind): string {
  return `${count} ${count === 1 ? LIST_WORDS[kind].one : LIST_WORDS[kind].many}`
}
