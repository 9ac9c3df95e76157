import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeConfig } from '../../../test/node-config.ts'
import { checkNodeFolder } from './check-folder.ts'
import { checkListeners } from './check-listeners.ts'
import { checkMetrics } from './check-metrics.ts'
import { checkRuntime } from './check-runtime.ts'
import { checkSnapshot } from './check-snapshot.ts'
import type { Finding } from './finding.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyfence-doctor-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What is not in order, and how bad it is. */
const told = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, about }) => `${level}: ${about}`)

describe('the version of Node', () => {
  test.each([
    { version: '24.9.0', at: '2026-11-26', level: 'ok', because: 'it is mended' },
    { version: '24.9.0', at: '2028-05-01', level: 'problem', because: 'its last fix has come' },
    { version: '25.1.0', at: '2026-06-02', level: 'problem', because: 'odd ones end early' },
    { version: '30.0.0', at: '2026-11-26', level: 'note', because: 'nobody knows yet' },
  ])('$version on $at: $level, $because', ({ version, at, level }) => {
    const finding = checkRuntime(version, Date.parse(at))
    expect(finding.level).toBe(level)
    if (level === 'problem') expect(finding.remedy).toMatch(/\w/)
  })
})

describe('who reaches what', () => {
  const UPSTREAM = { upstream: 'http://127.0.0.1:1' }
  const CHECK = { 'check-profile': 'nginx' }
  test.each<{ flags: Readonly<Record<string, string>>; says: string[]; because: string }>([
    { flags: UPSTREAM, says: [], because: 'everything is on loopback' },
    {
      flags: { ...UPSTREAM, listen: '0.0.0.0:8080' },
      says: ['note: data listener'],
      because: 'callers come without TLS',
    },
    {
      flags: { listen: '0.0.0.0:8080' },
      says: [],
      because: 'nothing listens there without upstream and profile',
    },
    {
      flags: { 'admin-listen': '0.0.0.0:8081', 'public-url': 'https://keyfence.example.com' },
      says: ['note: management listener'],
      because: 'passwords would cross the network',
    },
    { flags: CHECK, says: [], because: 'only loopback may ask' },
    {
      flags: { ...CHECK, 'check-callers': '10.0.0.7,127.0.0.1' },
      says: ['note: check callers'],
      because: 'one other machine may ask',
    },
    {
      flags: { ...CHECK, 'check-callers': '10.0.0.0/8' },
      says: ['problem: check callers'],
      because: 'a whole network may ask without a secret',
    },
    {
      flags: { ...CHECK, 'check-callers': '2001:db8::/32' },
      says: ['problem: check callers'],
      because: 'so may a whole provider',
    },
  ])('$says: $because', ({ flags, says }) => {
    expect(told(checkListeners(nodeConfig(folder, flags)))).toEqual(says)
  })

  test('a secret makes up for callers from everywhere', () => {
    const config = nodeConfig(folder, { ...CHECK, 'check-callers': '10.0.0.0/8' })
    expect(told(checkListeners({ ...config, checkSecret: 'x'.repeat(32) }))).toEqual([])
  })
})

describe('the snapshot', () => {
  test('that is not there is no finding', () => {
    expect(checkSnapshot(folder, '1.0.0')).toEqual([])
  })

  test.each([
    { octets: '', because: 'it is empty' },
    { octets: 'something else, and long enough', because: 'it is something else' },
  ])('of no use is told: $because', ({ octets }) => {
    writeFileSync(join(folder, 'fence.snapshot'), octets)
    expect(told(checkSnapshot(folder, '1.0.0'))).toEqual(['note: snapshot'])
  })
})

describe('the metrics of a node', () => {
  const metrics = (staleness: string, dropped: string) =>
    `# HELP keyfence_staleness_seconds x\nkeyfence_staleness_seconds ${staleness}\n${dropped}`
  test.each([
    { text: metrics('0.5', ''), says: [], because: 'young, and nothing dropped' },
    { text: metrics('30', ''), says: [], because: 'half of what is allowed' },
    { text: metrics('Inf', ''), says: [], because: 'not ready, which is told already' },
    { text: metrics('30.1', ''), says: ['problem: copy'], because: 'older than half' },
    {
      text: metrics('1', 'keyfence_activity_dropped_total{kind="counts"} 3\n'),
      says: ['note: activity'],
      because: 'three calls are missing',
    },
    {
      text: metrics('1', 'keyfence_activity_dropped_total{kind="counts"} 0\n'),
      says: [],
      because: 'a counter that stands at nothing',
    },
  ])('$says: $because', ({ text, says }) => {
    expect(told(checkMetrics(text, 60_000))).toEqual(says)
  })
})

describe('the folder of a node that has a database', () => {
  test('is looked at, too', () => {
    expect(told(checkNodeFolder(join(folder, 'none')))).toEqual([])
    expect(told(checkNodeFolder(folder))).toEqual([])
    chmodSync(folder, 0o755)
    expect(told(checkNodeFolder(folder))).toEqual(['problem: permissions'])
  })
})
