import { type Command, Option } from 'commander'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { RefusalReason } from '@keyfence/core'
import { parseTokenId } from '../api/parse-identifier.ts'
import { RefusalReasonText, RefusalShown } from '../api/schema/activity.ts'
import type { CommandIo, CommandRun, ExitCode } from './command.ts'
import type { ManagementAnswer } from './management-client.ts'
import { type ManagedRun, managed, readAnswer } from './managed.ts'
import { type WriteOutcome, writeText } from './output.ts'
import { printable } from './printable.ts'
import { isDone, reportRefusal } from './refusal.ts'
import { shortTime } from './time-text.ts'

/** `keyfence tail`. */
export function registerTail(program: Command, run: CommandRun): void {
  const tail = program
    .command('tail')
    .description('follow refusals as they happen, one line each, until it is stopped')
    .option('--token <ID>', 'of this token alone')
    .option('--owner <OWNER>', 'of this customer’s tokens alone')
    .addOption(
      new Option('--reason <REASON>', 'for this reason alone').choices(RefusalReasonText.options),
    )
    .addHelpText('after', EXAMPLES)
  managed(tail, run, followRefusals)
}

interface TailOptions {
  readonly token?: string
  readonly owner?: string
  readonly reason?: string
}

const EXAMPLES = `
Examples:
  keyfence tail --owner acme
  keyfence tail --reason domain_not_listed --json | jq -r .domain

With --json a line is a JSON object. Refusals of tokens in report mode, which were let through, are
marked with "report". Refusals without a known token, such as token_unknown, have no owner.`

const POLL_INTERVAL_MS = 1000
const PAGE_LENGTH_MAX = 200

const RefusalPage = z.object({ items: z.array(RefusalShown), tailCursor: z.string() })

async function followRefusals(run: ManagedRun<TailOptions>): Promise<ExitCode> {
  const { io, options, management } = run
  const filter = filterOf(run)
  const missing = await missingToken(run)
  if (missing !== undefined) return reportRefusal(missing, { io, json: options.json })
  const ask = (page: Readonly<Record<string, string>>): Promise<ManagementAnswer> =>
    management.ask('GET', `/v1/refusals?${new URLSearchParams({ ...filter, ...page }).toString()}`)
  const stopping = stopSignal(io)
  let answer = await ask({ limit: '1' })
  if (isDone(answer)) await writeText(io.stderr, await greeting(run))
  let after = ''
  while (isDone(answer)) {
    const { items, tailCursor } = readAnswer(RefusalPage, answer.body)
    // The first answer only says where to go on from.
    const written = after === '' ? 'written' : await writeLines(items, run)
    if (written === 'closed') return 0
    after = tailCursor
    if (items.length < PAGE_LENGTH_MAX) await pause(stopping)
    if (stopping.aborted) return 0
    answer = await ask({ limit: String(PAGE_LENGTH_MAX), after })
  }
  return reportRefusal(answer, { io, json: options.json })
}

function filterOf({
  options,
  wrongUse,
}: ManagedRun<TailOptions>): Readonly<Record<string, string>> {
  const { token, owner, reason } = options
  if (token !== undefined && parseTokenId(token) === undefined) wrongUse(NO_TOKEN_ID)
  if (reason !== undefined && TOKENLESS_REASONS.has(reason) && (token ?? owner) !== undefined)
    wrongUse(`no token is known of ${reason}: leave --token and --owner out`)
  return {
    ...(token === undefined ? {} : { token }),
    ...(owner === undefined ? {} : { owner }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Refusals for these are nobody's. */
const TOKENLESS_REASONS: ReadonlySet<string> = new Set<RefusalReason>([
  'token_missing',
  'token_malformed',
  'token_ambiguous',
  'token_unknown',
  'store_unavailable',
  'record_unreadable',
  'check_caller_not_trusted',
])

const NO_TOKEN_ID = 'a token is named by its id, tok_…: "keyfence token list" shows them'

/** Of a token that is not there nothing would ever come. */
async function missingToken({
  options,
  management,
}: ManagedRun<TailOptions>): Promise<ManagementAnswer | undefined> {
  if (options.token === undefined) return undefined
  const answer = await management.ask('GET', `/v1/tokens/${options.token}`)
  return isDone(answer) ? undefined : answer
}

/** A customer may get their first token while this waits, so a name that nobody has is no error. */
async function greeting({ options, management }: ManagedRun<TailOptions>): Promise<string> {
  const waiting = 'Waiting for refusals; Ctrl-C ends it.\n'
  if (options.owner === undefined) return waiting
  const { owner } = options
  const query = new URLSearchParams({ owner, limit: '1' }).toString()
  const answer = await management.ask('GET', `/v1/tokens?${query}`)
  const isNobodys = isDone(answer) && readAnswer(TokenPage, answer.body).items.length === 0
  return isNobodys ? `No token of ${owner} is there yet. ${waiting}` : waiting
}

const TokenPage = z.object({ items: z.array(z.unknown()) })

function stopSignal({ stopRequested }: CommandIo): AbortSignal {
  const stopping = new AbortController()
  void stopRequested.then(() => stopping.abort())
  return stopping.signal
}

/** Ends early when the program is asked to stop. */
async function pause(signal: AbortSignal): Promise<void> {
  await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
}

async function writeLines(
  items: readonly z.infer<typeof RefusalShown>[],
  { io, options }: ManagedRun<TailOptions>,
): Promise<WriteOutcome> {
  if (items.length === 0) return 'written'
  const lines = items.map((item) => (options.json ? jsonLine(item) : refusalLine(item)))
  return writeText(io.stdout, lines.map((line) => `${line}\n`).join(''))
}

/** What differs in length comes last. */
function refusalLine(refusal: z.infer<typeof RefusalShown>): string {
  const { refusedAt, requestId, reason, enforced, tokenId, method, path } = refusal
  const place = refusal.domain ?? refusal.address ?? '-'
  const columns = [
    shortTime(refusedAt),
    requestId,
    reason.padEnd(REASON_WIDTH),
    enforced ? '      ' : 'report',
    tokenId ?? '-',
    place,
    method,
    path,
  ]
  return printable(columns.join(' '))
}

const REASON_WIDTH = Math.max(...RefusalReasonText.options.map(({ length }) => length))

/** ASCII alone: nothing in it that a terminal might obey. */
function jsonLine(refusal: z.infer<typeof RefusalShown>): string {
  return JSON.stringify(refusal).replace(/[^ -~]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
