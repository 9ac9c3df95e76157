import type { SettingName } from './config.ts'
import { SETTING_GROUPS, type Setting } from './setting.ts'
import { flagName, variableName } from './setting-name.ts'
import { CONFIG_FILE, SETTING_NAMES, SETTINGS } from './settings.ts'

/** The reference page of all settings (Markdown), made from the table. */
export function settingsReference(): string {
  return [INTRODUCTION, ...SETTING_GROUPS.map(groupSection)].join('\n')
}

const INTRODUCTION = `# Settings

Each setting can be given as a flag (\`--max-domains 5\`), as a variable (\`${variableName('maxDomains')}=5\`) or as a
member of a JSON file (\`{"maxDomains": 5}\`) that \`--${flagName(CONFIG_FILE)} FILE\` or \`${variableName(CONFIG_FILE)}\` names. A flag
goes before a variable, a variable before the file. Nothing is read again while the program runs.

- Switches: \`--flag\` or \`--flag=true\`, \`--flag=false\`; a variable takes \`true\`, \`false\`, \`1\` or \`0\`.
- Lists: elements between commas; in the file an array of strings.
- An unknown flag, an unknown variable that begins with \`KEYFENCE_\` and an unknown member of the file are
  errors. All problems are shown at once.
- A secret is no flag. It is given as a variable, or in a file that its owner alone may read (mode 0600),
  and is shown as \`***\`.

\`keyfence config print\` shows what is in force and where it came from; \`keyfence config check\` says what
is wrong.
`

function groupSection(group: string): string {
  const names = SETTING_NAMES.filter((name) => SETTINGS[name].group === group)
  const rows = names.map(settingRow)
  return `## ${group}

| setting | flag, variable | value | default | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`
}

function settingRow(name: SettingName): string {
  const setting = SETTINGS[name]
  const flag = setting.isSecret ? 'no flag' : `\`--${flagName(name)}\``
  const cells = [
    `\`${name}\``,
    `${flag}<br>\`${variableName(name)}\``,
    valueCell(setting),
    setting.default === undefined ? setting.withoutDefault : defaultCell(setting.default),
    setting.meaning,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function valueCell({ shape, syntax, isSecret }: Setting<unknown>): string {
  const value = shape === 'number' ? syntax : `\`${syntax}\``
  return isSecret ? `${value}, secret` : value
}

function defaultCell(text: string): string {
  return text === '' ? 'empty' : `\`${text}\``
}
