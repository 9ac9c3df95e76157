import type { ReactElement } from 'react'
import { Panel } from '../notice/panel.tsx'
import { AdministratorsCard } from '../people/administrators-card.tsx'
import { KeysCard } from '../people/keys-card.tsx'
import { useMayWrite } from '../session/use-session.ts'
import { PageTitle } from '../shell/page-title.tsx'

/** Who may manage tokens: people, and programs by their keys. */
export function PeoplePage(): ReactElement {
  const mayWrite = useMayWrite()
  return (
    <div className="page">
      <PageTitle title="People and keys" />
      <div className="stack">
        {!mayWrite && <Panel tone="quiet">Your account may only look. Ask an administrator.</Panel>}
        <AdministratorsCard />
        <KeysCard />
      </div>
    </div>
  )
}
