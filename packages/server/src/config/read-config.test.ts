import { describe, expect, test } from 'vitest'
import type { Config, SettingName } from './config.ts'
import type { ConfigSources } from './config-sources.ts'
import { type EffectiveConfig, readConfig } from './read-config.ts'

const FILE = 'keyfence.json'

interface Given {
  readonly flags?: ConfigSources['flags']
  readonly env?: ConfigSources['env']
  readonly file?: string
  readonly mode?: number
}

function read({ flags = {}, env = {}, file, mode = 0o600 }: Given): ReturnType<typeof readConfig> {
  const all = file === undefined ? flags : { ...flags, config: [FILE] }
  return readConfig({
    flags: all,
    env,
    readFile: (path) =>
      path === FILE && file !== undefined
        ? { ok: true, value: { text: file, mode: 0o100000 | mode } }
        : { ok: false, problem: 'cannot be read (ENOENT).' },
  })
}

function effective(given: Given): EffectiveConfig {
  const outcome = read(given)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problem))
  return outcome.value
}

function value(given: Given, name: SettingName): unknown {
  return effective(given).config[name]
}

/** The setting as `config print` shows it: addresses and ranges as text. */
function shown(given: Given, name: SettingName): unknown {
  return effective(given).settings.find((setting) => setting.name === name)?.shown
}

/** `code place` of each problem, in order. */
function refusals(given: Given): string[] {
  const outcome = read(given)
  return outcome.ok ? [] : outcome.problem.map(({ code, place }) => `${code} ${place}`)
}

function messages(given: Given): string {
  const outcome = read(given)
  return outcome.ok ? '' : outcome.problem.map(({ message }) => message).join('\n')
}

describe('a setting is taken from the first source that has it', () => {
  const file = '{"maxIps": 9}'
  test.each<{ given: Given; gives: number; from: string; because: string }>([
    { given: {}, gives: 5, from: 'default', because: 'nobody said anything' },
    { given: { file }, gives: 9, from: 'file', because: 'a file goes before the default' },
    {
      given: { file, env: { KEYFENCE_MAX_IPS: '8' } },
      gives: 8,
      from: 'environment',
      because: 'a variable goes before the file',
    },
    {
      given: { file, env: { KEYFENCE_MAX_IPS: '8' }, flags: { 'max-ips': ['7'] } },
      gives: 7,
      from: 'flag',
      because: 'a flag goes before everything',
    },
    {
      given: { env: { KEYFENCE_MAX_IPS: 'many' }, flags: { 'max-ips': ['7'] } },
      gives: 7,
      from: 'flag',
      because: 'what is not used is not judged',
    },
  ])('$from: $because', ({ given, gives, from }) => {
    const setting = effective(given).settings.find(({ name }) => name === 'maxIps')
    expect(setting).toEqual({ name: 'maxIps', shown: gives, source: from })
    expect(effective(given).config.maxIps).toBe(gives)
  })

  test('the file that a variable names is read, and the one that a flag names before it', () => {
    const asked: string[] = []
    const readFile: ConfigSources['readFile'] = (path) => {
      asked.push(path)
      return { ok: true, value: { text: '{}', mode: 0o600 } }
    }
    const env = { KEYFENCE_CONFIG: 'from-variable.json' }
    readConfig({ flags: {}, env, readFile })
    readConfig({ flags: { config: ['from-flag.json'] }, env, readFile })
    expect(asked).toEqual(['from-variable.json', 'from-flag.json'])
  })
})

