import { type ReactElement, type ReactNode, useEffect } from 'react'
import { Icon } from '../icon/icon.tsx'

/** The card of a page before the console. */
export function DoorCard({
  title,
  children,
}: {
  title: string
  children: ReactNode
}): ReactElement {
  useEffect(() => {
    document.title = `${title} · Keyfence`
  }, [title])
  return (
    <main className="center-page">
      <div className="card center-card">
        <span className="brand">
          <Icon name="fence" size={28} />
        </span>
        <h1 className="page-title">{title}</h1>
        {children}
      </div>
    </main>
  )
}
