import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { ExitCode } from './command.ts'
import { runCli } from './main.ts'

interface Run {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
}

async function run(
  argv: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
): Promise<Run> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = [stdout.toArray(), stderr.toArray()]
  const code = await runCli(argv, {
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    env,
    readFile: () => ({ ok: false, problem: 'cannot be read (ENOENT).' }),
    stopRequested: new Promise(() => {}),
  })
  stdout.end()
  stderr.end()
  const [out, err] = await Promise.all(
    texts.map(async (text) => Buffer.concat(await text).toString()),
  )
  return { code, out: out ?? '', err: err ?? '' }
}

function words(line: string): string[] {
  return line.split(' ').filter((word) => word !== '')
}

describe('exit codes tell done, denied and wrong use apart', () => {
  test.each<{ line: string; gives: ExitCode; because: string }>([
    { line: '--version', gives: 0, because: 'asked for' },
    { line: '--help', gives: 0, because: 'asked for' },
    { line: 'explain --help', gives: 0, because: 'asked for' },
    { line: 'help entry check', gives: 0, because: 'asked for' },
    { line: '', gives: 2, because: 'no command' },
    { line: 'entry', gives: 2, because: 'no subcommand' },
    { line: 'explian', gives: 2, because: 'no such command' },
    { line: 'explain --nope', gives: 2, because: 'no such flag' },
    { line: 'explain --domain', gives: 2, because: 'a flag without its value' },
    { line: 'explain more', gives: 2, because: 'an argument too many' },
    { line: 'explain --header x', gives: 2, because: 'no field' },
    { line: 'explain --jsonl --ip 8.8.8.8', gives: 2, because: 'lines bring their own entries' },
    {
      line: 'explain --domain example.com --origin https://example.com',
      gives: 0,
      because: 'allowed',
    },
    {
      line: 'explain --domain example.com --origin https://evil.example',
      gives: 1,
      because: 'denied',
    },
    {
      line: 'explain --domain co.uk --origin https://example.com',
      gives: 2,
      because: 'a mistyped entry is no denial',
    },
    {
      line: 'explain --peer 8.8.8.8 --trusted-proxy 0.0.0.0/0',
      gives: 2,
      because: 'a mistyped proxy is no denial',
    },
    { line: 'entry check ip 8.8.8.8', gives: 0, because: 'accepted' },
    { line: 'entry check ip 10.0.0.1', gives: 1, because: 'refused' },
    { line: 'entry check url x', gives: 2, because: 'no such list' },
    { line: 'entry check ip', gives: 2, because: 'no entry' },
    { line: 'entry check ip 8.8.8.8 --jsonl', gives: 2, because: 'lines bring their own entries' },
    { line: 'config check', gives: 0, because: 'in order' },
    { line: 'config check --max-ips 0', gives: 1, because: 'something is wrong' },
    { line: 'config print --max-ips 0', gives: 2, because: 'nothing to print' },
    { line: 'config print nonsense', gives: 2, because: 'an argument too many' },
  ])('$gives for "$line": $because', async ({ line, gives }) => {
    const { code, out, err } = await run(words(line))
    expect(code).toBe(gives)
    expect(`${out}${err}`).not.toBe('')
  })
})

