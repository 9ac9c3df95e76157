import { type Command, Option } from 'commander'
import type { EpochMs } from '@keyfence/core'
import { TokenShown } from '../../api/schema/token.ts'
import { systemClock } from '../../fence/clock.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { type ManagedRun, managed, readAnswer } from '../managed.ts'
import { showItems } from '../show-items.ts'
import { tableText } from '../table.ts'
import { toLimit } from '../token-options.ts'
import { type ShownToken, tokenState } from './token-state.ts'

/** `keyfence token list`. */
export function registerTokenList(token: Command, run: CommandRun): void {
  const list = token
    .command('list')
    .description('list tokens in the order of their creation')
    .option('--owner <OWNER>', 'of this customer alone')
    .addOption(
      new Option('--status <STATUS>', 'with this status alone').choices([
        'active',
        'disabled',
        'revoked',
      ]),
    )
    .option('--name <TEXT>', 'whose name holds this, upper or lower case')
    .option('--limit <NUMBER>', 'how many at most', toLimit, 50)
    .addHelpText('after', EXAMPLES)
  managed(list, run, listTokens)
}

interface ListOptions {
  readonly owner?: string
  readonly status?: string
  readonly name?: string
  readonly limit: number
}

const EXAMPLES = `
Examples:
  keyfence token list --owner acme
  keyfence token list --status active --name shop --limit 500
  keyfence token list --json | jq -r '.items[].id'

STATE is the status, or "expired", "not yet" or "report" (report mode) of a token that is active.
DOMAINS and IPS say how many entries a list has that is on. With --json: {"items":[…],"more":false}.`

function listTokens(run: ManagedRun<ListOptions>): Promise<ExitCode> {
  const { owner, status, name, limit } = run.options
  const asked = { path: '/v1/tokens', filter: { owner, status, name }, limit }
  return showItems(run, asked, (items) => {
    const tokens = items.map((item) => readAnswer(TokenShown, item))
    return tokenTable(tokens, systemClock.now())
  })
}

function tokenTable(tokens: readonly ShownToken[], now: EpochMs): string {
  const columns = [
    { title: 'ID' },
    { title: 'NAME', mayShrink: true },
    { title: 'OWNER', mayShrink: true },
    { title: 'STATE' },
    { title: 'DOMAINS' },
    { title: 'IPS' },
  ]
  const rows = tokens.map((token) => [
    token.id,
    token.name,
    token.owner,
    tokenState(token, now),
    entryCount(token.restrictions.domains),
    entryCount(token.restrictions.ips),
  ])
  return tableText(columns, rows)
}

function entryCount(list: { readonly enabled: boolean; readonly entries: readonly unknown[] }) {
  return list.enabled ? String(list.entries.length) : 'off'
}
