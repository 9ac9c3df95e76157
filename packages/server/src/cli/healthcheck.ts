import type { Command } from 'commander'
import { z } from 'zod'
import { existsSync } from 'node:fs'
import { Agent, request } from 'undici'
import type { Config } from '../config/config.ts'
import { formatListenAddress } from '../config/listen-address.ts'
import { parseHttpOrigin } from '../config/http-origin.ts'
import { managementSocketPath } from '../node/management-socket.ts'
import type { CommandRun, ExitCode } from './command.ts'
import { type PlacedRun, placedAnywhere } from './managed.ts'
import { writeJson, writeText } from './output.ts'

/** `keyfence healthcheck`. */
export function registerHealthcheck(program: Command, run: CommandRun): void {
  const command = program
    .command('healthcheck')
    .description('is the node ready? For containers: exit code 0 if it is, 1 if not')
    .option('--url <URL>', 'its management listener, whatever the settings say')
    .addHelpText('after', EXAMPLES)
  placedAnywhere(command, run, checkHealth)
}

const EXAMPLES = `
Examples:
  keyfence healthcheck --data /var/lib/keyfence
  HEALTHCHECK CMD ["keyfence", "healthcheck"]

Asks /readyz: at --url, else at the management URL, else through the socket in the data folder, else on
the admin-listen address. No key is needed. Whoever does not answer within 5 s is not ready.`

async function checkHealth(run: PlacedRun<{ readonly url?: string }>): Promise<ExitCode> {
  const { options, config, io, wrongUse } = run
  const url = options.url === undefined ? undefined : parseHttpOrigin(options.url)
  if (url?.ok === false) return wrongUse(`--url: ${url.problem}`)
  const readiness = await askReadiness(placeOf(config, url?.value))
  if (options.json) await writeJson(io.stdout, readiness)
  else await writeText(io.stdout, `${readinessText(readiness)}\n`)
  return readiness.status === 'ready' ? 0 : 1
}

/** Where to ask. */
export interface HealthPlace {
  readonly origin: string
  readonly socketPath?: string
  /** Which host to ask for, where the address is none that every node answers to. */
  readonly host?: string
}

/** Whether a node is ready, and why not. */
export interface Readiness {
  readonly status: 'ready' | 'not_ready'
  readonly reason: string | null
}

const ANSWER_TIMEOUT_MS = 5000
const Answer = z.object({
  status: z.enum(['ready', 'not_ready']),
  reason: z.string().nullable(),
})

/** Asks a node whether it is ready; one that does not answer is not. */
export async function askReadiness({ origin, socketPath, host }: HealthPlace): Promise<Readiness> {
  const dispatcher = new Agent({ connect: socketPath === undefined ? {} : { socketPath } })
  try {
    const { body } = await request(`${origin}/readyz`, {
      dispatcher,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(host === undefined ? {} : { headers: { host } }),
    })
    const read = Answer.safeParse(await body.json())
    return read.success ? read.data : { status: 'not_ready', reason: 'no_keyfence' }
  } catch {
    return { status: 'not_ready', reason: 'no_answer' }
  } finally {
    await dispatcher.close()
  }
}

function placeOf(config: Config, url: string | undefined): HealthPlace {
  const named = url ?? config.managementUrl
  if (named !== undefined) return { origin: named }
  const socketPath = managementSocketPath(config.data)
  if (socketPath !== undefined && existsSync(socketPath)) {
    return { origin: 'http://localhost', socketPath }
  }
  const { host, port } = config.adminListen
  const reached = ANY_ADDRESS.get(host) ?? host
  // Every node answers to localhost, whatever its address and its publicUrl.
  return { origin: `http://${formatListenAddress({ host: reached, port })}`, host: 'localhost' }
}

/** Nobody connects to "any address": its loopback answers. */
const ANY_ADDRESS = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

/** Readiness for people. */
export function readinessText({ status, reason }: Readiness): string {
  return status === 'ready' ? 'ready' : `not ready: ${SENTENCES.get(reason ?? '') ?? reason}`
}

const SENTENCES = new Map([
  ['draining', 'it is about to stop'],
  ['no_copy', 'the tokens were not read yet'],
  ['copy_too_old', 'the store was not read for longer than maxStaleness'],
  ['event_loop_late', 'it is too busy: what arrives waits for more than 0.2 s'],
  ['no_answer', 'nobody answers'],
  ['no_keyfence', 'what answers is no Keyfence'],
])
