import { NativeSelect, TextInput } from '@mantine/core'
import type { ReactElement } from 'react'
import { Panel } from '../notice/panel.tsx'
import { EXPIRY_CHOICES, type ExpiryChoice } from './expiry.ts'

/** When a token is to expire. */
export interface Expiry {
  readonly choice: ExpiryChoice
  /** `2027-01-31`, for a choice of a date. */
  readonly date: string
}

/** The choice of an expiry, with a warning for "never". */
export function ExpiryFields(props: {
  expiry: Expiry
  onChange: (expiry: Expiry) => void
}): ReactElement {
  const { expiry, onChange } = props
  return (
    <div className="stack">
      <div className="two expiry-fields">
        <NativeSelect
          label="Expires"
          data={EXPIRY_CHOICES.map(({ value, label }) => ({ value, label }))}
          value={expiry.choice}
          onChange={({ currentTarget: { value } }) =>
            onChange({
              ...expiry,
              choice: EXPIRY_CHOICES.find((one) => one.value === value)?.value ?? '90',
            })
          }
        />
        {expiry.choice === 'date' && (
          <TextInput
            type="date"
            label="Last day"
            required
            withAsterisk={false}
            value={expiry.date}
            onChange={({ currentTarget: { value } }) => onChange({ ...expiry, date: value })}
          />
        )}
      </div>
      {expiry.choice === 'never' && (
        <Panel tone="warn">
          A token that never expires works until somebody revokes it, also after it was forgotten.
        </Panel>
      )}
    </div>
  )
}