describe('explain', () => {
  test.each<{ line: string[]; says: string[]; because: string }>([
    {
      line: ['--domain', 'example.com', '--origin', 'https://evil.example'],
      says: [
        'Denied   domain_not_listed',
        'Source   browser, told by Origin',
        'Domain   evil.example',
        'Rule     domains on, IPs off; a browser request: its domain must be listed',
        'evil.example is not listed. Add it under Domains.',
        'HTTP/1.1 403 Forbidden',
        'Access-Control-Allow-Origin: https://evil.example',
        `{"error":"Access denied. You don't have permission to access this."}`,
      ],
      because: 'a page that is not listed',
    },
    {
      line: ['--domain', 'example.com', '--peer', '8.8.8.8'],
      says: ['Denied   server_not_allowed', 'server: it has no', 'a server request: it is refused'],
      because: 'a server, where the domain list alone is on',
    },
    {
      line: [
        '--ip',
        '8.8.8.8',
        '--peer',
        '10.0.0.2',
        '--trusted-proxy',
        '10.0.0.0/8',
        '--header',
        'x-forwarded-for: 8.8.8.8',
      ],
      says: [
        'Allowed  ip_listed',
        '8.8.8.8 (from X-Forwarded-For: the peer is a trusted proxy)',
        'passed on',
      ],
      because: 'a server behind a proxy',
    },
    {
      line: ['--ip', '8.8.8.8', '--peer', '9.9.9.9', '--header', 'X-Forwarded-For: 8.8.8.8'],
      says: ['Denied   ip_not_listed', '9.9.9.9 (the peer: it is no trusted proxy'],
      because: 'a forged X-Forwarded-For',
    },
    {
      line: ['--ip', '8.8.8.8'],
      says: ['Denied   ip_unreadable', 'give it with --peer'],
      because: 'no address was given',
    },
    {
      line: ['--domain-with-subdomains', 'example.com', '--referer', 'https://a.example.com/'],
      says: ['Allowed  domain_listed', 'told by Referer'],
      because: 'an entry that covers its subdomains',
    },
    {
      line: ['--domain', 'example.com', '--header', 'Sec-Fetch-Site: same-origin'],
      says: ['Denied   domain_missing', 'told by Sec-Fetch-Site', 'Domain   none'],
      because: 'a browser that names no page',
    },
    {
      line: ['--domains-on', '--origin', 'https://example.com'],
      says: ['Denied   domain_list_empty'],
      because: 'a list that is on and empty',
    },
    {
      line: ['--https-origins-only', '--domain', 'example.com', '--origin', 'http://example.com'],
      says: ['Denied   domain_not_listed', 'plain http'],
      because: 'a page without TLS',
    },
    {
      line: [
        '--ip',
        '10.0.0.0/8',
        '--allow-ip-ranges',
        '--allow-private-addresses',
        '--peer',
        '10.1.1.1',
      ],
      says: ['Allowed  ip_listed'],
      because: 'blocks and private addresses where they are allowed',
    },
    {
      line: [],
      says: ['Allowed  unrestricted', 'every request is allowed'],
      because: 'no list is on',
    },
  ])('$because', async ({ line, says }) => {
    const { out } = await run(['explain', ...line])
    for (const text of says) expect(out).toContain(text)
  })

  test('--json says the same to programs', async () => {
    const line = 'explain --json --domain example.com --origin https://evil.example'
    const { code, out } = await run(words(line))
    expect(JSON.parse(out)).toMatchObject({
      effect: 'deny',
      source: 'browser',
      reason: 'domain_not_listed',
      domain: 'evil.example',
      address: null,
      toldBy: 'Origin',
      response: { status: 403 },
    })
    expect(code).toBe(1)
  })

  test('bad entries are all named', async () => {
    const { err } = await run(words('explain --domain com --ip 10.0.0.1 --trusted-proxy x'))
    for (const path of ['/domains/entries/0', '/ips/entries/0', '/trustedProxies/0'])
      expect(err).toContain(path)
  })

  test.each<{ input: string; gives: ExitCode; because: string }>([
    { input: '', gives: 0, because: 'nothing is wrong with nothing' },
    {
      input: '{"restrictions":{"ips":{"enabled":true}},"request":{"headers":[],"peer":null}}',
      gives: 0,
      because: 'a denial is an answer',
    },
    {
      input: '{"restrictions":{"ips":{"entries":["x"]}},"request":{"headers":[],"peer":null}}',
      gives: 0,
      because: 'so are problems',
    },
    {
      input: '{}\n{"restrictions":{},"request":{"headers":[],"peer":null}}',
      gives: 2,
      because: 'one line was malformed',
    },
  ])('--jsonl ends with $gives: $because', async ({ input, gives }) => {
    const { code, err } = await run(['explain', '--jsonl'], { input })
    expect(code).toBe(gives)
    expect(err).toBe('')
  })
})

