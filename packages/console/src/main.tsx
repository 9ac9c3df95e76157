import './theme/styles.ts'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { isUnreachable } from './api/problem.ts'
import { consoleRouter } from './router.tsx'
import { keepFocus } from './focus/keep-focus.ts'
import { UnansweredBar } from './notice/unanswered-bar.tsx'
import { SignInDialog } from './session/sign-in-dialog.tsx'
import { theme } from './theme/theme.ts'
import { whenIdle } from './time/when-idle.ts'

/** After what the first page itself asks for. */
const LOADED_LATER_MS = 1_000
const AGAIN_MS = 2_000
/** For two minutes: what is changed later than that should be meant. */
const TRIES_MAX = 60

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // The server may be on this very machine: whether there is a network says nothing.
      networkMode: 'always',
      // What was refused is refused again; what did not answer may.
      retry: (failures, error) => isUnreachable(error) && failures < 2,
      retryDelay: 1_000,
      refetchInterval: ({ state }) => (isUnreachable(state.error) ? AGAIN_MS : false),
    },
    mutations: {
      networkMode: 'always',
      // Each names the version that it changes or a key of its own: sent twice, it is done once.
      retry: (failures, error) => isUnreachable(error) && failures < TRIES_MAX,
      retryDelay: AGAIN_MS,
    },
  },
})
const router = consoleRouter(queries)

/** What most people open next. */
async function loadTokenPage(): Promise<void> {
  await whenIdle()
  const { routesById } = router
  const routes = [routesById['/signed-in/tokens/$id'], routesById['/signed-in/tokens/$id/access']]
  for (const route of routes) void router.loadRouteChunk(route)
}

/**
 * Pages that nobody opened yet open all the same once the server is gone, and say that it is. One at a
 * time, or whoever acts meanwhile waits for all of them.
 */
async function loadPages(): Promise<void> {
  for (const route of Object.values(router.routesById)) {
    await whenIdle()
    await router.loadRouteChunk(route)?.catch(() => {}) // whoever opens it is told
  }
}

const root = document.querySelector('#console')
if (root !== null) {
  keepFocus(document)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <UnansweredBar />
          <SignInDialog />
          <Notifications position="top-right" limit={3} autoClose={8_000} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
  addEventListener('load', () => {
    void loadTokenPage()
    setTimeout(() => void loadPages(), LOADED_LATER_MS)
  })
}
