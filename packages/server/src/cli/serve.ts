import type { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { makeLink } from '../access/use-link.ts'
import type { Config } from '../config/config.ts'
import { formatListenAddress } from '../config/listen-address.ts'
import { systemClock } from '../fence/clock.ts'
import { nodeLog } from '../node/node-log.ts'
import { type RunningNode, startNode } from '../node/start-node.ts'
import { StoreError } from '../store/store-error.ts'
import type { CommandIo, CommandRun, ExitCode } from './command.ts'
import { problemLines, settingsOf } from './config.ts'
import { writeText } from './output.ts'
import { packageVersion } from './package-version.ts'
import { addSettingFlags } from './setting-flags.ts'

/** `keyfence serve`. */
export function registerServe(program: Command, { io, finish }: CommandRun): void {
  addSettingFlags(program.command('serve'))
    .description('run a node: judge requests before an API, and answer the management API')
    .addHelpText('after', EXAMPLES)
    .action(async (_options: object, command: Command) => {
      const settings = settingsOf(command, io)
      if (settings.ok) finish(await serve(settings.value.config, io))
      else {
        await writeText(io.stderr, problemLines(settings.problem))
        finish(2)
      }
    })
}

const EXAMPLES = `
Examples:
  keyfence serve --data /var/lib/keyfence --upstream http://127.0.0.1:3000
      Judges what comes to 127.0.0.1:8080 and passes it to the API on port 3000.
  keyfence serve --upstream http://127.0.0.1:3000 --trusted-proxies 10.0.0.0/8
      Behind a load balancer in 10.0.0.0/8 that writes X-Forwarded-For itself.
  keyfence serve --check-profile plain --trusted-proxies 127.0.0.1
      For a proxy that asks 127.0.0.1:8080/check before it passes a request on.

SIGTERM and SIGINT: not ready, finish what is in progress, exit 0.`

async function serve(config: Config, io: CommandIo): Promise<ExitCode> {
  // Asked for first: a signal that arrives while the node starts is to end it in order as well.
  const { stopRequested } = io
  const log = nodeLog(config.logLevel, { write: (line) => io.stderr.write(line) })
  let node: RunningNode
  try {
    node = await startNode({
      config,
      clock: systemClock,
      random: randomBytes,
      log,
      version: packageVersion(),
    })
  } catch (error) {
    await writeText(io.stderr, `keyfence: ${startFailure(error, config)}\n`)
    return 2
  }
  await writeText(io.stdout, greeting(node, config) + (await consoleText(node)))
  await stopRequested
  log.info('stopping')
  await node.close()
  return 0
}

/** A store that takes no link now is no reason not to judge requests. */
async function consoleText(node: RunningNode): Promise<string> {
  return firstLinkText(node).catch(
    () => '  console     no link could be made: keyfence admin link makes one later\n',
  )
}

/** Once there is an administrator, `keyfence admin link` makes the links. */
async function firstLinkText({ store, publicUrl }: RunningNode): Promise<string> {
  if ((await store.administrators.list()).length > 0) return ''
  const world = { now: systemClock.now(), random: randomBytes }
  const { secret } = await store.transact((transaction) =>
    makeLink(transaction, { administratorId: undefined }, world),
  )
  return `  console     ${publicUrl}/link#${secret}\n              makes the first administrator, once, within 30 minutes; later: keyfence admin link\n`
}

function greeting(node: RunningNode, config: Config): string {
  const admin = formatListenAddress({ host: config.adminListen.host, port: node.adminPort })
  const requests = requestsPlace(node, config)
  const portal = node.portalUrl === undefined ? '' : `  portal      ${node.portalUrl}\n`
  return `Keyfence is ready.\n  requests    ${requests}\n  management  http://${admin}/v1\n${portal}`
}

function requestsPlace({ dataAddress }: RunningNode, { upstream, checkProfile }: Config): string {
  if (dataAddress === undefined) {
    return 'neither --upstream nor --check-profile: requests are not judged here'
  }
  const { address, port } = dataAddress
  const url = `http://${formatListenAddress({ host: address, port })}`
  return upstream === undefined ? `${url}/check, profile ${checkProfile}` : `${url} → ${upstream}`
}

/** What kept a node from starting, and what to do about it. */
export function startFailure(error: unknown, config: Config): string {
  if (error instanceof StoreError) return error.message
  const { code, address, port, path } = error as NodeJS.ErrnoException & {
    readonly address?: string
    readonly port?: number
  } // whatever it is, absent members are undefined
  if (code === 'EADDRINUSE') {
    const place = port === undefined ? String(address) : `${address}:${port}`
    return `${place} is in use already. Stop what listens there, or choose another with --listen, --admin-listen or --portal-listen.`
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `${path ?? address ?? config.data} may not be used: ${code}. Run as its owner, or choose another place.`
  }
  return error instanceof Error ? error.message : String(error)
}