describe('entry check', () => {
  test.each<{ line: string; says: string; because: string }>([
    {
      line: 'domain https://www.example.com/shop',
      says: 'accepted as www.example.com',
      because: 'a pasted address',
    },
    {
      line: 'domain example.com --subdomains',
      says: 'accepted as example.com and everything below it',
      because: 'with what lies below',
    },
    {
      line: 'domain localhost',
      says: 'warning (domain_localhost)',
      because: 'accepted with a warning',
    },
    {
      line: 'domain github.io --subdomains',
      says: 'refused (domain_public_suffix)',
      because: 'other people’s',
    },
    { line: 'ip 8.8.8.0/24', says: 'refused (ip_range_not_allowed)', because: 'a block' },
    {
      line: 'ip 8.8.8.0/24 --allow-ip-ranges',
      says: 'accepted as 8.8.8.0/24',
      because: 'a block where blocks are allowed',
    },
    {
      line: 'ip 127.0.0.1 --allow-private-addresses',
      says: 'accepted as 127.0.0.1',
      because: 'where they are allowed',
    },
    { line: 'ip 8.8.8.8 --json', says: '"ok": true', because: 'for programs' },
  ])('$says: $because', async ({ line, says }) => {
    const { out } = await run(['entry', 'check', ...words(line)])
    expect(out).toContain(says)
  })

  test('--jsonl answers each line and ends with 2 for a malformed one', async () => {
    const input = '{"id":1,"kind":"ip","input":"8.8.8.8"}\n\n'
    const { code, out } = await run(['entry', 'check', '--jsonl'], { input })
    expect(out).toBe(
      '{"id":1,"ok":true,"value":"8.8.8.8","warnings":[]}\n{"error":"The line is blank."}\n',
    )
    expect(code).toBe(2)
  })
})

describe('config', () => {
  const key = 'correct-horse-battery-staple-0123456789'

  test('print shows values and sources, and no secret', async () => {
    const env = { KEYFENCE_MAX_IPS: '7', KEYFENCE_MANAGEMENT_KEY: key, PATH: '/bin' }
    const { out } = await run(words('config print --allow-ip-ranges --forward-token=false'), {
      env,
    })
    expect(out).toMatch(/^--max-ips +7 +environment$/m)
    expect(out).toMatch(/^--allow-ip-ranges +true +flag$/m)
    expect(out).toMatch(/^--forward-token +false +flag$/m)
    expect(out).toMatch(/^--listen +127\.0\.0\.1:8080 +default$/m)
    expect(out).toMatch(/^--management-key +\*\*\* +environment$/m)
    expect(out).not.toContain(key)
  })

  test('print --json has each value in its type', async () => {
    const line = 'config print --json --max-ips 7 --trusted-proxies 10.0.0.1 --trusted-proxies ::1'
    const { out } = await run(words(line), { env: { KEYFENCE_MANAGEMENT_KEY: key } })
    expect(JSON.parse(out)).toMatchObject({
      maxIps: { value: 7, source: 'flag' },
      trustedProxies: { value: ['10.0.0.1/32', '::1/128'], source: 'flag' },
      upstream: { value: null, source: 'default' },
      managementKey: { value: '***', source: 'environment' },
    })
  })

  test('check says everything that is wrong', async () => {
    const line = 'config check --max-ip 5 --listen x --management-key=abc --cors-credentials stray'
    const { code, out } = await run(words(line), { env: { KEYFENCE_NOPE: '1' } })
    expect(out.split('\n').map((text) => text.split(':')[0])).toEqual([
      '--max-ip',
      '--management-key',
      'KEYFENCE_NOPE',
      '--listen',
      '--cors-credentials',
      '',
    ])
    expect(code).toBe(1)
  })

  test('check --json is for programs', async () => {
    const { out } = await run(words('config check --json --config none.json'))
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      problems: [{ code: 'file_unreadable', place: 'none.json' }],
    })
  })

  test('a hostile name is shown without its control characters', async () => {
    const { out } = await run(['config', 'check', '--\u001b[31mred'])
    expect(out).not.toContain('\u001b')
  })

  test('help names each flag with its twin in the environment', async () => {
    const { out } = await run(words('config check --help'))
    for (const text of [
      '--max-ips',
      '[KEYFENCE_MAX_IPS]',
      'KEYFENCE_MANAGEMENT_KEY',
      '--config <FILE>',
    ]) {
      expect(out).toContain(text)
    }
    expect(out).not.toContain('--management-key')
  })
})
