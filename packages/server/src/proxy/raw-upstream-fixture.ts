import { createServer, type Server, type Socket } from 'node:net'
import { listen } from './proxy-fixture.ts'

/** An upstream whose connections are handled by hand. */
export async function rawUpstream(
  onConnection: (socket: Socket) => void,
): Promise<AsyncDisposable & { port: number; server: Server; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  return {
    server,
    sockets,
    port: await listen(server),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await Promise.resolve()
    },
  }
}
