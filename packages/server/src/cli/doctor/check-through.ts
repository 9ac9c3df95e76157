import { readEvidence, refusalAnswer } from '@keyfence/core'
import { systemClock } from '../../fence/clock.ts'
import type { ManagedRun } from '../managed.ts'
import { type Finding, ok, problem } from './finding.ts'
import { type Probe, type ProbeAnswer, sendProbe } from './probe.ts'
import { issueProbeToken, type ProbeToken, type Recorded } from './probe-token.ts'
import { type ProxyLines, proxyLines } from './proxy-lines.ts'
import type { RunningSettings } from './running-settings.ts'
import type { TokenCarrier } from './token-carrier.ts'

/** An address and a path that nobody has (RFC 5737): who tells us of them believed the forgery. */
const FORGED_ADDRESS = '192.0.2.1'
const FORGED_PATH = '/keyfence-doctor-forged'
const PATH = '/keyfence-doctor'
const DOMAIN = 'keyfence-doctor.example'
const ORIGIN = `https://${DOMAIN}`

const FORGED = {
  'X-Forwarded-For': FORGED_ADDRESS,
  'X-Real-IP': FORGED_ADDRESS,
  Forwarded: `for=${FORGED_ADDRESS}`,
  'X-Forwarded-Uri': FORGED_PATH,
  'X-Original-URI': FORGED_PATH,
  'Keyfence-Owner': 'forged',
  'Keyfence-Token-Id': 'forged',
}

/** What is looked at. */
interface Way extends RunningSettings {
  /** That callers use. */
  readonly url: URL
}

/**
 * Sends requests through what stands before Keyfence, each with a token that nobody may use, and
 * looks at what Keyfence recorded of them and at what came back.
 */
export async function checkThrough(
  { url, carriers, profile }: Way,
  management: ManagedRun<object>['management'],
): Promise<readonly Finding[]> {
  const token = await issueProbeToken(management, systemClock.now())
  try {
    return await findingsWith({ url, token, lines: proxyLines(profile) }, carriers)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error || error.message.startsWith('no answer'))) {
      throw error
    }
    const message = `${url.origin} gave no answer: ${error.message}.`
    return [problem('through', message, 'Name the URL that callers use; the proxy has to run.')]
  } finally {
    await token.delete()
  }
}

interface Through {
  readonly url: URL
  readonly token: ProbeToken
  /** What to add to the proxy that asks. */
  readonly lines: ProxyLines
}

/** The same, with one place for the token. */
interface Carrying extends Through {
  readonly carrier: TokenCarrier
}

/** A request with the token, what came back, and what was recorded. */
interface Probed {
  readonly answer: ProbeAnswer
  readonly recorded: Recorded | undefined
}

