import { Argument, type Command, Option } from 'commander'
import { checkEntry, type EntryKind } from './check-entry.ts'
import type { CommandIo, CommandRun, ExitCode } from './command.ts'
import { writeJson, writeText } from './output.ts'

/** `keyfence entry check`. */
export function registerEntry(program: Command, { io, finish }: CommandRun): void {
  const entry = program.command('entry').description('check what may be listed')
  const check = entry
    .command('check')
    .description('would this be accepted in a list, and as what? Exit code 1 if not')
    .addArgument(new Argument('[kind]', 'the list it is for').choices(['domain', 'ip']))
    .argument('[value]', 'the entry as you would type it')
    .option('--subdomains', 'the domain and everything below it')
    .option('--allow-ip-ranges', 'take CIDR blocks')
    .option('--allow-private-addresses', 'take private and other special addresses')
    .option('--json', 'print JSON')
    .addOption(
      new Option('--jsonl', 'answer JSON Lines from standard input').conflicts([
        'subdomains',
        'allowIpRanges',
        'allowPrivateAddresses',
      ]),
    )
    .addHelpText('after', EXAMPLES)
  check.action(async (kind?: EntryKind, value?: string, options: EntryOptions = {}) => {
    if (options.jsonl && kind !== undefined) check.error(`error: ${NOTHING_BESIDE_LINES}`)
    if (options.jsonl) return finish(await checkLines(io))
    if (kind === undefined || value === undefined) return check.error(`error: ${BOTH_NEEDED}`)
    return finish(await checkOne(kind, value, { options, io }))
  })
}

interface EntryOptions {
  readonly subdomains?: true
  readonly allowIpRanges?: true
  readonly allowPrivateAddresses?: true
  readonly json?: true
  readonly jsonl?: true
}

const NOTHING_BESIDE_LINES = '--jsonl takes entries from standard input alone'
const BOTH_NEEDED = 'name the list and the entry: keyfence entry check domain example.com'

const EXAMPLES = `
Examples:
  keyfence entry check domain https://www.example.com/shop
  keyfence entry check domain example.com --subdomains
  keyfence entry check ip 8.8.8.0/24 --allow-ip-ranges
  echo '{"id":1,"kind":"ip","input":"8.8.8.8"}' | keyfence entry check --jsonl

A line for --jsonl:
  {"id":1,"kind":"domain"|"ip","input":"example.com","allowIpRanges":false,"allowPrivateAddresses":false}
and its answer:
  {"id":1,"ok":true,"value":"example.com","warnings":[]}
  {"id":1,"ok":false,"code":"domain_syntax","message":"…"}
With --jsonl the exit code is 2 if any line was malformed, else 0.`

async function checkLines({ stdin, stdout }: CommandIo): Promise<ExitCode> {
  // Imported where they are needed: the other commands start faster without their parser.
  const { entryCheckLine } = await import('./jsonl/entry-check-line.ts')
  const { answerJsonLines } = await import('./jsonl/json-lines.ts')
  const outcome = await answerJsonLines({ input: stdin, output: stdout }, entryCheckLine)
  return outcome.malformedLines > 0 ? 2 : 0
}

async function checkOne(
  kind: EntryKind,
  input: string,
  { options, io }: { readonly options: EntryOptions; readonly io: CommandIo },
): Promise<ExitCode> {
  const subdomains = options.subdomains ?? false
  const settings = {
    allowIpRanges: options.allowIpRanges ?? false,
    allowPrivateAddresses: options.allowPrivateAddresses ?? false,
  }
  const checked = checkEntry({ kind, input, settings, subdomains })
  if (options.json) await writeJson(io.stdout, checked)
  else await writeText(io.stdout, entryText(checked, subdomains))
  return checked.ok ? 0 : 1
}

function entryText(checked: ReturnType<typeof checkEntry>, subdomains: boolean): string {
  if (!checked.ok) return `refused (${checked.code}): ${checked.message}\n`
  const warnings = checked.warnings.map(({ code, message }) => `warning (${code}): ${message}\n`)
  const below = subdomains ? ' and everything below it' : ''
  return [`accepted as ${checked.value}${below}\n`, ...warnings].join('')
}
