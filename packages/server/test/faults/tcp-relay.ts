import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { MessageFilter } from './message-filter.ts'

/** What lies between a node and its database: it gives octets on, and brings faults about. */
export interface TcpRelay {
  /** On loopback. */
  readonly port: number
  /** How many connections there are through it. */
  readonly connections: number
  /** How many notifications of PostgreSQL it has left out. */
  readonly notificationsLost: number
  /** What happens from now on, to open connections too. */
  become(behaviour: RelayBehaviour): void
  /** Resets every open connection; new ones are taken. */
  cut(): void
  /** Resets every open connection; new ones go to that port. */
  switchTo(targetPort: number): void
  /** Ends with every connection. */
  close(): Promise<void>
}

export type RelayBehaviour =
  | { readonly kind: 'carry' }
  /** Every connection is reset: open ones at once, new ones when they come. */
  | { readonly kind: 'refuse' }
  /** Nothing goes on until the next behaviour, and then all of it: a network that is parted. */
  | { readonly kind: 'freeze' }
  /** What is sent is lost. A connection that lost something is reset by the next behaviour. */
  | { readonly kind: 'swallow' }
  /** Each portion of an answer waits, one after the other. */
  | { readonly kind: 'delay_answers'; readonly delayMs: number }
  /** Everything but the notifications of PostgreSQL goes on. */
  | { readonly kind: 'lose_notifications' }

/** Starts a relay to a port on loopback. */
export async function startRelay(targetPort: number): Promise<TcpRelay> {
  const relay = new Relay(targetPort)
  await relay.listen()
  return relay
}

/** One connection through the relay: what came from the node, and what goes to the database. */
interface Link {
  readonly near: Socket
  readonly far: Socket
  readonly filter: MessageFilter
  hasLost: boolean
}

interface Portion {
  readonly link: Link
  readonly octets: Buffer
  readonly isAnswer: boolean
}

class Relay implements TcpRelay {
  readonly #server: Server
  readonly #links = new Set<Link>()
  readonly #ending = new AbortController()
  #targetPort: number
  #behaviour: RelayBehaviour = { kind: 'carry' }
  #changed = Promise.withResolvers<void>()
  #lostBefore = 0

  constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#take(near))
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port // it listens on TCP
  }

  get connections(): number {
    return this.#links.size
  }

  get notificationsLost(): number {
    return [...this.#links].reduce((sum, { filter }) => sum + filter.lost, this.#lostBefore)
  }

  become(behaviour: RelayBehaviour): void {
    this.#behaviour = behaviour
    for (const link of this.#links) if (link.hasLost) reset(link)
    if (behaviour.kind === 'refuse') this.cut()
    const { resolve } = this.#changed
    this.#changed = Promise.withResolvers<void>()
    resolve()
  }

  cut(): void {
    for (const link of this.#links) reset(link)
  }

  switchTo(targetPort: number): void {
    this.#targetPort = targetPort
    this.cut()
  }

  async close(): Promise<void> {
    this.#ending.abort()
    this.become({ kind: 'refuse' })
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #take(near: Socket): void {
    if (this.#behaviour.kind === 'refuse') {
      near.on('error', () => {})
      near.resetAndDestroy()
      return
    }
    const far = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true })
    const link = { near, far, filter: new MessageFilter(), hasLost: false }
    this.#links.add(link)
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      socket.on('error', () => reset(link))
    }
    near.once('close', () => {
      far.resetAndDestroy()
      this.#links.delete(link)
      this.#lostBefore += link.filter.lost
    })
    void this.#carry(link, { from: near, to: far })
    void this.#carry(link, { from: far, to: near })
  }

  /** Portion by portion, the next not before the last is gone: so much waits here, and no more. */
  async #carry(
    link: Link,
    { from, to }: { readonly from: Socket; readonly to: Socket },
  ): Promise<void> {
    try {
      const portions: AsyncIterable<Buffer> = from
      for await (const octets of portions) {
        const isAnswer = from === link.far
        const passed = await this.#treated({ link, octets, isAnswer })
        if (passed.length > 0 && !to.write(passed)) await once(to, 'drain')
      }
      await this.#whileFrozen()
      to.end()
    } catch {
      reset(link)
    }
  }

  /** What goes on of a portion, once it may. */
  async #treated({ link, octets, isAnswer }: Portion): Promise<Buffer> {
    await this.#whileFrozen()
    const behaviour = this.#behaviour
    if (behaviour.kind === 'swallow') {
      link.hasLost = true
      return NOTHING
    }
    if (!isAnswer) return octets
    if (behaviour.kind === 'delay_answers') {
      await delay(behaviour.delayMs, undefined, { signal: this.#ending.signal })
    }
    return link.filter.pass(octets, behaviour.kind === 'lose_notifications')
  }

  async #whileFrozen(): Promise<void> {
    while (this.#behaviour.kind === 'freeze') await this.#changed.promise
  }
}

const NOTHING = Buffer.alloc(0)

function reset({ near, far }: Link): void {
  near.resetAndDestroy()
  far.resetAndDestroy()
}
