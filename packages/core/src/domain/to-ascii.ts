import { toASCII } from 'tr46'

/**
 * The host as a URL parser should have it: UTS #46 to A-labels, non-transitional, CheckHyphens and
 * STD3 off, CheckBidi and CheckJoiners on, punycode valid; an IPv4 address in any notation as a
 * dotted quad.
 * @param host without scheme, port, user information, percent escapes and control characters.
 * @returns `undefined` where UTS #46 or a URL parser gives up, or a character is none of a host.
 * @see WHATWG URL, "host parsing"
 */
export function hostToAscii(host: string): string | undefined {
  // A URL parser alone is not enough: some wave an all-ASCII host through without looking at its
  // punycode, some apply the Bidi rule to each label instead of the whole name, and engines differ.
  const ascii = PLAIN.test(host) ? host : toASCII(host, UTS46)
  // Mapping may have made a percent sign (of U+FF05), which the parser would decode.
  return ascii === null || !HOST_CHARACTERS.test(ascii) ? undefined : urlHost(ascii)
}

const HOST_CHARACTERS = /^[A-Za-z0-9._-]+$/

/** Nothing for UTS #46 to do but lower-casing, which the URL parser does as well. */
const PLAIN = /^(?!.*xn--)[\u0000-\u007f]*$/i

const UTS46 = {
  checkBidi: true,
  checkHyphens: false,
  checkJoiners: true,
  transitionalProcessing: false,
  useSTD3ASCIIRules: false,
} as const

/** The part of the URL standard that the core needs, present in Node, browsers and Workers alike. */
declare const URL: {
  canParse(url: string): boolean
  new (url: string): { readonly hostname: string }
}

function urlHost(host: string): string | undefined {
  const url = `http://${host}/`
  return URL.canParse(url) ? new URL(url).hostname : undefined
}
