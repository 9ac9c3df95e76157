import { Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, ReactElement, Ref } from 'react'

type AnchorButtonProps = ButtonProps &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> & {
    ref?: Ref<HTMLAnchorElement>
  }

function AnchorButton(props: AnchorButtonProps): ReactElement {
  return <Button component="a" {...props} />
}

/** A link to a page that looks like a button. */
export const LinkButton = createLink(AnchorButton)
