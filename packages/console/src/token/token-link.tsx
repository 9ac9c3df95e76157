import { useRouter } from '@tanstack/react-router'
import type { MouseEvent, ReactElement } from 'react'

/** How long a pointer rests on a name before its token is fetched: it may only be passing. */
const REST_MS = 50

/** One pointer, one timer. */
let resting: ReturnType<typeof setTimeout> | undefined

/**
 * The way from a row of a list to its token. The router's own link asks at every change of the URL
 * whether it leads to the page that is open; here that is known.
 */
export function TokenLink({ id, name }: { id: string; name: string }): ReactElement {
  const router = useRouter()
  const place = { to: '/tokens/$id/access', params: { id } } as const
  const fetchSoon = (): void => {
    clearTimeout(resting)
    resting = setTimeout(() => void router.preloadRoute(place), REST_MS)
  }
  const open = (event: MouseEvent): void => {
    if (!isPlain(event)) return
    event.preventDefault()
    void router.navigate(place)
  }
  return (
    <a
      href={`/tokens/${encodeURIComponent(id)}/access`}
      className="main-link"
      onPointerEnter={fetchSoon}
      onPointerLeave={() => clearTimeout(resting)}
      onPointerDown={() => void router.preloadRoute(place)}
      onFocus={fetchSoon}
      onBlur={() => clearTimeout(resting)}
      onClick={open}
    >
      {name}
    </a>
  )
}

/** Whether it opens here: with these keys, browsers open another tab or window, or save. */
function isPlain({ button, metaKey, altKey, ctrlKey, shiftKey }: MouseEvent): boolean {
  return button === 0 && !(metaKey || altKey || ctrlKey || shiftKey)
}
