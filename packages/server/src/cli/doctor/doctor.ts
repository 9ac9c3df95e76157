import type { Command } from 'commander'
import { systemClock } from '../../fence/clock.ts'
import type { CommandIo, CommandRun, ExitCode } from '../command.ts'
import { writeJson, writeText } from '../output.ts'
import { addPlaceOptions, placeConfig } from '../place.ts'
import { factsText } from '../table.ts'
import { checkFolder } from './check-folder.ts'
import { checkNode } from './check-node.ts'
import { checkStore } from './check-store.ts'
import { type Finding, ok, problem } from './finding.ts'

/** `keyfence doctor`. */
export function registerDoctor(program: Command, { io, finish }: CommandRun): void {
  const doctor = program
    .command('doctor')
    .description('what is wrong with this installation, and what to do? Exit code 1 if anything is')
    .addHelpText('after', EXAMPLES)
  addPlaceOptions(doctor, 'folder')
    .option('--json', 'print JSON')
    .action(async ({ json }: { readonly json?: true }) => {
      finish(await tell(await findingsOn(doctor, io), { io, json }))
    })
}

const EXAMPLES = `
Examples:
  keyfence doctor --data /var/lib/keyfence

Looks at the settings, who may read the data folder, disk space, the soundness of the store, its schema
and records, the clock, and whether a node runs there and is ready. Changes nothing.`

async function findingsOn(doctor: Command, io: CommandIo): Promise<readonly Finding[]> {
  const settings = placeConfig(doctor, io)
  if (!settings.ok) {
    return settings.problem.map(({ place, message }) =>
      problem('settings', `${place}: ${message}`, 'Mend it: the rest was not looked at.'),
    )
  }
  const { data } = settings.value
  const folder = checkFolder(data)
  const findings = [ok('settings', 'The settings are in order.'), ...folder]
  if (folder.some(({ about }) => about === 'folder')) return findings
  // The node is asked first: looking whether somebody holds the store must not meet ourselves.
  const node = await checkNode(data)
  return [...findings, ...(await checkStore(data, systemClock.now())), node]
}

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
