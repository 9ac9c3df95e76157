/**
 * Sends requests with unknown tokens, nineteen every ten milliseconds, until it is ended. Parameter: the
 * port. A process of its own: what floods and what measures would otherwise wait for each other.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { requestText } from '../request-text.ts'

const AT_ONCE = 19
const PAUSE_MS = 10
const port = Number(process.argv[2])
const sockets = await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    const socket = connect(port, '127.0.0.1').setNoDelay()
    await once(socket, 'connect')
    return socket
  }),
)
const request = Buffer.from(requestText('/v1/orders').replace('benchmark-token', 'unknown-token'))
process.send?.('flooding')
for (;;) {
  const answered = sockets.map((socket) => once(socket, 'data'))
  for (const socket of sockets) socket.write(request)
  for (const [answer] of (await Promise.all(answered)) as [Buffer][]) {
    if (!answer.includes(' 401 ')) throw new Error(String(answer))
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}
