import { expect, test } from 'vitest'
import { askExample } from './ask-example.ts'
import { exampleContract } from './example-contract.ts'
import { startWorld } from './example-world.ts'
import { startNginx } from './running-example.ts'

exampleContract('nginx', startNginx)

test('T29: a check that nginx was told to cache is asked every time all the same', async () => {
  const world = await startWorld('nginx')
  const example = await startNginx(world, { 'proxy_cache off;': 'proxy_cache kept;' })
  const token = `Authorization: Bearer ${world.doors.secretOf('pages')}`
  const statuses = []
  for (const page of ['shop', 'evil', 'shop', 'evil']) {
    const lines = [token, `Origin: https://${page}.example`]
    statuses.push((await askExample(example.port, { lines })).status)
  }
  expect(statuses).toEqual([200, 403, 200, 403])
  expect(world.doors.check.observations).toHaveLength(4)
  await example.stop()
  await world.close()
})
