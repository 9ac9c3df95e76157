import { randomBytes } from 'node:crypto'
import { type DatabasePlace, parseDatabaseUrl } from '../../config/database-url.ts'
import type { Store } from '../store.ts'
import { openPostgres } from './open-postgres.ts'

/** Where a URL that a test was given leads. */
export function placeOf(url: string): DatabasePlace {
  const place = parseDatabaseUrl(url)
  if (!place.ok) throw new TypeError(place.problem)
  return place.value
}

/** Opens the store in a database of a test. */
export function openPostgresAt(url: string): Promise<Store> {
  return openPostgres({
    place: placeOf(url),
    limits: { connectionsMax: 2, timeoutMs: 5000 },
    random: randomBytes,
    progress: () => {},
  })
}
