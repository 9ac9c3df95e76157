import { type ReactElement, type ReactNode, useEffect } from 'react'

/** The heading of a page, which is its title in the browser too. */
export function PageTitle({
  title,
  children,
}: {
  title: string
  children?: ReactNode
}): ReactElement {
  useEffect(() => {
    document.title = `${title} · Keyfence`
  }, [title])
  return (
    <div className="page-head">
      <h1 className="page-title wrap">{title}</h1>
      {children}
    </div>
  )
}
