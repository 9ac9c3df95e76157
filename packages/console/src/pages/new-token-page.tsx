import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import type { CreatedToken } from '../api/client.ts'
import { SecretView } from '../secret/secret-view.tsx'
import { PageTitle } from '../shell/page-title.tsx'
import { NewTokenForm } from '../token/new-token-form.tsx'

/** Makes a token; then shows its secret, once. */
export function NewTokenPage(): ReactElement {
  const [created, setCreated] = useState<CreatedToken>()
  const queries = useQueryClient()
  const keep = (token: CreatedToken): void => {
    setCreated(token)
    void queries.invalidateQueries({ queryKey: ['tokens', 'list'] })
    scrollTo({ top: 0 })
  }
  return (
    <div className="page page-narrow">
      <p className="small breadcrumb">
        <Link to="/tokens">Tokens</Link>
      </p>
      <PageTitle title={created === undefined ? 'New token' : created.name} />
      {created === undefined ? (
        <NewTokenForm onCreated={keep} />
      ) : (
        <SecretView token={created} secret={created.secret} />
      )}
    </div>
  )
}
