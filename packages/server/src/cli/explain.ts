import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CommandIo, CommandRun, ExitCode } from './command.ts'
import { type ExplainQuestion, explainRequest } from './explain-request.ts'
import { explanationJson, explanationText } from './explanation-text.ts'
import { writeJson, writeText } from './output.ts'
import {
  addEntryOptions,
  addOnOptions,
  collect,
  type EntryOptions,
  type OnOptions,
  typedRestrictions,
} from './restriction-options.ts'

/** `keyfence explain`. */
export function registerExplain(program: Command, { io, finish }: CommandRun): void {
  const explain = program
    .command('explain')
    .description(
      'would this request be allowed, by which rule, and if not why not? Exit code 1 if not',
    )
  addRestrictionOptions(explain)
  addRequestOptions(explain)
  explain
    .option('--json', 'print JSON')
    .addOption(
      new Option('--jsonl', 'answer JSON Lines from standard input').conflicts([
        ...RESTRICTION_OPTIONS,
        ...REQUEST_OPTIONS,
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (options: ExplainOptions) => {
      finish(options.jsonl ? await explainLines(io) : await explainOne(options, io))
    })
}

interface ExplainOptions extends EntryOptions, OnOptions {
  readonly allowIpRanges?: true
  readonly allowPrivateAddresses?: true
  readonly httpsOriginsOnly?: true
  readonly origin?: readonly string[]
  readonly referer?: readonly string[]
  readonly header?: readonly (readonly [name: string, value: string])[]
  readonly peer?: string
  readonly trustedProxy?: readonly string[]
  readonly json?: true
  readonly jsonl?: true
}

const RESTRICTION_OPTIONS = [
  'domain',
  'domainWithSubdomains',
  'ip',
  'domainsOn',
  'ipsOn',
  'allowIpRanges',
  'allowPrivateAddresses',
  'httpsOriginsOnly',
] as const satisfies readonly (keyof ExplainOptions)[]

const REQUEST_OPTIONS = [
  'origin',
  'referer',
  'header',
  'peer',
  'trustedProxy',
] as const satisfies readonly (keyof ExplainOptions)[]

function addRestrictionOptions(explain: Command): void {
  explain.optionsGroup('The token’s lists (a list is on once it has an entry):')
  addOnOptions(addEntryOptions(explain))
    .option('--allow-ip-ranges', 'take CIDR blocks')
    .option('--allow-private-addresses', 'take private and other special addresses')
    .option('--https-origins-only', 'only pages served over https may match a listed domain')
}

function addRequestOptions(explain: Command): void {
  explain
    .optionsGroup('The request:')
    .option('--origin <ORIGIN>', 'its Origin field', collect)
    .option('--referer <URL>', 'its Referer field', collect)
    .option('--header <FIELD>', 'any other field, as "Name: value"; may be repeated', collectField)
    .option('--peer <ADDRESS>', 'the address that it comes from')
    .option(
      '--trusted-proxy <ADDRESS>',
      'an address or block whose X-Forwarded-For is believed',
      collect,
    )
    .optionsGroup('Options:')
}

const EXAMPLES = `
Examples:
  A page on the listed domain, and one that is not:
    keyfence explain --domain example.com --origin https://example.com
    keyfence explain --domain example.com --origin https://evil.example
  A server behind a proxy:
    keyfence explain --ip 8.8.8.8 --peer 10.0.0.2 --trusted-proxy 10.0.0.0/8 \\
      --header 'X-Forwarded-For: 8.8.8.8'
  A policy test in a shell:
    keyfence explain --domain example.com --peer 8.8.8.8 && echo "servers are let in!"

A line for --jsonl:
  {"id":1,"restrictions":{"domains":{"enabled":true,"entries":["example.com"]}},
   "request":{"headers":[["Origin","https://example.com"]],"peer":"8.8.8.8"}}
and its answer (an entry that is none gives "problems" instead, a bad line "error"):
  {"id":1,"effect":"allow","source":"browser","reason":"domain_listed","domain":"example.com","address":null}
Further members, with their defaults: "trustedProxies":[], "allowIpRanges":false,
"allowPrivateAddresses":false. With --jsonl the exit code is 2 if any line was malformed, else 0.`

function collectField(
  text: string,
  previous: ExplainOptions['header'],
): NonNullable<ExplainOptions['header']> {
  const colon = text.indexOf(':')
  const name = text.slice(0, Math.max(colon, 0))
  // RFC 9110 §5.6.2.
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    throw new InvalidArgumentError('Write it as "Name: value".')
  }
  return [...(previous ?? []), [name, text.slice(colon + 1)]]
}

async function explainLines({ stdin, stdout }: CommandIo): Promise<ExitCode> {
  // Imported where they are needed: the other commands start faster without their parser.
  const { explainLine } = await import('./jsonl/explain-line.ts')
  const { answerJsonLines } = await import('./jsonl/json-lines.ts')
  const answer = (line: unknown): ReturnType<typeof explainLine> => explainLine(line)
  const outcome = await answerJsonLines({ input: stdin, output: stdout }, answer)
  return outcome.malformedLines > 0 ? 2 : 0
}

async function explainOne(options: ExplainOptions, io: CommandIo): Promise<ExitCode> {
  const question = questionOf(options)
  const explanation = explainRequest(question)
  if (options.json) await writeJson(io.stdout, explanationJson(explanation, question))
  if (explanation.kind === 'refused') {
    const lines = explanation.problems.map(
      ({ path, code, message }) => `${path} (${code}): ${message}\n`,
    )
    // Never 1: a policy test in a shell would take a mistyped entry for a denial.
    await writeText(io.stderr, lines.join(''))
    return 2
  }
  if (!options.json) await writeText(io.stdout, explanationText(explanation, question))
  return explanation.decision.effect === 'allow' ? 0 : 1
}

function questionOf(options: ExplainOptions): ExplainQuestion {
  return {
    restrictions: typedRestrictions(options),
    fields: [
      ...(options.origin ?? []).flatMap((value) => ['Origin', value]),
      ...(options.referer ?? []).flatMap((value) => ['Referer', value]),
      ...(options.header ?? []).flat(),
    ],
    peer: options.peer,
    trustedProxies: options.trustedProxy ?? [],
    settings: {
      maxDomains: 5,
      maxIps: 5,
      allowIpRanges: options.allowIpRanges ?? false,
      allowPrivateAddresses: options.allowPrivateAddresses ?? false,
      httpsOriginsOnly: options.httpsOriginsOnly ?? false,
    },
  }
}
