import type { Command } from 'commander'
import type { EpochMs } from '@keyfence/core'
import { existsSync } from 'node:fs'
import type { Config } from '../../config/config.ts'
import type { DatabasePlace } from '../../config/database-url.ts'
import { systemClock } from '../../fence/clock.ts'
import { managementSocketPath } from '../../node/management-socket.ts'
import type { CommandIo, CommandRun, ExitCode } from '../command.ts'
import { connectManagement, UnreachableError } from '../management-client.ts'
import { writeJson, writeText } from '../output.ts'
import { packageVersion } from '../package-version.ts'
import { addPlaceOptions, placeConfig } from '../place.ts'
import { factsText } from '../table.ts'
import { checkDatabase } from './check-database.ts'
import { checkFolder, checkNodeFolder } from './check-folder.ts'
import { checkListeners } from './check-listeners.ts'
import { checkNode } from './check-node.ts'
import { checkRuntime } from './check-runtime.ts'
import { checkSnapshot } from './check-snapshot.ts'
import { checkStore } from './check-store.ts'
import { checkThrough } from './check-through.ts'
import { type Finding, ok, problem } from './finding.ts'
import { readRunningSettings } from './running-settings.ts'

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

Looks at the version of Node, the settings, who may read the data folder, disk space, the way to the
database, the soundness of the store, its schema and records, the clock, who can sign in, the snapshot,
and whether a node runs there, is ready, up to date and records what it judges. Changes nothing. What may
be meant so is a note; exit code 1 says that there is a problem.

With --through, the node that runs there issues a token that nobody may use, requests with it go through
the proxy, with forged fields too, and what Keyfence saw of them is told; then the token is deleted. None
of these requests is let through to the API, if the proxy asks Keyfence at all. The token goes where the
node that runs reads one, and what is wrong comes with the line for the proxy that its profile names.`

async function findingsOn(doctor: Command, io: CommandIo): Promise<readonly Finding[]> {
  const settings = placeConfig(doctor, io)
  if (!settings.ok) {
    return settings.problem.map(({ place, message }) =>
      problem('settings', `${place}: ${message}`, 'Mend it: the rest was not looked at.'),
    )
  }
  const now = systemClock.now()
  const findings = [
    checkRuntime(process.versions.node, now),
    ok('settings', 'The settings are in order.'),
    ...checkListeners(settings.value),
  ]
  const { databaseUrl } = settings.value
  const more =
    databaseUrl === undefined
      ? await findingsInFolder(settings.value, now)
      : await findingsInDatabase(settings.value, databaseUrl, now)
  return [...findings, ...more]
}

async function findingsInDatabase(
  config: Config,
  place: DatabasePlace,
  now: EpochMs,
): Promise<readonly Finding[]> {
  return [
    ...checkNodeFolder(config.data),
    ...(await checkDatabase(config, place, now)),
    ...checkSnapshot(config.data, packageVersion()),
    ...(await checkNode(config)),
  ]
}

async function findingsInFolder(config: Config, now: EpochMs): Promise<readonly Finding[]> {
  const { data } = config
  const folder = checkFolder(data)
  if (folder.some(({ about }) => about === 'folder')) return folder
  // The node is asked first: looking whether somebody holds the store must not meet ourselves.
  const node = await checkNode(config)
  const store = await checkStore(data, now)
  return [...folder, ...store, ...checkSnapshot(data, packageVersion()), ...node]
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
    try {
      return await checkThrough({ url, ...(await readRunningSettings(management)) }, management)
    } finally {
      await management.close()
    }
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
