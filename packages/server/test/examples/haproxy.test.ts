import { expect, test } from 'vitest'
import { askExample } from './ask-example.ts'
import { exampleContract } from './example-contract.ts'
import { startWorld } from './example-world.ts'
import { startHaproxy } from './running-example.ts'

exampleContract('haproxy', startHaproxy)

test.each([
  { from: 'core.httpclient()', to: 'core.nothing()', because: 'it fails' },
  {
    from: 'set_identity(txn, answer)\n  elseif',
    to: 'do end\n  elseif',
    because: 'it says nothing',
  },
  { from: '"txn.keyfence", "allowed"', to: '"txn.keyfence", "refused"', because: 'it says no' },
])('a script that is broken lets nothing through: $because', async ({ from, to }) => {
  const world = await startWorld('haproxy')
  const example = await startHaproxy(world, { [from]: to })
  const lines = [`Authorization: Bearer ${world.doors.secretOf('open')}`]
  const answer = await askExample(example.port, { lines })
  expect([answer.status, answer.body]).toEqual([503, '{"error":"Temporarily unavailable."}'])
  expect(world.api.seen).toEqual([])
  await example.stop()
  await world.close()
})
