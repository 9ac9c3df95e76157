import type { Command } from 'commander'
import { z } from 'zod'
import { type EpochMs, type RefusalReason, refusalStatus } from '@keyfence/core'
import { parseRequestId } from '../api/parse-identifier.ts'
import { RefusalShown } from '../api/schema/activity.ts'
import { systemClock } from '../fence/clock.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { type ManagedRun, managed, readAnswer } from './managed.ts'
import { writeJson, writeText } from './output.ts'
import { isDone, reportRefusal } from './refusal.ts'
import { factsText } from './table.ts'
import { timeText } from './time-text.ts'

/** `keyfence why`. */
export function registerWhy(program: Command, run: CommandRun): void {
  const why = program
    .command('why')
    .description('why was this request refused, and what to do?')
    .argument('<request-id>', 'the Keyfence-Request-Id of its answer, req_…')
    .addHelpText('after', EXAMPLES)
  managed(why, run, explainRefusal)
}

const EXAMPLES = `
Examples:
  keyfence why req_3q2-7wAAAAAAAAAAAAAAAA
  keyfence why req_3q2-7wAAAAAAAAAAAAAAAA --json | jq -r .sentence`

const ExplainedRefusal = RefusalShown.extend({ sentence: z.string() })

async function explainRefusal(run: ManagedRun<object>): Promise<ExitCode> {
  const { management, options, io, args, wrongUse } = run
  const requestId = parseRequestId(args[0] ?? '') ?? wrongUse(NO_REQUEST_ID)
  const answer = await management.ask('GET', `/v1/refusals/${requestId}`)
  if (!isDone(answer)) return reportRefusal(answer, { io, json: options.json })
  const refusal = readAnswer(ExplainedRefusal, answer.body)
  await (options.json
    ? writeJson(io.stdout, answer.body)
    : writeText(io.stdout, refusalText(refusal, systemClock.now())))
  return 0
}

const NO_REQUEST_ID =
  'a request is named by the Keyfence-Request-Id of its answer, req_ and 22 characters'

function refusalText(refusal: z.infer<typeof ExplainedRefusal>, now: EpochMs): string {
  const { reason, tokenId, owner, method, path } = refusal
  return factsText([
    ['Reason', reason],
    ['Why', refusal.sentence],
    ['Request', `${method} ${path}`],
    ['From', placeText(refusal)],
    ['When', timeText(refusal.refusedAt, now)],
    ['Token', tokenId === null ? 'none is known' : `${tokenId} of ${owner}`],
    ['Answer', refusal.enforced ? answerText(reason) : LET_THROUGH],
    ['More', `docs/codes/${reason}.md`],
  ])
}

const LET_THROUGH = 'that of the API: the token is in report mode, and the request was let through'

function answerText(reason: RefusalReason): string {
  return `${refusalStatus(reason)}, and no word why`
}

function placeText({ source, domain, address }: z.infer<typeof RefusalShown>): string {
  switch (source) {
    case 'browser':
      return domain === null ? 'a browser that names no domain' : `a browser on ${domain}`
    case 'server':
      return address === null ? 'a server whose address cannot be told' : `a server at ${address}`
    case null:
      return 'not looked at, as no token is known'
    default:
      return source satisfies never
  }
}
