/** The least proxy that node:http can be: no check, fields passed as they are. Parameter: upstream port. */
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announce } from './announce.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const port = Number(process.argv[2])
const server = createServer((incoming, response) => {
  const { method, url, rawHeaders } = incoming
  const outgoing = request(
    { host: '127.0.0.1', port, method, path: url, headers: rawHeaders, agent },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders)
      answer.pipe(response)
    },
  )
  outgoing.on('error', () => response.destroy())
  incoming.pipe(outgoing)
})
server.listen(0, '127.0.0.1', () => {
  announce((server.address() as AddressInfo).port) // it listens on TCP
})
