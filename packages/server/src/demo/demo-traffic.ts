import type { DemoTokens } from './demo-tokens.ts'

/** Sends a few requests of every kind to the demo, so that no page of its console is empty. */
export async function makeDemoTraffic(url: string, { page, server }: DemoTokens): Promise<void> {
  for (const { token, origin, path } of CALLS) {
    const headers = {
      Authorization: `Bearer ${token === 'page' ? page : server}`,
      ...(origin === undefined ? {} : { Origin: origin }),
    }
    const answer = await fetch(`${url}${path}`, { headers })
    await answer.arrayBuffer()
  }
}

interface DemoCall {
  readonly token: keyof DemoTokens
  readonly origin?: string
  readonly path: string
}

const CALLS: readonly DemoCall[] = [
  ...repeated(9, { token: 'page', origin: 'https://example.com', path: '/products' }),
  ...repeated(4, { token: 'page', origin: 'https://www.example.com', path: '/products/7' }),
  ...repeated(3, { token: 'page', origin: 'https://shop-copy.example.net', path: '/products' }),
  ...repeated(2, { token: 'page', path: '/export' }),
  ...repeated(12, { token: 'server', path: '/orders' }),
  ...repeated(2, { token: 'server', origin: 'https://example.com', path: '/orders' }),
]

function repeated(times: number, call: DemoCall): readonly DemoCall[] {
  return Array.from({ length: times }, () => call)
}
