import { describe, expect, test } from 'vitest'
import { LoopLateness, LoopWatch } from './loop-lateness.ts'

const TURN_MS = 50

/** A thread whose loop is as late as the test says. */
function watched(lateness = new LoopLateness(1), thread = 0) {
  let nowMs = 1_000_000
  let due: (() => void) | undefined
  const watch = new LoopWatch({
    lateness,
    thread,
    clock: { monotonicMs: () => nowMs },
    timers: {
      after: (_ms, then) => {
        due = then
        return () => (due = undefined)
      },
      nextTurn: async () => {},
    },
  })
  const turn = (lateMs: number): void => {
    nowMs += TURN_MS + lateMs
    due?.()
  }
  return {
    lateness,
    watch,
    /** The next turn comes that much too late. */
    turn,
    /** The same, after so many requests that might pass. */
    busy: (lateMs: number, { asked } = { asked: 200 }): void => {
      for (let at = 0; at < asked; at++) watch.sheds()
      turn(lateMs)
    },
    /** Turns in time, for so long. */
    calm: (ms: number): void => {
      for (let passed = 0; passed < ms; passed += TURN_MS) {
        nowMs += TURN_MS
        due?.()
      }
    },
    /** Time goes by, and the loop has no turn. */
    block: (ms: number): void => void (nowMs += ms),
    isLate: () => lateness.isLate(nowMs),
    isMeasured: () => due !== undefined,
  }
}

type Loop = ReturnType<typeof watched>

test.each<{ given: string; when: (loop: Loop) => void; late: boolean }>([
  { given: 'nothing measured yet', when: () => {}, late: false },
  { given: 'turns in time', when: ({ calm }) => calm(10_000), late: false },
  { given: 'a turn 200 ms late', when: ({ turn }) => turn(200), late: false },
  { given: 'a turn 201 ms late', when: ({ turn }) => turn(201), late: true },
  { given: 'a turn 500 ms late', when: ({ turn }) => turn(500), late: true },
  { given: 'no turn yet for as long', when: ({ block }) => block(TURN_MS + 201), late: true },
  { given: 'no turn yet for less', when: ({ block }) => block(TURN_MS + 199), late: false },
  {
    given: 'a late turn 0.9 s ago, and all in time since',
    when: ({ turn, calm }) => {
      turn(500)
      calm(900)
    },
    late: true,
  },
  {
    given: 'a late turn a second ago',
    when: ({ turn, calm }) => {
      turn(500)
      calm(1000)
    },
    late: false,
  },
  {
    given: 'a late turn a second ago and a worse one before it',
    when: ({ turn, calm }) => {
      turn(5000)
      turn(300)
      calm(900)
    },
    late: true,
  },
])('$given: late is $late', ({ when, late }) => {
  const loop = watched()
  when(loop)
  expect(loop.isLate()).toBe(late)
})

test.each<{ given: string; when: (loop: Loop) => void; sheds: boolean }>([
  { given: 'many requests in time', when: ({ busy }) => busy(0, { asked: 9000 }), sheds: false },
  {
    given: 'many turns that are late, none by more than a second',
    when: ({ busy }) => Array.from({ length: 20 }, () => busy(1000)),
    sheds: false,
  },
  { given: 'a machine that stood still once', when: ({ busy }) => busy(120_000), sheds: false },
  {
    given: 'a second turn so late',
    when: ({ busy }) => {
      busy(1001)
      busy(1001)
    },
    sheds: true,
  },
  {
    given: 'a machine that stands still all the time, with few requests',
    when: ({ busy }) => Array.from({ length: 20 }, () => busy(5000, { asked: 199 })),
    sheds: false,
  },
  {
    given: 'a second turn so late, with few requests in the first',
    when: ({ busy }) => {
      busy(1001, { asked: 199 })
      busy(1001)
    },
    sheds: false,
  },
  {
    given: 'a second turn so late after 5 s in time',
    when: ({ busy, calm }) => {
      busy(1001)
      calm(4950)
      busy(1001)
    },
    sheds: true,
  },
  {
    given: 'a second turn so late after more than 5 s in time',
    when: ({ busy, calm }) => {
      busy(1001)
      calm(5000)
      busy(1001)
    },
    sheds: false,
  },
  {
    given: 'the second one 0.9 s ago',
    when: ({ busy, calm }) => {
      busy(1001)
      busy(1001)
      calm(900)
    },
    sheds: true,
  },
  {
    given: 'the second one a second ago',
    when: ({ busy, calm }) => {
      busy(1001)
      busy(1001)
      calm(1000)
    },
    sheds: false,
  },
])('$given: what may pass is turned away: $sheds', ({ when, sheds }) => {
  const loop = watched()
  when(loop)
  const before = loop.lateness.shed
  expect(loop.watch.sheds()).toBe(sheds)
  expect(loop.lateness.shed - before).toBe(sheds ? 1 : 0)
})

describe('several threads', () => {
  test('are as late as the latest of them, seen from the memory alone', () => {
    const lateness = new LoopLateness(3)
    const threads = [0, 1, 2].map((thread) => watched(lateness, thread))
    const seen = new LoopLateness(lateness.memory)
    threads[2]?.turn(201)
    expect(seen.isLate(1_000_251)).toBe(true)
    threads[0]?.calm(2000)
    threads[1]?.calm(2000)
    threads[2]?.calm(1750)
    expect(seen.isLate(1_002_001)).toBe(false)
  })

  test('one that has ended is not late', () => {
    const loop = watched()
    loop.turn(5000)
    loop.watch.close()
    loop.block(60_000)
    expect([loop.isLate(), loop.isMeasured()]).toEqual([false, false])
  })

  test('what was too late is summed over all, and nothing else', () => {
    const lateness = new LoopLateness(2)
    const [one, other] = [watched(lateness, 0), watched(lateness, 1)]
    one.turn(300)
    one.turn(200)
    other.turn(1500)
    expect(new LoopLateness(lateness.memory).lateMs).toBe(1800)
  })
})
