import { Button } from '@mantine/core'
import { Link, useRouter } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { problemText } from '../api/problem.ts'

/** In place of a page that could not be shown. */
export function BrokenPage({ error }: { error: unknown }): ReactElement {
  const router = useRouter()
  return (
    <main className="center-page">
      <div className="card center-card">
        <h1 className="section-title">This page could not be shown</h1>
        <p className="wrap">{problemText(error)}</p>
        <Button onClick={() => router.invalidate()}>Try again</Button>
      </div>
    </main>
  )
}

/** Where no page is. */
export function MissingPage(): ReactElement {
  return (
    <main className="center-page">
      <div className="card center-card">
        <h1 className="section-title">There is no such page</h1>
        <p>The address may be misspelt, or the page may have moved.</p>
        <Link to="/tokens">Go to the tokens</Link>
      </div>
    </main>
  )
}
