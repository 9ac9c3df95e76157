import { expect, test } from 'vitest'
import { flagName, variableName } from './setting-name.ts'
import { SETTING_NAMES, SETTINGS } from './settings.ts'
import { settingsReference } from './settings-reference.ts'

// After a change of the table, `vitest run <this file> --update` writes the page again. The path goes
// first: behind `--update` it would be taken for its value, and the whole suite would run.
test('the reference page says what the table says', async () => {
  await expect(settingsReference()).toMatchFileSnapshot('../../../../docs/settings.md')
})

test('every setting stands in the page with its flag, unless it is a secret, and its variable', () => {
  const page = settingsReference()
  for (const name of SETTING_NAMES) {
    expect(page).toContain(`| \`${name}\` |`)
    expect(page).toContain(`\`${variableName(name)}\``)
    expect(page.includes(`\`--${flagName(name)}\``)).toBe(!SETTINGS[name].isSecret)
  }
})
