import type { OutgoingHttpHeaders } from 'node:http'
import type { Capability } from '../access/portal-session.ts'
import type { Answer, RunningApi } from './running-api.ts'

/** Where the portal of the tests is reached. */
export const PORTAL_ORIGIN = 'https://access.example.com'

/** An owner's browser: it keeps the cookie, and says the origin of its page and its CSRF token. */
export class PortalBrowser {
  readonly #api: Pick<RunningApi, 'portal'>
  cookie: string | undefined
  csrfToken: string | undefined

  constructor(api: Pick<RunningApi, 'portal'>) {
    this.#api = api
  }

  async ask(
    route: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const [method = '', target = ''] = route.split(' ')
    const headers = { ...this.headers(method), ...more }
    const answer = await this.#api.portal.ask(method, target, { body, headers })
    const [set] = answer.headers['set-cookie'] ?? []
    if (set !== undefined) this.cookie = set.split(';')[0]
    if (typeof answer.body['csrfToken'] === 'string') this.csrfToken = answer.body['csrfToken']
    return answer
  }

  /** What a page of the portal sends along; changes name any version. */
  headers(method: string): OutgoingHttpHeaders {
    return {
      ...(method === 'GET' ? {} : { Origin: PORTAL_ORIGIN, 'If-Match': '*' }),
      ...(this.cookie === undefined ? {} : { Cookie: this.cookie }),
      ...(this.csrfToken === undefined ? {} : { 'Keyfence-CSRF-Token': this.csrfToken }),
    }
  }
}

/** Makes a link as the operator. @returns what follows its # */
export async function portalLink(
  api: Pick<RunningApi, 'operator'>,
  owner: string,
  capabilities: readonly Capability[],
): Promise<string> {
  const made = await api.operator('/v1/portal-sessions', { owner, capabilities })
  return String(made['link']).split('#')[1] ?? ''
}

/** A browser that has used a link. */
export async function openedPortal(
  api: RunningApi,
  owner: string,
  capabilities: readonly Capability[],
): Promise<PortalBrowser> {
  const browser = new PortalBrowser(api)
  const link = await portalLink(api, owner, capabilities)
  const opened = await browser.ask('POST /v1/session/link', { link })
  if (opened.status !== 200) throw new Error(opened.text)
  return browser
}