describe('values are parsed', () => {
  test.each<{ name: SettingName; text: string; gives: unknown; because: string }>([
    { name: 'allowIpRanges', text: 'true', gives: true, because: 'true' },
    { name: 'allowIpRanges', text: '1', gives: true, because: '1 is on' },
    { name: 'allowIpRanges', text: 'false', gives: false, because: 'false' },
    { name: 'allowIpRanges', text: '0', gives: false, because: '0 is off' },
    { name: 'listen', text: '[::0001]:8080', gives: '[::1]:8080', because: 'canonical form' },
    { name: 'listen', text: 'LocalHost:0', gives: 'localhost:0', because: 'any free port' },
    { name: 'listen', text: '0.0.0.0:65535', gives: '0.0.0.0:65535', because: 'every address' },
    { name: 'trustedProxies', text: '', gives: [], because: 'an empty list' },
    {
      name: 'trustedProxies',
      text: ' 10.1.2.3/8 ,::ffff:192.0.2.1',
      gives: ['10.0.0.0/8', '192.0.2.1/32'],
      because: 'host bits are masked, a mapped address is IPv4',
    },
    {
      name: 'tokenFields',
      text: 'AUTHORIZATION:bearer,Authorization: ApiKey, x-key',
      gives: ['authorization: bearer', 'authorization: apikey', 'x-key'],
      because: 'names and schemes in any case',
    },
    {
      name: 'upstream',
      text: 'HTTP://API.internal:80/',
      gives: 'http://api.internal',
      because: 'as an origin',
    },
    { name: 'upstream', text: 'https://[::1]:9000', gives: 'https://[::1]:9000', because: 'IPv6' },
    {
      name: 'publicUrl',
      text: 'https://keys.example.com',
      gives: 'https://keys.example.com',
      because: 'https',
    },
    {
      name: 'publicUrl',
      text: 'http://127.0.0.1:9',
      gives: 'http://127.0.0.1:9',
      because: 'loopback',
    },
    { name: 'tokenPrefix', text: 'acme1_', gives: 'acme1_', because: 'a prefix' },
    { name: 'requestTimeoutMs', text: '0', gives: 0, because: 'no limit, below the range' },
    { name: 'openPaths', text: '/health,/', gives: ['/health', '/'], because: 'exact paths' },
    { name: 'corsOrigins', text: 'echo', gives: 'echo', because: 'the word' },
    {
      name: 'corsOrigins',
      text: 'HTTPS://App.example.com:443, http://localhost:3000',
      gives: ['https://app.example.com', 'http://localhost:3000'],
      because: 'as browsers write them',
    },
    { name: 'corsMethods', text: 'GET,PUT', gives: ['GET', 'PUT'], because: 'methods' },
    { name: 'corsHeaders', text: 'Authorization', gives: ['authorization'], because: 'a field' },
    { name: 'logLevel', text: 'debug', gives: 'debug', because: 'a level' },
    { name: 'checkProfile', text: 'plain', gives: 'plain', because: 'a profile' },
  ])('$name "$text": $because', ({ name, text, gives }) => {
    expect(shown({ env: { [variable(name)]: text } }, name)).toEqual(gives)
    expect(shown({ flags: { [flag(name)]: [text] } }, name)).toEqual(gives)
  })

  test.each<{ name: SettingName; gives: unknown; because: string }>([
    { name: 'listen', gives: { host: '127.0.0.1', port: 8080 }, because: 'loopback' },
    { name: 'adminListen', gives: { host: '127.0.0.1', port: 8081 }, because: 'loopback' },
    { name: 'publicUrl', gives: 'http://localhost:8081', because: 'made from adminListen' },
    { name: 'upstream', gives: undefined, because: 'no proxy unless told' },
    { name: 'trustedProxies', gives: [], because: 'nobody is believed' },
    {
      name: 'tokenFields',
      gives: [
        { name: 'authorization', scheme: 'bearer' },
        { name: 'x-api-key', scheme: undefined },
      ],
      because: 'spec §6',
    },
    { name: 'tokenQuery', gives: undefined, because: 'queries end up in logs' },
    { name: 'managementKey', gives: undefined, because: 'no default secret anywhere' },
    { name: 'allowPrivateAddresses', gives: false, because: 'spec §5' },
    { name: 'corsOrigins', gives: 'echo', because: 'spec §7' },
    { name: 'checkProfile', gives: undefined, because: 'never guessed' },
    { name: 'checkSecret', gives: undefined, because: 'no default secret anywhere' },
  ])('the default of $name: $because', ({ name, gives }) => expect(value({}, name)).toEqual(gives))

  test('by default, this machine alone may ask the check endpoint', () => {
    expect(shown({}, 'checkCallers')).toEqual(['127.0.0.0/8', '::1/128'])
  })

  test('publicUrl follows the port of adminListen', () => {
    expect(value({ flags: { 'admin-listen': ['127.0.0.1:9999'] } }, 'publicUrl')).toBe(
      'http://localhost:9999',
    )
  })

  test('a list flag may be repeated', () => {
    const flags = { 'trusted-proxies': ['10.0.0.1', '10.0.0.2, 10.0.0.3'] }
    expect(shown({ flags }, 'trustedProxies')).toHaveLength(3)
  })

  test('a file holds each value in its JSON type, a list also with commas', () => {
    const file = JSON.stringify({
      maxDomains: 10,
      allowIpRanges: true,
      tokenPrefix: 'acme_',
      openPaths: ['/a,b', '/c'],
      trustedProxies: '10.0.0.1, 10.0.0.2',
    })
    const { config } = effective({ file: `\uFEFF${file}` })
    expect(config).toMatchObject({ maxDomains: 10, allowIpRanges: true, tokenPrefix: 'acme_' })
    expect(config.openPaths).toEqual(['/a,b', '/c'])
    expect(config.trustedProxies).toHaveLength(2)
  })

  test('the value is frozen to its depths', () => {
    const { config } = effective({ env: { KEYFENCE_TRUSTED_PROXIES: '10.0.0.0/8' } })
    const objects: readonly unknown[] = [
      config,
      config.listen,
      config.tokenFields,
      config.tokenFields[0],
      config.trustedProxies[0]?.first.words,
    ]
    expect(objects.every((object) => object !== undefined && Object.isFrozen(object))).toBe(true)
  })
})

