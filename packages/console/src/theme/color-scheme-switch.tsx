import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import type { ReactElement } from 'react'
import { Icon } from '../icon/icon.tsx'

/** Changes between light and dark; until it is used, the system's choice counts. */
export function ColorSchemeSwitch(): ReactElement {
  // Holding transitions back would write a <style>, which the Content-Security-Policy forbids.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const scheme = useComputedColorScheme('light')
  const other = scheme === 'light' ? 'dark' : 'light'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      title={`Use ${other} colours`}
      aria-label={`Use ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      <Icon name={scheme === 'light' ? 'moon' : 'sun'} />
    </ActionIcon>
  )
}
