import { type Command, InvalidArgumentError, Option } from 'commander'
import type { EpochMs } from '@keyfence/core'
import { parseDurationMs } from './duration.ts'

/** What may be said of a token beside its lists. */
export interface TokenOptions {
  readonly expiresIn?: number
  readonly expiresAt?: string
  readonly notBefore?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** Adds the options for the times and the metadata of a token. */
export function addTokenOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--expires-in <DURATION>', 'it ends that long from now: 90d, 24h, 15m, 30s')
        .argParser(toDurationMs)
        .conflicts('expiresAt'),
    )
    .option('--expires-at <TIME>', 'it ends then: 2027-01-31T12:00:00Z')
    .option('--not-before <TIME>', 'it begins then')
    .option(
      '--metadata <NAME=VALUE>',
      'handed on to the API, never judged; may be repeated',
      collectMetadata,
    )
}

/** When the token ends, `undefined` if nothing was said. */
export function expiresAtOf(
  { expiresIn, expiresAt }: TokenOptions,
  now: EpochMs,
): string | undefined {
  return expiresIn === undefined ? expiresAt : new Date(now + expiresIn).toISOString()
}

/** Reads the value of an option as milliseconds. */
export function toDurationMs(text: string): number {
  const parsed = parseDurationMs(text)
  if (parsed.ok) return parsed.value
  throw new InvalidArgumentError(parsed.problem)
}

/** Reads the value of `--limit`. */
export function toLimit(text: string): number {
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a number, 1 or more.')
}

function collectMetadata(
  text: string,
  previous: TokenOptions['metadata'],
): NonNullable<TokenOptions['metadata']> {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new InvalidArgumentError('Write it as NAME=VALUE.')
  // A null prototype: a name may be any word.
  return Object.assign(Object.create(null), previous, {
    [text.slice(0, equals)]: text.slice(equals + 1),
  })
}
