import { sql } from 'kysely'
import { Client } from 'pg'
import type { DatabasePlace } from '../../config/database-url.ts'
import type { Announcements } from '../kysely/announcements.ts'
import { connectionTo } from './open-pool.ts'

const CHANNEL = 'keyfence_changes'
const RECONNECT_DELAY_MS = 1000
const CONNECT_TIMEOUT_MS = 5000

/** Tells all nodes, once what it is selected in is committed. */
export const ANNOUNCEMENT = sql`pg_notify(${CHANNEL}, '')`

/** Announcements through `NOTIFY`, which a connection that was away has missed. */
export function announcementsAt(place: DatabasePlace): Announcements {
  return {
    announcement: ANNOUNCEMENT,
    listen: (look) => {
      const listener = new Listener(place, look)
      listener.connect()
      return () => listener.close()
    },
  }
}

/** One connection that listens, made again whenever it is lost. */
class Listener {
  readonly #place: DatabasePlace
  readonly #look: () => void
  #client: Client | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(place: DatabasePlace, look: () => void) {
    this.#place = place
    this.#look = look
  }

  connect(): void {
    const client = this.#newClient()
    this.#client = client
    client.on('notification', this.#look)
    // Both come of a connection that breaks, and either of one that ends.
    client.once('error', () => this.#reconnect(client))
    client.once('end', () => this.#reconnect(client))
    this.#listenOn(client).then(this.#look, () => this.#reconnect(client))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#client?.end().catch(() => {})
  }

  #newClient(): Client {
    return new Client({
      ...connectionTo(this.#place),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    })
  }

  async #listenOn(client: Client): Promise<void> {
    await client.connect()
    await client.query(`listen ${CHANNEL}`)
  }

  #reconnect(lost: Client): void {
    if (this.#isClosed || this.#client !== lost) return
    this.#client = undefined
    lost.on('error', () => {})
    void lost.end().catch(() => {})
    this.#timer = setTimeout(() => this.connect(), RECONNECT_DELAY_MS)
    this.#timer.unref()
  }
}
