/** An API that answers the same octets to everything. Parameter: how many. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announce } from './announce.ts'

const body = Buffer.alloc(Number(process.argv[2] ?? 2), 'x')
const server = createServer((request, response) => {
  request.resume()
  response.setHeader('Content-Length', body.length)
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  announce((server.address() as AddressInfo).port) // it listens on TCP
})
