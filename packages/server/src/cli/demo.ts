import { type Command, InvalidArgumentError } from 'commander'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { readConfig } from '../config/read-config.ts'
import { type DemoTokens, seedDemoTokens } from '../demo/demo-tokens.ts'
import { makeDemoLink, makeDemoPortalLink } from '../demo/demo-administrator.ts'
import { makeDemoTraffic } from '../demo/demo-traffic.ts'
import { startEchoUpstream } from '../demo/echo-upstream.ts'
import { systemClock } from '../fence/clock.ts'
import { nodeLog } from '../node/node-log.ts'
import { type RunningNode, startNode } from '../node/start-node.ts'
import type { CommandIo, CommandRun, ExitCode } from './command.ts'
import { problemLines } from './config.ts'
import { writeText } from './output.ts'
import { packageVersion } from './package-version.ts'
import { startFailure } from './serve.ts'

/** `keyfence demo`. */
export function registerDemo(program: Command, { io, finish }: CommandRun): void {
  program
    .command('demo')
    .description('run a node before a small API, with two tokens and curl lines to paste')
    .option(
      '--port <NUMBER>',
      'where requests are judged; another free one if it is taken',
      toPort,
      8080,
    )
    .option('--admin-port <NUMBER>', 'where the management API listens, likewise', toPort, 8081)
    .addHelpText(
      'after',
      '\nIts data folder is temporary: Ctrl-C stops the demo and throws it away.',
    )
    .action(async (options: DemoOptions) => finish(await demo(options, io)))
}

interface DemoOptions {
  readonly port: number
  readonly adminPort: number
}

async function demo(options: DemoOptions, io: CommandIo): Promise<ExitCode> {
  // Asked for first: a signal while the demo starts is not to leave its folder behind.
  const { stopRequested } = io
  const data = mkdtempSync(join(tmpdir(), 'keyfence-demo-'))
  const upstream = await startEchoUpstream()
  let node: RunningNode | undefined
  try {
    const config = await demoConfig({ ...options, data, upstream: upstream.url }, io)
    if (config === undefined) return 2
    node = await startDemoNode(config, io)
    if (node === undefined) return 2
    const tokens = await seedDemoTokens(node.store, {
      now: systemClock.now(),
      random: randomBytes,
      tokenPrefix: config.tokenPrefix,
    })
    await node.follower.catchUp()
    await makeDemoTraffic(`http://127.0.0.1:${node.dataAddress?.port}`, tokens)
    const link = await makeDemoLink(node.store, { now: systemClock.now(), random: randomBytes })
    const consoleLink = `${node.publicUrl}/link#${link}`
    const owner = await makeDemoPortalLink(node.store, {
      now: systemClock.now(),
      random: randomBytes,
    })
    const portalLink = `${node.portalUrl}/link#${owner}`
    await writeText(io.stdout, demoText(node, tokens, { config, consoleLink, portalLink }))
    await stopRequested
    return 0
  } finally {
    await node?.close()
    await upstream.close()
    rmSync(data, { recursive: true, force: true })
  }
}

async function startDemoNode(config: Config, io: CommandIo): Promise<RunningNode | undefined> {
  try {
    return await startNode({
      config,
      clock: systemClock,
      random: randomBytes,
      log: nodeLog('warn', { write: (line) => io.stderr.write(line) }),
      version: packageVersion(),
    })
  } catch (error) {
    await writeText(io.stderr, `keyfence: ${startFailure(error, config)}\n`)
    return undefined
  }
}

/** The environment is left out: a demo is the same everywhere. */
async function demoConfig(
  place: DemoOptions & { readonly data: string; readonly upstream: string },
  io: CommandIo,
): Promise<Config | undefined> {
  const port = await freePort(place.port, 0)
  const adminPort = await freePort(place.adminPort, port)
  const read = readConfig({
    flags: {
      data: [place.data],
      listen: [`127.0.0.1:${port}`],
      'admin-listen': [`127.0.0.1:${adminPort}`],
      'portal-listen': ['127.0.0.1:0'],
      upstream: [place.upstream],
      // 127.0.0.1 is the only address that a demo can be called from.
      'allow-private-addresses': ['true'],
      'drain-timeout-ms': ['1000'],
    },
    env: {},
    readFile: io.readFile,
  })
  if (read.ok) return read.value.config
  await writeText(io.stderr, problemLines(read.problem))
  return undefined
}

/** The port, or another one if somebody listens there or `taken` is the same. */
async function freePort(wanted: number, taken: number): Promise<number> {
  if (wanted !== taken && (await isFree(wanted))) return wanted
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? wanted) : wanted))
    })
  })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

function demoText(
  node: RunningNode,
  tokens: DemoTokens,
  {
    config,
    consoleLink,
    portalLink,
  }: { readonly config: Config; readonly consoleLink: string; readonly portalLink: string },
): string {
  const url = `http://127.0.0.1:${node.dataAddress?.port}/hello`
  const line = (token: string, ...fields: string[]) =>
    [
      '  curl -i',
      ...fields.map((field) => `-H '${field}'`),
      `-H 'Authorization: Bearer ${token}'`,
      url,
    ].join(' ')
  return `
Keyfence stands before a demo API that answers what it received. Paste a line:

  200: a page of example.com, with the token for it
${line(tokens.page, 'Origin: https://example.com')}

  403: the same token on somebody else's page
${line(tokens.page, 'Origin: https://evil.example')}

  403: the same token on a server
${line(tokens.page)}

  200: a server at 127.0.0.1, with the token for it
${line(tokens.server)}

  403: that token in a browser
${line(tokens.server, 'Origin: https://example.com')}

  401: no token
  curl -i ${url}

Console     ${consoleLink}
            signed in by the first click, within 30 minutes
Portal      ${portalLink}
            what the customer “demo” would see, once, within 5 minutes; later:
            npx keyfence portal link --owner demo --can restrict,activity --data ${config.data}
Requests    http://127.0.0.1:${node.dataAddress?.port}
Management  http://127.0.0.1:${node.adminPort}/v1, with a management key; the command line needs none here:
            npx keyfence token list --data ${config.data}

Private addresses may be listed here, because a demo is called from 127.0.0.1. Ctrl-C stops it.
`
}

function toPort(text: string): number {
  const port = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new InvalidArgumentError('Write a port, 1 to 65535.')
}