describe('a value that is none is refused', () => {
  test.each<{ name: SettingName; text: string; because: string }>([
    { name: 'allowIpRanges', text: 'yes', because: 'not a switch' },
    { name: 'allowIpRanges', text: '', because: 'empty is not off' },
    { name: 'maxDomains', text: '0', because: 'below the range' },
    { name: 'maxDomains', text: '101', because: 'above the range' },
    { name: 'maxDomains', text: '5.0', because: 'not whole' },
    { name: 'maxDomains', text: '1e1', because: 'not decimal digits' },
    { name: 'maxDomains', text: '05', because: 'octal to some' },
    { name: 'maxDomains', text: ' 5', because: 'a blank' },
    { name: 'maxStalenessMs', text: '0', because: '0 is none here' },
    { name: 'listen', text: '8080', because: 'no host: all addresses or one?' },
    { name: 'listen', text: ':8080', because: 'no host' },
    { name: 'listen', text: '127.0.0.1', because: 'no port' },
    { name: 'listen', text: '127.0.0.1:65536', because: 'no such port' },
    { name: 'listen', text: '127.1:80', because: 'a short form' },
    { name: 'listen', text: '::1:80', because: 'IPv6 without brackets' },
    { name: 'listen', text: '[127.0.0.1:80', because: 'an open bracket' },
    {
      name: 'listen',
      text: 'api.example.com:80',
      because: 'a name may come to mean another address',
    },
    { name: 'upstream', text: 'ftp://a', because: 'another scheme' },
    { name: 'upstream', text: 'api.internal:80', because: 'no scheme' },
    { name: 'upstream', text: 'http://a/path', because: 'a path' },
    { name: 'upstream', text: 'http://a/?q', because: 'a query' },
    { name: 'upstream', text: 'http://a/?', because: 'an empty query' },
    { name: 'upstream', text: 'http://a#f', because: 'a fragment' },
    { name: 'upstream', text: 'http://u:p@a', because: 'user information' },
    { name: 'upstream', text: 'http://@a', because: 'empty user information' },
    { name: 'upstream', text: 'http://a\\b', because: 'a backslash, which a URL parser turns' },
    { name: 'upstream', text: 'http://a b', because: 'a blank' },
    { name: 'upstream', text: 'http:///a', because: 'slashes that a URL parser drops' },
    { name: 'upstream', text: 'http://a:0', because: 'port 0' },
    { name: 'trustedProxies', text: '10.0.0.1,', because: 'an empty element' },
    { name: 'trustedProxies', text: 'proxy.internal', because: 'a name' },
    { name: 'trustedProxies', text: '10.0.0.0/33', because: 'no such length' },
    { name: 'tokenFields', text: '', because: 'no field at all' },
    { name: 'tokenFields', text: 'X API Key', because: 'no field name' },
    { name: 'tokenFields', text: 'X-Key, x-key', because: 'named twice' },
    {
      name: 'tokenFields',
      text: 'Authorization, Authorization: Bearer',
      because: 'whole and behind a scheme',
    },
    { name: 'tokenQuery', text: 'a&b', because: 'no name' },
    { name: 'tokenPrefix', text: 'acme', because: 'no final _' },
    { name: 'tokenPrefix', text: 'ACME_', because: 'capitals' },
    { name: 'tokenPrefix', text: 'abcdefghijklm_', because: 'too long' },
    { name: 'openPaths', text: 'health', because: 'no path' },
    { name: 'openPaths', text: '/public/*', because: 'a pattern' },
    { name: 'openPaths', text: '/a?b', because: 'a query' },
    { name: 'corsOrigins', text: '*', because: 'echo is the word' },
    { name: 'corsOrigins', text: 'null', because: 'no page of anybody’s' },
    { name: 'corsOrigins', text: 'https://a.example/', because: 'a path' },
    { name: 'corsOrigins', text: 'echo, https://a.example', because: 'echo stands alone' },
    { name: 'corsMethods', text: '*', because: 'not what it says once a token is sent' },
    { name: 'corsHeaders', text: 'a b', because: 'no field name' },
    { name: 'corsPreflights', text: 'Answer', because: 'another word' },
    { name: 'logLevel', text: 'verbose', because: 'no such level' },
    { name: 'managementKey', text: 'a,'.repeat(20), because: 'a comma' },
    { name: 'managementKey', text: `kfm_${'0'.repeat(40)}`, because: 'a wrong checksum' },
    { name: 'data', text: '', because: 'no folder' },
    { name: 'checkProfile', text: 'Plain', because: 'another word' },
    { name: 'checkProfile', text: '', because: 'no word' },
    { name: 'checkCallers', text: 'proxy.internal', because: 'a name' },
    { name: 'checkCallers', text: '127.0.0.1, ', because: 'an empty element' },
    { name: 'checkSecret', text: 'a secret with blanks', because: 'blanks' },
    { name: 'checkSecret', text: 'ü'.repeat(20), because: 'no ASCII' },
    { name: 'checkSecret', text: 'x'.repeat(513), because: 'too long' },
  ])('$name "$text": $because', ({ name, text }) => {
    expect(refusals({ env: { [variable(name)]: text } })).toEqual([`bad_value ${variable(name)}`])
  })

  test('a scalar flag is given once', () => {
    expect(refusals({ flags: { 'max-ips': ['5', '5'] } })).toEqual(['bad_value --max-ips'])
  })

  test.each<{ file: string; gives: string; because: string }>([
    {
      file: '{"maxIps":"5"}',
      gives: `bad_value maxIps in ${FILE}`,
      because: 'a number is a number',
    },
    {
      file: '{"allowIpRanges":1}',
      gives: `bad_value allowIpRanges in ${FILE}`,
      because: 'a switch is true or false',
    },
    {
      file: '{"corsMethods":[1]}',
      gives: `bad_value corsMethods in ${FILE}`,
      because: 'a list of strings',
    },
    {
      file: '{"tokenPrefix":null}',
      gives: `bad_value tokenPrefix in ${FILE}`,
      because: 'null is no text',
    },
    { file: '{"maxIps":1e400}', gives: `bad_value maxIps in ${FILE}`, because: 'no number at all' },
    { file: '[]', gives: `file_unreadable ${FILE}`, because: 'no object' },
    { file: '{', gives: `file_unreadable ${FILE}`, because: 'no JSON' },
    { file: '', gives: `file_unreadable ${FILE}`, because: 'nothing' },
    { file: '['.repeat(200_000), gives: `file_unreadable ${FILE}`, because: 'nesting without end' },
    {
      file: `"${'x'.repeat(1024 * 1024)}"`,
      gives: `file_unreadable ${FILE}`,
      because: 'too large',
    },
  ])('in a file: $because', ({ file, gives }) => expect(refusals({ file })).toEqual([gives]))

  test('a file that cannot be read', () => {
    expect(refusals({ env: { KEYFENCE_CONFIG: 'none.json' } })).toEqual([
      'file_unreadable none.json',
    ])
  })
})

