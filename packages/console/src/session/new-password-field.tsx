import { PasswordInput } from '@mantine/core'
import type { ReactElement } from 'react'

/** The password to be, once: it can be shown, so nobody has to type it twice. */
export function NewPasswordField(props: {
  value: string
  onChange: (password: string) => void
}): ReactElement {
  return (
    <PasswordInput
      label="Password"
      description="15 characters or more. A few words that do not belong together are best."
      autoComplete="new-password"
      required
      withAsterisk={false}
      minLength={12}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  )
}
