import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Portal } from '../api/session.ts'

/** The way back to where the owner came from; out of a frame, if the portal stands in one. */
export function PortalExit({ portal }: { portal: Portal }): ReactElement | null {
  const { returnUrl } = portal
  if (returnUrl === null) return null
  return (
    <Button
      component="a"
      href={returnUrl}
      target="_top"
      size="xs"
      variant="default"
      className="portal-exit"
    >
      <span className="portal-exit-text">Back to {new URL(returnUrl).host}</span>
    </Button>
  )
}