describe('an unknown name is refused with the nearest one', () => {
  test.each<{ given: Given; place: string; nearest: string; because: string }>([
    {
      given: { flags: { 'max-ip': ['5'] } },
      place: '--max-ip',
      nearest: '--max-ips',
      because: 'a letter less',
    },
    {
      given: { flags: { lisetn: ['x'] } },
      place: '--lisetn',
      nearest: '--listen',
      because: 'two letters swapped',
    },
    {
      given: { flags: { trustedProxies: ['x'] } },
      place: '--trustedProxies',
      nearest: '--trusted-proxies',
      because: 'the spelling of a file',
    },
    {
      given: { env: { KEYFENCE_MAXIPS: '5' } },
      place: 'KEYFENCE_MAXIPS',
      nearest: 'KEYFENCE_MAX_IPS',
      because: 'no underscore',
    },
    {
      given: { env: { KEYFENCE_CONFG: 'f' } },
      place: 'KEYFENCE_CONFG',
      nearest: 'KEYFENCE_CONFIG',
      because: 'the file’s own name',
    },
    {
      given: { file: '{"max_ips":5}' },
      place: `max_ips in ${FILE}`,
      nearest: 'maxIps',
      because: 'the spelling of a variable',
    },
  ])('$place → $nearest: $because', ({ given, place, nearest }) => {
    expect(refusals(given)).toEqual([`unknown_name ${place}`])
    expect(messages(given)).toContain(`Did you mean ${nearest}?`)
  })

  test.each<{ given: Given; place: string; because: string }>([
    { given: { env: { KEYFENCE_FOO: '' } }, place: 'KEYFENCE_FOO', because: 'near to nothing' },
    {
      given: { file: '{"__proto__":{"maxIps":9}}' },
      place: `__proto__ in ${FILE}`,
      because: 'a name of the language',
    },
    {
      given: { flags: { constructor: ['1'] } },
      place: '--constructor',
      because: 'a name of the language',
    },
    {
      given: { file: '{"config":"other.json"}' },
      place: `config in ${FILE}`,
      because: 'a file names no other',
    },
    {
      given: { env: { KEYFENCE_PORT: '8080' } },
      place: 'KEYFENCE_PORT',
      because: 'a guess, not a service link',
    },
  ])('$place: $because', ({ given, place }) =>
    expect(refusals(given)).toContain(`unknown_name ${place}`),
  )

  test.each<{ name: string; value: string }>([
    { name: 'KEYFENCE_PORT', value: 'tcp://10.96.0.10:80' },
    { name: 'KEYFENCE_SERVICE_HOST', value: '10.96.0.10' },
    { name: 'KEYFENCE_ADMIN_SERVICE_PORT_HTTP', value: '8081' },
    { name: 'KEYFENCE_PORT_80_TCP', value: 'tcp://10.96.0.10:80' },
    { name: 'KEYFENCE_PORT_80_TCP_ADDR', value: 'fd00::1' },
    { name: 'KEYFENCE_PORT_80_TCP_PROTO', value: 'tcp' },
    { name: 'OTHER_MAX_IPS', value: 'x' },
  ])('$name is nobody’s setting', ({ name, value: text }) =>
    expect(refusals({ env: { [name]: text } })).toEqual([]),
  )
})

