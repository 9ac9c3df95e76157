import { Command } from 'commander'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROGRAM } from '../../test/program.ts'
import { MANAGEMENT_KEY, openPlace, parsed, type Place, run, startedNode } from './cli-fixture.ts'
import { COMMANDS, commandsFor } from './commands.ts'

const ROOT = join(import.meta.dirname, '../../../..')

const NOTHING = new PassThrough()
const IO = {
  stdin: Readable.from([]),
  stdout: NOTHING,
  stderr: NOTHING,
  env: {},
  readFile: () => ({ ok: false, problem: '' }) as const,
  stopRequested: new Promise<void>(() => {}),
}

/** Every command that does something, by its whole name. */
async function leafCommands(): Promise<ReadonlyMap<string, Command>> {
  const program = new Command()
  for (const register of await commandsFor([])) register(program, { io: IO, finish: () => {} })
  const leaves = new Map<string, Command>()
  const visit = (command: Command, name: string): void => {
    if (command.commands.length === 0) leaves.set(name.trim(), command)
    for (const child of command.commands) visit(child, `${name} ${child.name()}`)
  }
  visit(program, '')
  return leaves
}

describe('a command line', () => {
  test.each(COMMANDS)('that begins with $name loads that command alone', async ({ name }) => {
    const registered = await commandsFor([name, '--help'])
    const program = new Command()
    for (const register of registered) register(program, { io: IO, finish: () => {} })
    expect(program.commands.map((command) => command.name())).toEqual([name])
  })

  test.each([[[]], [['--help']], [['no-such']]])('%j loads every command', async (argv) => {
    expect(await commandsFor(argv)).toHaveLength(COMMANDS.length)
  })
})

const LEAVES = await leafCommands()
const PAGE = readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8')

describe('docs/command-line.md', () => {
  test('has every command and no other', () => {
    const named = [...PAGE.matchAll(/^\| `keyfence ([a-z -]+?)` \|/gm)].map((match) => match[1])
    expect(named).toEqual([...LEAVES.keys()])
  })

  test.each([...LEAVES.keys()])('has an example of %s', (name) => {
    expect(examplesIn(PAGE).some((example) => example.startsWith(`${name} `))).toBe(true)
  })

  test.each([
    ['docs/command-line.md', PAGE],
    ['README.md', readFileSync(join(ROOT, 'README.md'), 'utf8')],
  ])('the examples in %s name options that are there', (_name, page) => {
    for (const example of examplesIn(page)) expect(unknownOptions(example)).toEqual([])
  })
})

