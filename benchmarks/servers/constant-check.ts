/** The least check endpoint that node:http can be: the same allow to everything. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announce } from './announce.ts'

const FIELDS = [
  'Keyfence-Token-Id',
  'tok_019a2b3c-0000-7000-8000-000000000000',
  'Keyfence-Owner',
  'benchmark',
  'Keyfence-Source',
  'browser',
  'Keyfence-Metadata',
  '',
  'Cache-Control',
  'no-store',
  'Content-Length',
  '0',
]
const server = createServer((_request, response) => {
  response.writeHead(200, FIELDS)
  response.end()
})
server.listen(0, '127.0.0.1', () => {
  announce((server.address() as AddressInfo).port) // it listens on TCP
})
