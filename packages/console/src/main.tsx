import './theme/styles.ts'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { isUnreachable } from './api/problem.ts'
import { consoleRouter } from './router.tsx'
import { SignInDialog } from './session/sign-in-dialog.tsx'
import { theme } from './theme/theme.ts'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was refused is refused again; what did not answer may.
      retry: (failures, error) => isUnreachable(error) && failures < 3,
    },
    mutations: { networkMode: 'always' },
  },
})
const router = consoleRouter(queries)

const root = document.querySelector('#console')
if (root !== null) {
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
          <SignInDialog />
          <Notifications position="top-right" limit={3} autoClose={8_000} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