describe('a value that would undo what Keyfence is for is refused', () => {
  test.each<{ name: SettingName; text: string; because: string }>([
    { name: 'trustedProxies', text: '0.0.0.0/0', because: 'everybody' },
    { name: 'trustedProxies', text: '10.0.0.1, ::/0', because: 'everybody, second in the list' },
    { name: 'trustedProxies', text: '::ffff:0.0.0.0/90', because: 'everybody on IPv4' },
    { name: 'tokenFields', text: 'Connection', because: 'hop by hop' },
    { name: 'tokenFields', text: 'Proxy-Authorization: Basic', because: 'hop by hop' },
    { name: 'tokenFields', text: 'Transfer-Encoding', because: 'frames the message' },
    { name: 'tokenFields', text: 'HOST', because: 'routes the message' },
    { name: 'tokenFields', text: 'Cookie', because: 'holds more than the token' },
    { name: 'tokenFields', text: 'Origin', because: 'evidence' },
    { name: 'tokenFields', text: 'Referer', because: 'evidence' },
    { name: 'tokenFields', text: 'Sec-Fetch-Site', because: 'evidence' },
    { name: 'tokenFields', text: 'X_Forwarded.For', because: 'evidence, to whoever reads _ as -' },
    { name: 'tokenFields', text: 'Keyfence-Owner', because: 'ours' },
    { name: 'tokenPrefix', text: 'kfm_', because: 'management keys begin so' },
    { name: 'openPaths', text: '/a/../b', because: 'another path to the upstream' },
    { name: 'openPaths', text: '//a', because: 'another path to the upstream' },
    { name: 'openPaths', text: '/a%2Fb', because: 'another path to the upstream' },
    { name: 'managementKey', text: 'a'.repeat(31), because: 'guessable' },
    { name: 'checkCallers', text: '0.0.0.0/0', because: 'everybody may ask' },
    { name: 'checkCallers', text: '10.0.0.1, ::/0', because: 'everybody, second in the list' },
    { name: 'checkSecret', text: 'a'.repeat(15), because: 'guessable' },
    { name: 'publicUrl', text: 'http://keys.example.com', because: 'sign-ins in the clear' },
  ])('$name "$text": $because', ({ name, text }) => {
    expect(refusals({ env: { [variable(name)]: text } })).toEqual([
      `dangerous_value ${variable(name)}`,
    ])
  })

  test.each<{ env: Partial<Record<SettingName, string>>; place: SettingName; because: string }>([
    {
      env: { adminListen: '127.0.0.1:8080' },
      place: 'adminListen',
      because: 'one listener for both',
    },
    { env: { adminListen: 'localhost:8080' }, place: 'adminListen', because: 'the same by name' },
    { env: { listen: '0.0.0.0:8081' }, place: 'listen', because: 'every address holds the other' },
    { env: { listen: '[::]:8081' }, place: 'listen', because: 'every address holds the other' },
    { env: { upstream: 'http://127.0.0.1:8080' }, place: 'upstream', because: 'a circle' },
    { env: { upstream: 'http://localhost:8080' }, place: 'upstream', because: 'a circle by name' },
    {
      env: { upstream: 'http://localhost', listen: '0.0.0.0:80' },
      place: 'upstream',
      because: 'a circle by default port',
    },
    {
      env: { upstream: 'http://127.0.0.1:8081' },
      place: 'upstream',
      because: 'the management API for everybody',
    },
    {
      env: { adminListen: '0.0.0.0:8081' },
      place: 'adminListen',
      because: 'exposed without a public URL',
    },
    {
      env: { adminListen: '203.0.113.7:8081' },
      place: 'adminListen',
      because: 'exposed without a public URL',
    },
    {
      env: { corsCredentials: 'true' },
      place: 'corsCredentials',
      because: 'every page with its visitor’s cookies',
    },
  ])('$because', ({ env, place }) => {
    expect(refusals({ env: variables(env) })).toEqual([`dangerous_value ${variable(place)}`])
  })

  test.each<{ env: Partial<Record<SettingName, string>>; place: SettingName; because: string }>([
    {
      env: { headersTimeoutMs: '6000', requestTimeoutMs: '5000' },
      place: 'headersTimeoutMs',
      because: 'a part is no longer than the whole',
    },
    {
      env: { pollIntervalMs: '3000', maxStalenessMs: '5000' },
      place: 'pollIntervalMs',
      because: 'one late poll is an outage',
    },
    { env: { upstreamHost: 'a.example' }, place: 'upstreamHost', because: 'there is no upstream' },
    {
      env: { checkProfile: 'plain', upstream: 'http://api.internal' },
      place: 'checkProfile',
      because: 'one listener is not both proxy and check endpoint',
    },
    {
      env: { checkSecret: 's'.repeat(16) },
      place: 'checkSecret',
      because: 'there is no check endpoint that it would protect',
    },
    {
      env: { checkCallers: '10.0.0.1' },
      place: 'checkCallers',
      because: 'there is no check endpoint to call',
    },
  ])('$because', ({ env, place }) => {
    expect(refusals({ env: variables(env) })).toEqual([`bad_value ${variable(place)}`])
  })

  test.each<{ env: Partial<Record<SettingName, string>>; because: string }>([
    {
      env: { adminListen: '0.0.0.0:8081', publicUrl: 'https://keys.example.com' },
      because: 'exposed behind TLS',
    },
    {
      env: { adminListen: '0.0.0.0:8081', publicUrl: 'http://localhost:8081' },
      because: 'in a container, published to loopback',
    },
    { env: { listen: '127.0.0.1:0', adminListen: '127.0.0.1:0' }, because: 'two free ports' },
    { env: { listen: '127.0.0.2:8081' }, because: 'the same port on another address' },
    { env: { upstream: 'http://api.internal:8080' }, because: 'the same port on another host' },
    {
      env: { corsCredentials: 'true', corsOrigins: 'https://app.example.com' },
      because: 'origins by name',
    },
    {
      env: {
        checkProfile: 'plain',
        checkCallers: '::ffff:10.1.2.3/104',
        checkSecret: 'x'.repeat(16),
      },
      because: 'a check endpoint for a network, with a secret',
    },
    {
      env: { requestTimeoutMs: '0', headersTimeoutMs: '120000' },
      because: 'no limit contains everything',
    },
  ])('allowed: $because', ({ env }) => expect(refusals({ env: variables(env) })).toEqual([]))
})