describe('help', () => {
  test.each([...LEAVES])('of %s teaches: examples, and options that are there', async (name) => {
    const { code, out, err } = await run([...name.split(' '), '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('Usage: keyfence')
    const isSetting = ['serve', 'config print', 'config check', 'demo'].includes(name)
    if (!isSetting) expect(out).toContain('--json')
    if (name !== 'demo') expect(out).toContain('Examples')
    for (const example of examplesIn(out)) expect(unknownOptions(example)).toEqual([])
  })

  test('of what asks a node names the twins in the environment', async () => {
    const { out } = await run(['token', 'list', '--help'])
    for (const twin of ['KEYFENCE_DATA', 'KEYFENCE_MANAGEMENT_URL', 'KEYFENCE_CONFIG']) {
      expect(out).toContain(twin)
    }
  })
})

/** What follows `keyfence` on the lines of a text that are commands. */
function examplesIn(text: string): readonly string[] {
  const joined = text.replaceAll(/\\\n\s*/g, '')
  return [...joined.matchAll(/(?:^|[ |])(?:npx )?keyfence ([a-z].*)$/gm)].flatMap(
    ([, rest = '']) => {
      const name = [...LEAVES.keys()].find((leaf) => `${rest} `.startsWith(`${leaf} `))
      return name === undefined ? [] : [`${rest} `]
    },
  )
}

function unknownOptions(example: string): readonly string[] {
  const name = [...LEAVES.keys()].find((leaf) => example.startsWith(`${leaf} `)) ?? ''
  const known = LEAVES.get(name)?.options.flatMap(({ long }) => long ?? []) ?? []
  const command = example.split(/ (?:\||&&|>|#) /)[0] ?? ''
  const used = [...command.matchAll(/ (--[a-z-]+)/g)].map((match) => match[1] ?? '')
  return used.filter((option) => ![...known, '--help'].includes(option))
}

function elsewhere(url: string, key?: string) {
  const withKey = key === undefined ? {} : { KEYFENCE_MANAGEMENT_KEY: key }
  return { env: { KEYFENCE_MANAGEMENT_URL: url, ...withKey } }
}

describe('where Keyfence is', () => {
  let place: Place
  beforeAll(async () => {
    place = await openPlace('node')
  })
  afterAll(() => place.close())

  test.each([
    {
      argv: ['--data', '/nonexistent/keyfence'],
      says: 'There is no Keyfence',
      because: 'no store',
    },
    {
      argv: ['--management-url', 'http://127.0.0.1:1'],
      says: 'management key is needed',
      because: 'no key',
    },
    {
      argv: ['--management-url', 'http://127.0.0.1:1', '--data', 'x'],
      says: 'either',
      because: 'two places',
    },
    { argv: ['--management-url', 'here'], says: 'write http://', because: 'no URL' },
    { argv: ['--config', 'none.json'], says: 'none.json', because: 'no such file' },
  ])('$because: 2', async ({ argv, says }) => {
    const { code, out, err } = await run(['token', 'list', ...argv])
    expect(err).toContain(says)
    expect(err).not.toContain('    at ')
    expect({ code, out }).toEqual({ code: 2, out: '' })
  })

  test('nobody there: 2, and the key is not said', async () => {
    const world = elsewhere('http://127.0.0.1:1', MANAGEMENT_KEY)
    const { code, err } = await run(['token', 'list'], world)
    expect(code).toBe(2)
    expect(err).toContain('does not answer')
    expect(err).not.toContain(MANAGEMENT_KEY)
  })

  test('elsewhere with a key that was made here, as far as its scopes go', async () => {
    const key = await place.json('key', 'create', '--name', 'ro', '--scope', 'read')
    const world = elsewhere(place.managementUrl ?? '', key.secret)
    expect((await run(['token', 'list'], world)).code).toBe(0)
    const refused = await run(['token', 'create', '--name', 'x', '--owner', 'a'], world)
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('forbidden')
    expect((await place.run(['key', 'list'])).out).toMatch(/ro +any +read +made/)
    expect((await place.run(['key', 'revoke', key.id])).code).toBe(0)
    expect((await run(['token', 'list'], world)).code).toBe(1)
    expect((await place.run(['key', 'list'])).out).toMatch(/ro +any +read +revoked/)
  })

  test('a folder that is named goes before a URL in the environment', async () => {
    const { code } = await place.run(['token', 'list'], elsewhere('http://127.0.0.1:1'))
    expect(code).toBe(0)
  })

  test.each([
    { argv: ['key', 'create', '--name', 'x'], code: 2, because: 'a key without a scope' },
    { argv: ['key', 'create', '--name', 'x', '--scope', 'all'], code: 2, because: 'no such scope' },
    { argv: ['key', 'revoke', 'key_1'], code: 2, because: 'no id' },
    {
      argv: ['key', 'revoke', 'key_019a2b3c-0000-7000-8000-000000000000'],
      code: 1,
      because: 'no such key',
    },
  ])('$code: $because', async ({ argv, code }) => {
    expect((await place.run(argv)).code).toBe(code)
  })

  test('audit says who did what, newest first', async () => {
    const { id } = await place.json('token', 'create', '--name', 'a', '--owner', 'audited')
    await place.json('token', 'revoke', id)
    const { out } = await place.run(['audit', '--target', id])
    expect(out).toMatch(/token\.revoke[\s\S]*by operator[\s\S]*token\.create/)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    expect((await place.run(['audit', '--owner', 'nobody'])).out).toBe('None.\n')
  })

  test('a reader who left hears on standard error how to get another secret', async () => {
    const line = `{ "$1" "$2" token create --name x --owner a --data "$3"; echo "code $?" >&2; } | true`
    const child = spawn('sh', ['-c', line, 'sh', process.execPath, PROGRAM, place.folder])
    let said = ''
    child.stderr.on('data', (text) => {
      said += String(text)
    })
    await once(child, 'close')
    expect(said).toMatch(/keyfence token rotate tok_.*\ncode 2\n/s)
  })
})

/** Of util-linux: gives a program a terminal. */
const SCRIPT = '/usr/bin/script'

test('at a real terminal the question is asked, and Ctrl-C ends the program', async () => {
  const place = await openPlace('store')
  const { id } = await place.json('token', 'create', '--name', 'x', '--owner', 'a')
  const line = `"${process.execPath}" "${PROGRAM}" token delete ${id} --data "${place.folder}"`
  const atTerminal = async (typed: string): Promise<string> => {
    const child = spawn(SCRIPT, ['-qec', line, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    let said = ''
    child.stdout.on('data', (text) => {
      if (!said.includes('[y/N]') && `${said}${text}`.includes('[y/N]')) child.stdin.write(typed)
      said += String(text)
    })
    await once(child, 'close')
    return said
  }
  expect(await atTerminal('\u0003')).not.toContain('deleted')
  expect(await atTerminal('n\n')).toContain('Nothing was deleted.')
  expect(await atTerminal('y\n')).toContain(`${id} deleted`)
  await place.close()
})

describe('no secret is anywhere but where it is shown once', () => {
  test.each(['store', 'node'] as const)('with a %s', async (kind) => {
    const place = await openPlace('store')
    const node = kind === 'node' ? await startedNode(place.folder) : undefined
    const secrets = ['sk_live_canary_0123456789abcdef']
    const said: string[] = []
    const shownOnce = async (...argv: string[]) => {
      const { code, out, err } = await place.run([...argv, '--json'])
      expect([argv, code, err]).toEqual([argv, 0, ''])
      const { id, secret } = parsed(out)
      expect(out.split(secret)).toHaveLength(2)
      secrets.push(secret)
      return id
    }
    const id = await shownOnce(
      'token',
      'create',
      '--name',
      'a',
      '--owner',
      'o',
      '--domain',
      'a.com',
    )
    await shownOnce('token', 'rotate', id, '--overlap', '1h')
    const keyId = await shownOnce(
      'key',
      'create',
      '--name',
      'k',
      '--scope',
      'read',
      '--scope',
      'write',
    )
    const [plain = '', token = '', , key = ''] = secrets
    const outside = mkdtempSync(join(tmpdir(), 'keyfence-canary-'))
    const file = join(outside, 'tokens.jsonl')
    const imported = JSON.stringify({ key: plain, name: 'i', owner: 'o' })
    const misplaced = JSON.stringify({ hash: key, name: plain, owner: token, [plain]: 1 })
    for (const [argv, input] of [
      [['import', '-'], imported],
      [['import', '-'], imported],
      [['import', '-', '--skip-known', '--json'], imported],
      [['import', '-'], misplaced],
      [['token', 'list']],
      [['token', 'list', '--json']],
      [['token', 'show', id]],
      [['token', 'show', token]],
      [['token', 'revoke', token, plain]],
      [['token', 'restrict', id, '--domain', 'b.com']],
      [['token', 'change', id, '--name', 'b']],
      [['token', 'disable', id]],
      [['key', 'list']],
      [['key', 'revoke', key]],
      [['key', 'revoke', keyId, '--json']],
      [['audit']],
      [['audit', '--json']],
      [['export']],
      [['export', file]],
      [['backup', `${file}.db`]],
      [['doctor']],
      [['token', 'delete', id, '--yes']],
    ] as const) {
      const { out, err } = await place.run(argv, input === undefined ? {} : { input })
      said.push(out, err)
    }
    const files = [...octetsIn(place.folder), ...octetsIn(outside)]
    await node?.close()
    files.push(...octetsIn(place.folder))
    expect(files.length).toBeGreaterThan(3)
    for (const secret of secrets) {
      expect(said.join('\n')).not.toContain(secret)
      expect(files.filter((octets) => octets.includes(secret))).toEqual([])
      // Nor what of it a dictionary would need: its middle.
      expect(said.join('\n')).not.toContain(secret.slice(8, 24))
    }
    rmSync(outside, { recursive: true })
    await place.close()
  })
})

function octetsIn(folder: string): Buffer[] {
  return filesIn(folder).map((path) => readFileSync(path))
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

test('the canary test sees what it looks for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyfence-planted-'))
  mkdirSync(join(folder, 'below'))
  writeFileSync(join(folder, 'below/planted'), 'before sk_live_planted behind')
  const found = filesIn(folder).filter((path) => readFileSync(path).includes('sk_live_planted'))
  rmSync(folder, { recursive: true })
  expect(found).toHaveLength(1)
})
