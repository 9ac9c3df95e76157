import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import {
  ACCESS_DAYS,
  activityQuery,
  ATTENTIONS,
  type AuditFilters,
  entrySettingsQuery,
  sessionQuery,
  type TokenFilters,
  tokenQuery,
  tokensQuery,
} from './api/queries.ts'
import { AUDIT_ACTIONS } from './audit/audit-words.ts'
import { TokensPage } from './pages/tokens-page.tsx'
import type { PagePlace } from './shell/list-pages.tsx'
import { BrokenPage, MissingPage } from './shell/broken-page.tsx'
import { CreatorsPages, ProvidersPages } from './session/closed-page.tsx'
import { may } from './session/use-session.ts'
import { PendingPage } from './shell/pending-page.tsx'
import { Shell } from './shell/shell.tsx'

/** For so long a page waits for what it will show: to draw that there is nothing yet takes as long. */
const MOMENT_MS = 50

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

interface RouterContext {
  readonly queries: QueryClient
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  notFoundComponent: MissingPage,
})

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): { next?: string | undefined } => {
    const next = search['next']
    // Only a path of our own is gone on to; what a URL parser drops (tabs, line breaks) is in none.
    const isOwn = typeof next === 'string' && /^\/(?!\/)[^\s\\\p{Cc}]*$/u.test(next)
    // Not left out: the router would put in what stands in the URL.
    return { next: isOwn ? next : undefined }
  },
  component: lazyRouteComponent(() => import('./pages/sign-in-page.tsx'), 'SignInPage'),
})

const linkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/link',
  component: lazyRouteComponent(() => import('./pages/link-page.tsx'), 'LinkPage'),
})

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.ensureQueryData(sessionQuery)
    // An owner comes in by a link alone.
    if (!session.signedIn && 'portal' in session) throw redirect({ to: '/link' })
    if (!session.signedIn) throw redirect({ to: '/sign-in', search: { next: location.href } })
  },
  component: Shell,
})

const indexRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/tokens' })
  },
})

const tokensRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/tokens',
  validateSearch: tokenFilters,
  // Asked for when the way there begins: the page that shows it is drawn meanwhile.
  beforeLoad: ({ context: { queries }, search }) => {
    const withTraffic = may(queries.getQueryData(sessionQuery.queryKey), 'activity')
    void queries.prefetchQuery(tokensQuery(search, withTraffic))
  },
  // Where most begin: it comes along at once.
  component: TokensPage,
})

const creatorsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'creators',
  component: CreatorsPages,
})

const providersRoute = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'providers',
  component: ProvidersPages,
})

const overviewRoute = createRoute({
  getParentRoute: () => providersRoute,
  path: '/overview',
  validateSearch: (search): { days?: 7 } => (search['days'] === 7 ? { days: 7 } : {}),
  component: lazyRouteComponent(() => import('./pages/overview-page.tsx'), 'OverviewPage'),
})

const auditRoute = createRoute({
  getParentRoute: () => providersRoute,
  path: '/audit',
  validateSearch: auditFilters,
  component: lazyRouteComponent(() => import('./pages/audit-page.tsx'), 'AuditPage'),
})

const peopleRoute = createRoute({
  getParentRoute: () => providersRoute,
  path: '/people',
  component: lazyRouteComponent(() => import('./pages/people-page.tsx'), 'PeoplePage'),
})

const nodeSettingsRoute = createRoute({
  getParentRoute: () => providersRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings-page.tsx'), 'SettingsPage'),
})

const newTokenRoute = createRoute({
  getParentRoute: () => creatorsRoute,
  path: '/tokens/new',
  component: lazyRouteComponent(() => import('./pages/new-token-page.tsx'), 'NewTokenPage'),
})

const tokenRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/tokens/$id',
  beforeLoad: async ({ context: { queries }, params }) => {
    const query = tokenQuery(params.id)
    const fetched = queries.prefetchQuery(query)
    if (queries.getQueryData(query.queryKey) !== undefined) return
    await Promise.race([fetched, passed(MOMENT_MS)])
  },
  component: lazyRouteComponent(() => import('./pages/token-page.tsx'), 'TokenPage'),
})

const tokenIndexRoute = createRoute({
  getParentRoute: () => tokenRoute,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/tokens/$id/access', params })
  },
})

const accessRoute = createRoute({
  getParentRoute: () => tokenRoute,
  path: 'access',
  beforeLoad: ({ context: { queries }, params }) => {
    void queries.prefetchQuery(entrySettingsQuery)
    if (may(queries.getQueryData(sessionQuery.queryKey), 'activity')) {
      void queries.prefetchQuery(activityQuery(params.id, ACCESS_DAYS))
    }
  },
  component: lazyRouteComponent(() => import('./pages/access-page.tsx'), 'AccessPage'),
})

const activityRoute = createRoute({
  getParentRoute: () => tokenRoute,
  path: 'activity',
  validateSearch: (search): { reason?: string; days?: number; request?: string } => ({
    ...textMember(search, 'reason'),
    ...textMember(search, 'request'),
    ...(search['days'] === 7 || search['days'] === 30 ? { days: search['days'] } : {}),
  }),
  component: lazyRouteComponent(() => import('./pages/activity-page.tsx'), 'ActivityPage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => tokenRoute,
  path: 'settings',
  component: lazyRouteComponent(
    () => import('./pages/token-settings-page.tsx'),
    'TokenSettingsPage',
  ),
})

const tree = rootRoute.addChildren([
  signInRoute,
  linkRoute,
  signedInRoute.addChildren([
    indexRoute,
    tokensRoute,
    creatorsRoute.addChildren([newTokenRoute]),
    providersRoute.addChildren([overviewRoute, auditRoute, peopleRoute, nodeSettingsRoute]),
    tokenRoute.addChildren([tokenIndexRoute, accessRoute, activityRoute, settingsRoute]),
  ]),
])

/** The pages of the console; each but the list of tokens is loaded when it is first opened. */
export function consoleRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: 'intent',
    defaultErrorComponent: BrokenPage,
    defaultPendingComponent: PendingPage,
    defaultPendingMs: 300,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof consoleRouter>
  }
}

function tokenFilters(search: Record<string, unknown>): TokenFilters {
  const status = search['status']
  const isStatus = status === 'active' || status === 'disabled' || status === 'revoked'
  return {
    ...textMember(search, 'name'),
    ...textMember(search, 'owner'),
    ...(isStatus ? { status } : {}),
    ...choice(search, 'attention', ATTENTIONS),
    ...pagePlace(search),
  }
}

function auditFilters(search: Record<string, unknown>): AuditFilters {
  return {
    ...textMember(search, 'actor'),
    ...choice(search, 'action', AUDIT_ACTIONS),
    ...textMember(search, 'target'),
    ...pagePlace(search),
  }
}

function pagePlace(search: Record<string, unknown>): PagePlace {
  return { ...textMember(search, 'cursor'), ...textMember(search, 'before') }
}

/** One of these words, or nothing: a URL that was typed may say anything. */
function choice<Name extends string, Word extends string>(
  search: Record<string, unknown>,
  name: Name,
  words: readonly Word[],
): Partial<Record<Name, Word>> {
  const member: Partial<Record<Name, Word>> = {}
  const found = words.find((word) => word === search[name])
  if (found !== undefined) member[name] = found
  return member
}

/** A parameter as text: `name=42` in a URL is read as a number. */
function textMember<Name extends string>(
  search: Record<string, unknown>,
  name: Name,
): Partial<Record<Name, string>> {
  const value = search[name]
  if (typeof value !== 'string' && typeof value !== 'number') return {}
  const member: Partial<Record<Name, string>> = {}
  member[name] = String(value)
  return value === '' ? {} : member
}
