import { isDeepStrictEqual } from 'node:util'
import { entryCheckLine } from '../../packages/server/src/cli/jsonl/entry-check-line.ts'
import { explainLine } from '../../packages/server/src/cli/jsonl/explain-line.ts'
import { mustHold, pureTarget } from '../target.ts'

const LISTS = {
  domains: { enabled: true, entries: ['example.com', { value: '*.example.org', label: 'shop' }] },
  ips: { enabled: true, entries: ['8.8.8.8', '2606:4700::1'] },
}

/** A line of `keyfence explain --jsonl` (spec §10). */
export const explanation = pureTarget({
  name: 'explanation',
  shape: 'json',
  seeds: [
    { restrictions: LISTS, request: { headers: [['Origin', 'https://example.com']], peer: null } },
    {
      id: 1,
      restrictions: LISTS,
      request: { headers: [['X-Forwarded-For', '8.8.8.8']], peer: '10.0.0.1' },
      trustedProxies: ['10.0.0.0/8'],
      allowIpRanges: true,
      allowPrivateAddresses: true,
    },
  ].map((line) => JSON.stringify(line)),
  pieces: ['Referer', 'Sec-Fetch-Site', 'https://a.example.org/x', '8.8.8.0/24', '0.0.0.0/0', '*.'],
  lengthMax: 4000,
  run: (text) => {
    const line = parsed(text)
    const answer = explainLine(line)
    mustHold(isDeepStrictEqual(explainLine(line), answer), 'the same line, the same answer')
    if ('error' in answer) return
    mustHold(isDeepStrictEqual(answer.id, idOf(line)), 'the id comes back')
    if ('problems' in answer) {
      mustHold(answer.problems.length > 0, 'no effect without a problem')
      return
    }
    const names = ['id', 'effect', 'source', 'reason', 'domain', 'address']
    mustHold(isDeepStrictEqual(Object.keys(answer), names), 'all six members')
    mustHold(answer.source === 'browser' || answer.domain === null, 'servers have no domain')
    mustHold(answer.source === 'server' || answer.address === null, 'browsers have no address')
  },
})

/** A line of `keyfence entry check --jsonl` (spec §10). */
export const entryLine = pureTarget({
  name: 'entry-line',
  shape: 'json',
  seeds: [
    { id: 1, kind: 'domain', input: 'https://example.com/' },
    { kind: 'ip', input: '8.8.8.0/24', allowIpRanges: true, allowPrivateAddresses: false },
  ].map((line) => JSON.stringify(line)),
  pieces: ['domain', 'ip', 'allowIpRanges', 'example.com', '::ffff:8.8.8.8', '\ufeff'],
  lengthMax: 2000,
  run: (text) => {
    const line = parsed(text)
    const answer = entryCheckLine(line)
    mustHold(isDeepStrictEqual(entryCheckLine(line), answer), 'the same line, the same answer')
    if ('error' in answer) return
    mustHold(isDeepStrictEqual(answer.id, idOf(line)), 'the id comes back')
    if (!answer.ok) return
    const again = entryCheckLine({ ...(line as object), input: answer.value }) // it was an object
    mustHold('ok' in again && again.ok && again.value === answer.value, 'accepted as it is')
  },
})

/** What is no JSON is tried as the text that it is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function idOf(line: unknown): unknown {
  return (line as { id?: unknown }).id ?? null // only asked of lines that were objects
}
