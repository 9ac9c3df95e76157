import { type Command, Option } from 'commander'
import type { z } from 'zod'
import type { RestrictionsInput } from '@keyfence/core'
import { RestrictionsShown, Warnings } from '../../api/schema/restrictions.ts'
import { worksFrom } from '../../token/works-from.ts'
import type { CommandRun, ExitCode } from '../command.ts'
import { tokenId } from '../identifiers.ts'
import { type ManagedRun, managed, readAnswer } from '../managed.ts'
import { writeJson, writeText } from '../output.ts'
import { printable } from '../printable.ts'
import { isDone, reportRefusal } from '../refusal.ts'
import {
  addEntryOptions,
  domainEntries,
  type EntryOptions,
  ipEntries,
} from '../restriction-options.ts'
import { warningLines } from '../warning-lines.ts'

/** `keyfence token restrict`. */
export function registerTokenRestrict(token: Command, run: CommandRun): void {
  const restrict = token
    .command('restrict')
    .description('say where a token may be used; a list that is not named stays as it is')
    .argument('<id>', 'its id, tok_…')
    .optionsGroup('Entries (they replace those of their list, and turn it on):')
  addEntryOptions(restrict)
    .optionsGroup('Switches (a list that is off keeps its entries):')
    .addOption(new Option('--domains <SWITCH>', 'the domain list').choices(['on', 'off']))
    .addOption(new Option('--ips <SWITCH>', 'the IP list').choices(['on', 'off']))
    .optionsGroup('Emptying (a list that is on and empty matches nobody):')
    .addOption(
      new Option('--clear-domains', 'take every domain out; the switch stays').conflicts([
        'domain',
        'domainWithSubdomains',
      ]),
    )
    .addOption(new Option('--clear-ips', 'take every address out, likewise').conflicts('ip'))
    .optionsGroup('Options:')
    .addHelpText('after', EXAMPLES)
  managed(restrict, run, restrictToken)
}

interface RestrictOptions extends EntryOptions {
  readonly domains?: 'on' | 'off'
  readonly ips?: 'on' | 'off'
  readonly clearDomains?: true
  readonly clearIps?: true
}

const EXAMPLES = `
Examples (ID is tok_…):
  keyfence token restrict ID --domain example.com --domain-with-subdomains example.org
      The domain list is on and holds these two; the IP list stays as it is.
  keyfence token restrict ID --ips off
      Servers need not be listed any more; the addresses are kept.
  keyfence token restrict ID --clear-ips --ips off
  keyfence token restrict ID --domain example.com --ip 8.8.8.8 --ip 2606:4700::1111

Nothing is saved if an entry is refused (each is named with its code), or if somebody else changed the
token meanwhile. Exit codes: 0 saved, 1 refused, 2 wrong use or unreachable.`

async function restrictToken(run: ManagedRun<RestrictOptions>): Promise<ExitCode> {
  const { management, options, io, wrongUse } = run
  const path = `/v1/tokens/${tokenId(run)}/restrictions`
  if (!isAnyListNamed(options)) wrongUse('name a list: --domain, --ip, --domains, --ips, …')
  const { json } = options
  const before = await management.ask('GET', path)
  if (!isDone(before)) return reportRefusal(before, { io, json })
  const restrictions = changed(readAnswer(RestrictionsShown, before.body), options)
  // The version that was read: what somebody else saved meanwhile is not overwritten.
  const sent = { body: restrictions, ifMatch: before.etag }
  const answer = await management.ask('PUT', path, sent)
  if (!isDone(answer)) return reportRefusal(answer, { io, json, restrictions })
  const { warnings, ...saved } = readAnswer(Replaced, answer.body)
  await writeText(io.stderr, warningLines(warnings, restrictions))
  await (json
    ? writeJson(io.stdout, answer.body)
    : writeText(io.stdout, `Saved. ${printable(worksFrom(saved))}\n`))
  return 0
}

const Replaced = RestrictionsShown.extend({ warnings: Warnings })

function isAnyListNamed(options: RestrictOptions): boolean {
  const { domains, ips, clearDomains, clearIps } = options
  const entries = [...domainEntries(options), ...ipEntries(options)]
  return entries.length > 0 || [domains, ips, clearDomains, clearIps].some(Boolean)
}

function changed(
  { domains, ips }: z.infer<typeof RestrictionsShown>,
  options: RestrictOptions,
): RestrictionsInput {
  return {
    domains: changedList(domains, {
      entries: domainEntries(options),
      turn: options.domains,
      isCleared: options.clearDomains ?? false,
    }),
    ips: changedList(ips, {
      entries: ipEntries(options),
      turn: options.ips,
      isCleared: options.clearIps ?? false,
    }),
  }
}

interface Entry {
  readonly value: string
  readonly subdomains?: boolean
  readonly label?: string
}

interface ListChange {
  readonly entries: readonly Entry[]
  readonly turn: 'on' | 'off' | undefined
  readonly isCleared: boolean
}

function changedList(
  stored: { readonly enabled: boolean; readonly entries: readonly Entry[] },
  { entries, turn, isCleared }: ListChange,
): { readonly enabled: boolean; readonly entries: readonly Entry[] } {
  const isReplaced = entries.length > 0
  const enabled = turn === undefined ? isReplaced || stored.enabled : turn === 'on'
  if (!isReplaced) return { enabled, entries: isCleared ? [] : stored.entries }
  // An entry that was there already keeps its label, which the command line has no word for.
  const labelled = entries.map((entry) => {
    const known = stored.entries.find(
      ({ value, subdomains }) => value === entry.value && subdomains === entry.subdomains,
    )
    return { ...entry, label: known?.label ?? '' }
  })
  return { enabled, entries: labelled }
}