describe('secrets', () => {
  const key = 'correct-horse-battery-staple-0123456789'

  test('a variable gives it, and nothing prints it', () => {
    const given = { env: { KEYFENCE_MANAGEMENT_KEY: key } }
    expect(value(given, 'managementKey')).toBe(key)
    expect(shown(given, 'managementKey')).toBe('***')
  })

  test('a flag is refused, and its value is not repeated', () => {
    const given = { flags: { 'management-key': [key] } }
    expect(refusals(given)).toEqual(['secret_exposed --management-key'])
    expect(messages(given)).not.toContain(key)
  })

  test('a bad value is not repeated', () => {
    expect(messages({ env: { KEYFENCE_MANAGEMENT_KEY: `${key},` } })).not.toContain(key)
    expect(messages({ env: { KEYFENCE_UPSTREAM: `http://user:${key}@a` } })).not.toContain(key)
  })

  test.each<{ mode: number; gives: string[]; because: string }>([
    { mode: 0o600, gives: [], because: 'its owner alone' },
    { mode: 0o400, gives: [], because: 'its owner alone, to read' },
    {
      mode: 0o640,
      gives: [`secret_exposed managementKey in ${FILE}`],
      because: 'the group reads it',
    },
    {
      mode: 0o604,
      gives: [`secret_exposed managementKey in ${FILE}`],
      because: 'everybody reads it',
    },
    {
      mode: 0o620,
      gives: [`secret_exposed managementKey in ${FILE}`],
      because: 'the group writes it',
    },
  ])('in a file: $because', ({ mode, gives }) => {
    expect(refusals({ file: JSON.stringify({ managementKey: key }), mode })).toEqual(gives)
  })

  test('a file without a secret may be read by everybody', () => {
    expect(refusals({ file: '{"maxIps":3}', mode: 0o644 })).toEqual([])
  })
})

test('all problems are shown at once, from every source', () => {
  const given: Given = {
    flags: { 'max-ips': ['x'], nope: ['1'] },
    env: { KEYFENCE_LISTEN: 'x', KEYFENCE_NOPE_NOPE: '1' },
    file: '{"maxDomains":0,"openPaths":["*"],"nonsense":1}',
  }
  expect(refusals(given).sort()).toEqual(
    [
      'unknown_name --nope',
      'unknown_name KEYFENCE_NOPE_NOPE',
      `unknown_name nonsense in ${FILE}`,
      'bad_value KEYFENCE_LISTEN',
      `bad_value openPaths in ${FILE}`,
      `bad_value maxDomains in ${FILE}`,
      'bad_value --max-ips',
    ].sort(),
  )
})

function variable(name: SettingName): string {
  return `KEYFENCE_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`
}

function flag(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function variables(env: Partial<Record<keyof Config, string>>): Record<string, string> {
  const entries = Object.entries(env) as [SettingName, string][] // its keys are such names
  return Object.fromEntries(entries.map(([name, text]) => [variable(name), text]))
}
