import { type Stats, readdirSync, statfsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { managementSocketPath } from '../../node/management-socket.ts'
import { DATABASE_FILE } from '../../store/sqlite/database-file.ts'
import { type Finding, ok, problem } from './finding.ts'

const OTHERS = 0o077
const FREE_BYTES_MIN = 64 * 1024 * 1024

/** Looks at a data folder from outside: whose it is, what others may read, what room there is. */
export function checkFolder(folder: string): readonly Finding[] {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (!found?.isDirectory()) return [missing(folder)]
  const database = statSync(join(folder, DATABASE_FILE), { throwIfNoEntry: false })
  if (database === undefined) return [missing(folder)]
  return [
    checkModes(folder, found),
    checkOwner(folder, database),
    checkSpace(folder, database.size),
    checkSocketPath(folder),
  ]
}

/** The same of a folder in which a node that has a database keeps its socket and its snapshot. */
export function checkNodeFolder(folder: string): readonly Finding[] {
  const found = statSync(folder, { throwIfNoEntry: false })
  // A node makes it when it starts.
  if (!found?.isDirectory()) return []
  return [checkModes(folder, found), checkSpace(folder, 0), checkSocketPath(folder)]
}

function missing(folder: string): Finding {
  return problem(
    'folder',
    `There is no Keyfence in ${resolve(folder)}.`,
    'Name its folder with --data, or start "keyfence serve" there.',
  )
}

function checkModes(folder: string, stats: Stats): Finding {
  const open = readdirSync(folder)
    .filter((name) => name.startsWith(DATABASE_FILE))
    .map((name) => join(folder, name))
    .filter((path) => mayOthersUse(statSync(path)))
  if (mayOthersUse(stats)) open.unshift(folder)
  if (open.length === 0) return ok('permissions', 'The folder is its owner’s alone.')
  const message = `Others may use ${open.join(', ')}.`
  return problem('permissions', message, `chmod go= ${open.join(' ')}`)
}

function mayOthersUse({ mode }: Stats): boolean {
  return (mode & OTHERS) !== 0
}

function checkOwner(folder: string, { uid }: Stats): Finding {
  const own = process.getuid?.()
  if (own === undefined || own === uid) return ok('owner', 'The store is yours.')
  const message = `The store belongs to user ${uid}, and this is user ${own}.`
  const remedy = `Run as its owner, or: chown -R ${own} ${folder}`
  return own === 0 ? { level: 'note', about: 'owner', message } : problem('owner', message, remedy)
}

/** As much as the store takes already, and a minimum: room for a backup or a migration. */
function checkSpace(folder: string, databaseBytes: number): Finding {
  const { bavail, bsize } = statfsSync(folder)
  const freeBytes = bavail * bsize
  const message = `${mebibytes(freeBytes)} MiB free${databaseBytes === 0 ? '' : `; the store takes ${mebibytes(databaseBytes)}`}.`
  if (freeBytes >= Math.max(FREE_BYTES_MIN, databaseBytes)) return ok('space', message)
  return problem('space', message, 'Make room: on a full disk every change is refused.')
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024)
}

function checkSocketPath(folder: string): Finding {
  if (managementSocketPath(folder) !== undefined) {
    return ok('socket', 'The path of the folder is short enough for a socket.')
  }
  return problem(
    'socket',
    'The path of the folder is too long for a socket: commands here cannot ask the running node.',
    'Use a folder with a shorter path, or --management-url.',
  )
}
