import { Kysely } from 'kysely'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { EpochMs } from '@keyfence/core'
import type { Schema } from '../../store/kysely/schema.ts'
import { DATABASE_FILE } from '../../store/sqlite/database-file.ts'
import { openReadOnly, schemaAge } from '../../store/sqlite/read-only-sqlite.ts'
import { sqliteDialect } from '../../store/sqlite/sqlite-dialect.ts'
import { sqliteFeed } from '../../store/sqlite/sqlite-feed.ts'
import { checkPeople } from './check-people.ts'
import { checkRecords } from './check-records.ts'
import { type Finding, ok, problem } from './finding.ts'

/** Looks into the store of a data folder: changes nothing, and a node may run meanwhile. */
export async function checkStore(folder: string, now: EpochMs): Promise<readonly Finding[]> {
  let database: DatabaseSync | undefined
  try {
    database = openReadOnly(folder)
    const findings = [checkIntegrity(database), checkSchema(database)]
    if (schemaAge(database) !== 'current') return findings
    return [...findings, checkClock(database, now), ...(await checkContents(folder))]
  } catch (error) {
    return [unsound(error instanceof Error ? error.message : String(error))]
  } finally {
    database?.close()
  }
}

function unsound(what: string): Finding {
  return problem(
    'integrity',
    `The store is not sound: ${what}.`,
    'Stop Keyfence, and put back the newest backup with "keyfence restore".',
  )
}

function checkIntegrity(database: DatabaseSync): Finding {
  const found = database.prepare('pragma integrity_check(1)').get()?.['integrity_check']
  return found === 'ok' ? ok('integrity', 'The store is sound.') : unsound(String(found))
}

function checkSchema(database: DatabaseSync): Finding {
  switch (schemaAge(database)) {
    case 'current':
      return ok('schema', 'The schema is this version’s.')
    case 'older':
      return {
        level: 'note',
        about: 'schema',
        message: 'The schema is older than this version: its next start brings it up to date.',
      }
    case 'newer':
      return problem(
        'schema',
        'The store was written by a newer Keyfence.',
        'Use that version, or restore a backup of this one.',
      )
    default:
      throw new Error('a schema is older, current or newer')
  }
}

const LEAP_MS_MAX = 60_000
/** Before this program there was none of its stores. */
const EARLIEST_TIME = Date.UTC(2026, 0, 1)

/** A clock that was set back lets expired tokens live again. */
function checkClock(database: DatabaseSync, now: EpochMs): Finding {
  const row = database.prepare('select max(created_at) as newest from changes').get()
  const newest = Number(row?.['newest'] ?? 0)
  const shown = new Date(now).toISOString()
  const remedy = 'Set the clock, and keep it right with NTP: tokens expire by it.'
  if (now < EARLIEST_TIME) return problem('clock', `The clock says ${shown}.`, remedy)
  if (newest - now <= LEAP_MS_MAX) return ok('clock', `The clock says ${shown}.`)
  const change = new Date(newest).toISOString()
  return problem('clock', `The clock says ${shown}, but a change was made ${change}.`, remedy)
}

async function checkContents(folder: string): Promise<readonly Finding[]> {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(join(folder, DATABASE_FILE)) })
  try {
    return [await checkRecords(sqliteFeed(db)), ...(await checkPeople(db))]
  } finally {
    await db.destroy()
  }
}
