/**
 * Public suffixes by the rules below: an excerpt of publicsuffix.org, private section included,
 * complete for every name that the generators can make. Other top-level names fall under `*`.
 */
const SUFFIX_RULES: readonly string[] = [
  'app',
  'netlify.app',
  'vercel.app',
  '*.ck',
  '!www.ck',
  'com',
  's3.amazonaws.com',
  'us-east-1.amazonaws.com',
  '*.compute.amazonaws.com',
  '*.compute-1.amazonaws.com',
  'herokuapp.com',
  'de',
  'com.de',
  'dev',
  'pages.dev',
  'workers.dev',
  'io',
  'github.io',
  'jp',
  'co.jp',
  '*.kawasaki.jp',
  '!city.kawasaki.jp',
  'net',
  'cloudfront.net',
  'org',
  'uk',
  'co.uk',
  'gov.uk',
]

/** "a public suffix, exact […], private section and default `*` rule included" */
export function isPublicSuffix(host: string): boolean {
  if (SUFFIX_RULES.includes(`!${host}`)) return false
  // `*.kawasaki.jp` makes `kawasaki.jp` a suffix too: so the list's own linter reads it.
  if (SUFFIX_RULES.includes(host) || SUFFIX_RULES.includes(`*.${host}`)) return true
  const parent = host.slice(host.indexOf('.') + 1)
  return host.includes('.') ? SUFFIX_RULES.includes(`*.${parent}`) : true
}

/** "a name below which suffixes lie (`*.amazonaws.com`)" */
export function hasSuffixesBelow(host: string): boolean {
  return SUFFIX_RULES.some((rule) => !rule.startsWith('!') && rule.endsWith(`.${host}`))
}
