/** A page's request with the token that `benchmark-node.ts` knows, as octets on a connection. */
export function requestText(target: string, more: readonly string[] = []): string {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: api.example',
    'Authorization: Bearer benchmark-token',
    'Origin: https://shop.example',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
    'Accept: */*',
    'Accept-Encoding: gzip',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Mode: cors',
    ...more,
    '',
    '',
  ].join('\r\n')
}
