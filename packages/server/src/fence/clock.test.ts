import { describe, expect, test } from 'vitest'
import { systemClock, systemTimers } from './clock.ts'

describe("the machine's clocks", () => {
  test('wall time is in milliseconds since 1970', () => {
    const before = Date.now()
    const now = systemClock.now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
  })

  test('the other one is in milliseconds too, with the start that all threads have', () => {
    const before = Number(process.hrtime.bigint()) / 1e6
    const now = systemClock.monotonicMs()
    expect(now).toBeGreaterThanOrEqual(before - 0.001)
    expect(now).toBeLessThanOrEqual(Number(process.hrtime.bigint()) / 1e6 + 0.001)
  })
})

describe("the machine's timers", () => {
  test('call once the time is over, unless the waiting was ended', async () => {
    const called: string[] = []
    const end = systemTimers.after(0, () => called.push('ended'))
    end()
    // As long and begun later, so that it is called later.
    await new Promise<void>((resolve) => {
      systemTimers.after(1, () => {
        called.push('waited')
        resolve()
      })
    })
    expect(called).toEqual(['waited'])
  })

  test('let other work have its turn', async () => {
    const order: string[] = []
    setImmediate(() => order.push('other work'))
    await systemTimers.nextTurn()
    order.push('we')
    expect(order).toEqual(['other work', 'we'])
  })
})