async function findingsWith(
  through: Through,
  carriers: readonly TokenCarrier[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let arrived: { readonly carrier: TokenCarrier; readonly recorded: Recorded } | undefined
  let first: ProbeAnswer | undefined
  for (const carrier of carriers) {
    const { answer, recorded } = await probe({ ...through, carrier }, FORGED)
    first ??= answer
    if (recorded !== undefined) arrived ??= { carrier, recorded }
    findings.push(carrierFinding(carrier, recorded, through.lines))
  }
  if (arrived === undefined) return first === undefined ? [] : [notJudged(first, carriers)]
  const { carrier, recorded } = arrived
  return [...findings, ...(await findingsThrough({ ...through, carrier }, recorded))]
}

function carrierFinding(
  { name, field }: TokenCarrier,
  recorded: Recorded | undefined,
  lines: ProxyLines,
): Finding {
  if (recorded !== undefined) return ok('token', `A token in ${name} arrives.`)
  const line = field === undefined ? 'Let the proxy pass the query on.' : lines.field(field)
  const remedy = `${line} Or take it out of the settings: callers may use it.`
  return problem('token', `A token in ${name} does not arrive.`, remedy)
}

async function findingsThrough(through: Carrying, server: Recorded): Promise<readonly Finding[]> {
  const { lines } = through
  const page = await probe(through, { Origin: ORIGIN, ...FORGED })
  const bySite = await probe(through, { 'Sec-Fetch-Site': 'cross-site' })
  const byReferer = await probe(through, { Referer: `${ORIGIN}/page` })
  return [
    addressFinding(server, lines),
    pathFinding(server, lines),
    browserFinding({ field: 'Origin', domain: DOMAIN, lines }, page),
    browserFinding({ field: 'Referer', domain: DOMAIN, lines }, byReferer),
    browserFinding({ field: 'Sec-Fetch-Site', domain: null, lines }, bySite),
    refusalFinding({ about: 'refusal', status: 403, lines }, page.answer),
    refusalFinding(
      { about: 'missing token', status: 401, lines },
      await send(through, { fields: { Origin: ORIGIN } }),
    ),
    await preflightFinding(through),
    await webSocketFinding(through),
    IDENTITY,
  ]
}

function send(
  { url }: Through,
  { fields, query = [] }: Pick<Probe, 'fields'> & Partial<Probe>,
): Promise<ProbeAnswer> {
  return sendProbe(url, { method: 'GET', path: PATH, fields, query })
}

async function probe(through: Carrying, fields: Probe['fields']): Promise<Probed> {
  const { token, carrier } = through
  const carried = carrier.carry(token.secret)
  const answer = await send(through, { ...carried, fields: { ...fields, ...carried.fields } })
  return { answer, recorded: await token.newRefusal() }
}

function notJudged({ status }: ProbeAnswer, carriers: readonly TokenCarrier[]): Finding {
  const message = `A request with a token was answered ${status}, and this Keyfence did not judge it.`
  if (status === 401) {
    const places = carriers.map(({ name }) => name).join(', ')
    const remedy = `Let the proxy pass the token on, and ask the Keyfence whose folder this is. Tried: ${places}.`
    return problem('through', message, remedy)
  }
  if (status === 503) return problem('through', message, 'Look whether the proxy reaches Keyfence.')
  return problem('through', message, 'Let the proxy ask Keyfence before it passes a request on.')
}

function addressFinding({ source, address }: Recorded, lines: ProxyLines): Finding {
  if (source === 'browser') {
    const remedy = 'Let the proxy add no Origin, Referer or Sec-Fetch-Site of its own.'
    return problem('address', 'A server was taken for a browser.', remedy)
  }
  if (address === FORGED_ADDRESS) {
    return problem('address', 'A forged X-Forwarded-For was believed.', lines.address)
  }
  if (address === null) {
    return problem('address', 'No address of a caller arrives.', lines.address)
  }
  return ok('address', `You are seen at ${address}. Is that you, and not a proxy?`)
}

function pathFinding({ path }: Recorded, lines: ProxyLines): Finding {
  if (path.includes(FORGED_PATH)) {
    return problem('path', 'A forged path was believed.', lines.path)
  }
  if (path.endsWith(PATH)) return ok('path', 'The path of the request arrives.')
  const message = `The path of the request does not arrive: ${path === '' ? 'none' : path} is recorded.`
  return { level: 'note', about: 'path', message }
}

function browserFinding({ field, domain, lines }: ExpectedField, { recorded }: Probed): Finding {
  if (recorded?.source === 'browser' && recorded.domain === domain) {
    return ok(field, `${field} arrives.`)
  }
  return problem(
    field,
    `${field} does not arrive as it was sent: a page is taken for a server, or for another one.`,
    lines.field(field.toLowerCase()),
  )
}

/** A field of a page, and what is recorded of it if it arrives. */
interface ExpectedField {
  readonly field: string
  readonly domain: string | null
  readonly lines: ProxyLines
}

/** Whether the caller sees what Keyfence answers. */
function refusalFinding({ about, status, lines }: ExpectedRefusal, answer: ProbeAnswer): Finding {
  const reason = status === 401 ? 'token_missing' : 'domain_list_empty'
  const evidence = readEvidence(['Origin', ORIGIN])
  const expected = refusalAnswer(reason, { evidence, requestId: '' })
  const missing = [
    ...(answer.status === status ? [] : [`status ${status} (it is ${answer.status})`]),
    ...(answer.body === expected.body ? [] : ['the body']),
    ...expected.headers
      .filter(([name, value]) => !hasField(answer, name, value))
      .map(([name]) => name),
  ]
  if (missing.length === 0) return ok(about, 'The caller sees it as Keyfence wrote it.')
  const message = `The caller does not see what Keyfence answers; it lacks ${missing.join(', ')}.`
  return problem(about, message, lines.refusal)
}

interface ExpectedRefusal {
  readonly about: string
  readonly status: 401 | 403
  readonly lines: ProxyLines
}

/** @param value as it has to be, or empty: any will do. */
function hasField({ fields }: ProbeAnswer, name: string, value: string): boolean {
  const [found] = [fields[name.toLowerCase()] ?? ''].flat()
  return value === '' ? found !== '' : found?.includes(value) === true
}

async function preflightFinding({ url, lines }: Through): Promise<Finding> {
  const fields = { Origin: ORIGIN, 'Access-Control-Request-Method': 'PUT' }
  const { status, fields: answered } = await sendProbe(url, {
    method: 'OPTIONS',
    path: PATH,
    fields,
    query: [],
  })
  if (status === 401) {
    return problem('preflight', 'A preflight was refused for want of a token.', lines.preflight)
  }
  const origin = answered['access-control-allow-origin']
  if (status < 300 && origin !== undefined) return ok('preflight', 'A preflight is answered.')
  const message = `A preflight was answered ${status}, and grants pages of ${ORIGIN} nothing.`
  return { level: 'note', about: 'preflight', message }
}

async function webSocketFinding(through: Through): Promise<Finding> {
  const fields = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'a2V5ZmVuY2UtZG9jdG9yIQ==',
    'Sec-WebSocket-Protocol': `chat, keyfence.${through.token.secret}`,
    Origin: ORIGIN,
  }
  await send(through, { fields })
  if ((await through.token.newRefusal()) !== undefined) {
    return ok('WebSocket', 'A token that a page offers as a subprotocol arrives.')
  }
  const message =
    'A token that a page offers as a subprotocol does not arrive: pages cannot open WebSockets.'
  return { level: 'note', about: 'WebSocket', message }
}

const IDENTITY: Finding = {
  level: 'note',
  about: 'identity',
  message:
    'What the API gets was not looked at, for no request reached it. See there that a forged Keyfence-Owner does not arrive.',
}
