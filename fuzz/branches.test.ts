import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { COUNTERS_NAME, withCounters } from './branches.ts'

describe('counted code', () => {
  test.each([
    { source: 'const f = () => 7; f()', gives: 7, counts: [1] },
    { source: 'function f() { return 7 }; f() + f()', gives: 14, counts: [2] },
    { source: 'if (true) 1; else 2', gives: 1, counts: [1, 0] },
    { source: 'if (false) { 1 } else if (true) { 2 }', gives: 2, counts: [0, 1, 1, 0] },
    { source: 'let n = 0; if (false) n = 1; n', gives: 0, counts: [0, 1] },
    { source: 'let n = 0; for (const x of [1, 2, 3]) n += x; n', gives: 6, counts: [3] },
    { source: 'let n = 5; while (n > 0) { n-- }; n', gives: 0, counts: [5] },
    { source: 'true ? 1 : 2', gives: 1, counts: [1, 0] },
    { source: 'true || 1', gives: true, counts: [0] },
    { source: '(0 ?? 1) + (null ?? 2)', gives: 2, counts: [0, 1] },
    { source: 'true && true && 3', gives: 3, counts: [1, 1] },
    {
      source: 'switch (2) { case 1: 1; break; case 2: 2; break; default: 3 }',
      gives: 2,
      counts: [0, 1, 0],
    },
    { source: 'try { throw 1 } catch { 4 }', gives: 4, counts: [1] },
    { source: 'const f = (a) => ({ a }); f(1).a', gives: 1, counts: [1] },
    { source: 'class A { get a() { return 1 } }; new A().a', gives: 1, counts: [1] },
  ])('$source', ({ source, gives, counts }) => {
    const taken = new Uint32Array(counts.length)
    const counted = withCounters(source, 0)
    expect(runInNewContext(counted.source, { [COUNTERS_NAME]: taken })).toBe(gives)
    expect([counted.counters, ...taken]).toEqual([counts.length, ...counts])
  })

  test('keeps its lines, so that errors name them', () => {
    const source = 'if (a)\n  b()\nelse {\n  c()\n}\n'
    expect(withCounters(source, 0).source.split('\n')).toHaveLength(source.split('\n').length)
  })

  test('counts behind what is counted already', () => {
    expect(withCounters('() => 1', 40).source).toContain('[40]++')
  })
})
