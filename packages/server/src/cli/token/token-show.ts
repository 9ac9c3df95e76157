import type { Command } from 'commander'
import type { EpochMs } from '@keyfence/core'
import { TokenShown } from '../../api/schema/token.ts'
import { systemClock } from '../../fence/clock.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { tokenId } from '../identifiers.ts'
import { type ManagedRun, managed, readAnswer } from '../managed.ts'
import { writeJson, writeText } from '../output.ts'
import { isDone, reportRefusal } from '../refusal.ts'
import { factsText } from '../table.ts'
import { timeText } from '../time-text.ts'
import { type ShownToken, tokenState } from './token-state.ts'

/** `keyfence token show`. */
export function registerTokenShow(token: Command, run: CommandRun): void {
  const show = token
    .command('show')
    .description('show a token with its lists; its secret is never shown again')
    .argument('<id>', 'its id, tok_…')
    .addHelpText('after', EXAMPLES)
  managed(show, run, showToken)
}

const EXAMPLES = `
Examples:
  keyfence token show tok_019a2b3c-0000-7000-8000-000000000000
  keyfence token show tok_019a2b3c-0000-7000-8000-000000000000 --json | jq .restrictions`

async function showToken(run: ManagedRun<object>): Promise<ExitCode> {
  const { management, options, io } = run
  const answer = await management.ask('GET', `/v1/tokens/${tokenId(run)}`)
  if (!isDone(answer)) return reportRefusal(answer, { io, json: options.json })
  if (options.json) await writeJson(io.stdout, answer.body)
  else {
    const shown = readAnswer(TokenShown, answer.body)
    await writeText(io.stdout, tokenText(shown, systemClock.now()))
  }
  return 0
}

/** A token for people. */
export function tokenText(token: ShownToken, now: EpochMs): string {
  const { domains, ips } = token.restrictions
  const time = (iso: string | null) => (iso === null ? 'never' : timeText(iso, now))
  return factsText([
    ['Id', token.id],
    ['Name', token.name],
    ['Owner', token.owner],
    ['Secret', token.hint],
    ['State', tokenState(token, now)],
    ['Mode', token.mode],
    ['Metadata', ...metadataLines(token.metadata)],
    ['Created', time(token.createdAt)],
    ['Begins', token.notBefore === null ? 'at once' : time(token.notBefore)],
    ['Expires', time(token.expiresAt)],
    ['Last used', time(token.lastUsedAt)],
    ['Domains', onOff(domains.enabled), ...domains.entries.map(domainLine)],
    ['IPs', onOff(ips.enabled), ...ips.entries.map((entry) => labelled(entry.value, entry.label))],
    ['Use', token.worksFrom],
  ])
}

function metadataLines(metadata: Readonly<Record<string, string>>): readonly string[] {
  const lines = Object.entries(metadata).map(([name, value]) => `${name}=${value}`)
  return lines.length === 0 ? ['none'] : lines
}

function domainLine(entry: ShownToken['restrictions']['domains']['entries'][number]): string {
  const below = entry.subdomains ? ' and everything below it' : ''
  return labelled(`${entry.value}${below}`, entry.label)
}

function labelled(text: string, label: string): string {
  return label === '' ? text : `${text} (${label})`
}

function onOff(isOn: boolean): string {
  return isOn ? 'on' : 'off'
}
