import type { Restrictions } from '@keyfence/core'

/** What the snippets are written for. */
export interface SnippetFacts {
  readonly secret: string
  readonly restrictions: Restrictions
}

/** Stands for the address of the provider's API, which the console does not know. */
const API = 'https://api.example.com'

/** The token as a line of an .env file. */
export function envFile({ secret }: SnippetFacts): string {
  return `API_TOKEN=${secret}\n`
}

/** A curl command, with a remark where the lists would refuse it. */
export function curlSnippet({ secret, restrictions }: SnippetFacts): string {
  const { domains, ips } = restrictions
  const addresses = ips.entries.map(({ value }) => value).join(' or ')
  const remark = ips.enabled
    ? `# Works on ${addresses === '' ? 'no machine yet: the IP list is empty' : addresses}.\n`
    : domains.enabled
      ? '# Refused: only the domain list is on, so servers and curl cannot use this token.\n'
      : ''
  return `${remark}curl ${API}/ \\\n  -H "Authorization: Bearer ${secret}"`
}

/** A call from a page, with a remark where the lists would refuse it. */
export function fetchSnippet({ secret, restrictions }: SnippetFacts): string {
  const { domains, ips } = restrictions
  const names = domains.entries.map(({ value, subdomains }) =>
    subdomains ? `${value} and its subdomains` : value,
  )
  const remark = domains.enabled
    ? `// Works in pages of ${names.length === 0 ? 'no site yet: the domain list is empty' : names.join(', ')}.\n`
    : ips.enabled
      ? '// Refused: only the IP list is on, so pages cannot use this token.\n'
      : ''
  return `${remark}await fetch('${API}/', {\n  headers: { Authorization: 'Bearer ${secret}' },\n})`
}
