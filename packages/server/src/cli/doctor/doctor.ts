import type { Command } from 'commander'
import { existsSync } from 'node:fs'
import { systemClock } from '../../fence/clock.ts'
import { managementSocketPath } from '../../node/management-socket.ts'
import type { CommandIo, CommandRun, ExitCode } from '../command.ts'
import { connectManagement, UnreachableError } from '../management-client.ts'
import { writeJson, writeText } from '../output.ts'
import { addPlaceOptions, placeConfig } from '../place.ts'
import { factsText } from '../table.ts'
import { checkDatabase } from './check-database.ts'
import { checkFolder } from './check-folder.ts'
import { checkNode } from './check-node.ts'
import { checkStore } from './check-store.ts'
import { checkThrough } from './check-through.ts'
import { type Finding, ok, problem } from './finding.ts'
import { tokenCarriers } from './token-carrier.ts'

/** `keyfence doctor`. */
export function registerDoctor(program: Command, { io, finish }: CommandRun): void {
  const doctor = program
    .command('doctor')
    .description('what is wrong with this installation, and what to do? Exit code 1 if anything is')
    .addHelpText('after', EXAMPLES)
  addPlaceOptions(doctor, 'folder')
    .option('--through <URL>', 'also send requests of its own through the proxy at this URL')
    .option('--json', 'print JSON')
    .action(async ({ through, json }: DoctorOptions) => {
      const url = through === undefined ? undefined : urlOf(through)
      if (url === 'none') return doctor.error(`error: ${NO_URL}`)
      const findings = await findingsOn(doctor, io)
      const more = url === undefined ? [] : await findingsThrough(url, doctor, io)
      return finish(await tell([...findings, ...more], { io, json }))
    })
}

interface DoctorOptions {
  readonly through?: string
  readonly json?: true
}

const NO_URL = '--through takes the URL that callers use: https://api.example.com'

function urlOf(text: string): URL | 'none' {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : 'none'
}

const EXAMPLES = `
Examples:
  keyfence doctor --data /var/lib/keyfence
  keyfence doctor --data /var/lib/keyfence --through https://api.example.com

Looks at the settings, who may read the data folder, disk space, the soundness of the store, its schema
and records, the clock, and whether a node runs there and is ready. Changes nothing.

With --through, the node that runs there issues a token that nobody may use, requests with it go through
the proxy, with forged fields too, and what Keyfence saw of them is told; then the token is deleted. None
of these requests is let through to the API, if the proxy asks Keyfence at all. The token goes where the
settings tokenFields and tokenQuery say: if the node has them from flags, give them here by --config, or as
KEYFENCE_TOKEN_FIELDS and KEYFENCE_TOKEN_QUERY.`

async function findingsOn(doctor: Command, io: CommandIo): Promise<readonly Finding[]> {
  const settings = placeConfig(doctor, io)
  if (!settings.ok) {
    return settings.problem.map(({ place, message }) =>
      problem('settings', `${place}: ${message}`, 'Mend it: the rest was not looked at.'),
    )
  }
  const { data, databaseUrl } = settings.value
  if (databaseUrl !== undefined) {
    const inOrder = ok('settings', 'The settings are in order.')
    return [inOrder, ...(await checkDatabase(settings.value)), await checkNode(data)]
  }
  const folder = checkFolder(data)
  const findings = [ok('settings', 'The settings are in order.'), ...folder]
  if (folder.some(({ about }) => about === 'folder')) return findings
  // The node is asked first: looking whether somebody holds the store must not meet ourselves.
  const node = await checkNode(data)
  return [...findings, ...(await checkStore(data, systemClock.now())), node]
}

async function findingsThrough(
  url: URL,
  doctor: Command,
  io: CommandIo,
): Promise<readonly Finding[]> {
  const settings = placeConfig(doctor, io)
  if (!settings.ok) return []
  const socketPath = managementSocketPath(settings.value.data)
  if (socketPath === undefined || !existsSync(socketPath)) return [NO_NODE]
  try {
    const management = await connectManagement(settings.value)
    const way = { url, carriers: tokenCarriers(settings.value) }
    return await checkThrough(way, management).finally(() => management.close())
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return [problem('through', error.message, NO_NODE.remedy)]
  }
}

const NO_NODE = {
  level: 'problem',
  about: 'through',
  message: 'No node runs here that could tell what arrived.',
  remedy: 'Run this where the node that the proxy asks has its data folder.',
} as const

async function tell(
  findings: readonly Finding[],
  { io, json }: { readonly io: CommandIo; readonly json: true | undefined },
): Promise<ExitCode> {
  const isWell = findings.every(({ level }) => level !== 'problem')
  if (json) await writeJson(io.stdout, { ok: isWell, findings })
  else await writeText(io.stdout, findingsText(findings))
  return isWell ? 0 : 1
}

function findingsText(findings: readonly Finding[]): string {
  return factsText(
    findings.map(({ level, about, message, remedy }) => [
      `${level.padEnd(7)}  ${about}`,
      message,
      ...(remedy === undefined ? [] : [`→ ${remedy}`]),
    ]),
  )
}
