import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'

/** Web pages of whatever host leads here, whose script calls an API with a token. */
export interface Site {
  /** What the script of a page of that host reads: the status and the body of the answer. */
  callFrom(browser: Browser, host: string, call: PageCall): Promise<PageAnswer>
  close(): void
}

export interface PageCall {
  readonly url: string
  readonly token: string
}

export interface PageAnswer {
  readonly status: number
  readonly body: string
  /** Whether the browser has asked first whether the page may send the token. */
  readonly isPreflighted: boolean
}

/** Serves the pages on a free loopback port; Chromium is told where their hosts are. */
export async function startSite(): Promise<Site> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end('<!doctype html><title>A shop</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    callFrom: (browser, host, call) => callFrom(browser, `http://${host}:${port}/cart`, call),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function callFrom(browser: Browser, page: string, call: PageCall): Promise<PageAnswer> {
  const context = await browser.newContext()
  try {
    const opened = await context.newPage()
    const debugged = await context.newCDPSession(opened)
    const methods: string[] = []
    debugged.on('Network.requestWillBeSent', ({ request }) => methods.push(request.method))
    await debugged.send('Network.enable')
    await opened.goto(page)
    const read = await opened.evaluate(async ({ url, token }) => {
      const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } })
      return { status: answer.status, body: await answer.text() }
    }, call)
    return { ...read, isPreflighted: methods.includes('OPTIONS') }
  } finally {
    await context.close()
  }
}
