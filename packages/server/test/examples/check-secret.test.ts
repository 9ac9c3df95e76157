/** The lines of the examples that are commented out: the shared secret of docs/check-endpoint.md. */
import { afterEach, describe, expect, test } from 'vitest'
import { fieldsNamed } from '../../src/proxy/proxy-fixture.ts'
import { askExample } from './ask-example.ts'
import type { ExampleName } from './example-rows.ts'
import { type ExampleWorld, startWorld } from './example-world.ts'
import { type RunningExample, startCaddy, startHaproxy, startNginx } from './running-example.ts'

const SECRET = 'secret-of-the-examples-0123456789'
const WRONG = 'secret-of-the-examples-9876543210'
const SHOP = 'Origin: https://shop.example'
const PREFLIGHT = [SHOP, 'Access-Control-Request-Method: PUT']

/** Each example as it is after somebody has enabled the lines for the secret. */
const ENABLED: Readonly<
  Record<ExampleName, (world: ExampleWorld, secret: string) => Promise<RunningExample>>
> = {
  nginx: (world, secret) =>
    startNginx(world, {
      '# proxy_set_header Keyfence-Check-Secret "…";': `proxy_set_header Keyfence-Check-Secret "${secret}";`,
    }),
  caddy: (world, secret) =>
    startCaddy(world, {
      '# header_up Keyfence-Check-Secret "…"': `header_up Keyfence-Check-Secret "${secret}"`,
    }),
  haproxy: (world, secret) =>
    startHaproxy(
      world,
      {
        '-- local SECRET = "…"': `local SECRET = "${secret}"`,
        '-- fields["keyfence-check-secret"]': 'fields["keyfence-check-secret"]',
      },
      {
        '# http-request set-header Keyfence-Check-Secret …': `http-request set-header Keyfence-Check-Secret ${secret}`,
      },
    ),
}

/** As they are shipped, with these lines commented out. */
const SHIPPED = { nginx: startNginx, caddy: startCaddy, haproxy: startHaproxy } as const

let world: ExampleWorld
let example: RunningExample

afterEach(async () => {
  await example.stop()
  await world.close()
})

async function start(name: ExampleName, secret: string | undefined): Promise<void> {
  world = await startWorld(name, { checkSecret: SECRET })
  example = await (secret === undefined ? SHIPPED[name](world) : ENABLED[name](world, secret))
}

const ask = (...lines: string[]) =>
  askExample(example.port, { lines: [`X-API-Key: ${world.doors.secretOf('pages')}`, ...lines] })

const preflight = () => askExample(example.port, { line: 'OPTIONS /orders', lines: PREFLIGHT })

describe.each(['nginx', 'caddy', 'haproxy'] as const)('examples/%s with its secret', (name) => {
  test.each([
    { secret: WRONG, because: 'another secret' },
    { secret: undefined, because: 'no secret' },
  ])('$because: nothing is allowed, no preflight is answered', async ({ secret }) => {
    await start(name, secret)
    expect((await ask(SHOP)).status).toBe(403)
    expect((await preflight()).status).toBe(403)
    const reasons = world.doors.check.observations.map(({ verdict }) => verdict.reason)
    expect(reasons).toEqual(['check_caller_not_trusted', 'check_caller_not_trusted'])
    expect(world.api.seen).toEqual([])
  })

  test('the secret: decided as ever, and the API does not see it', async () => {
    await start(name, SECRET)
    expect((await ask('Origin: https://evil.example')).status).toBe(403)
    expect((await ask(SHOP, `Keyfence-Check-Secret: ${WRONG}`)).status).toBe(200)
    const granted = await preflight()
    expect(granted.status).toBe(204)
    expect(fieldsNamed(granted, 'access-control-allow-origin')).toEqual(['https://shop.example'])
    expect(world.api.seen.length).toBe(1)
    expect(JSON.stringify(world.api.seen)).not.toContain('secret-of-the-examples')
  })
})
