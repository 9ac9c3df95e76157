import { formatDatabaseUrl, parseDatabaseUrl } from './database-url.ts'
import { grouped, numberSetting, textSetting } from './setting.ts'

/** The settings of a store that many nodes share. */
export const DATABASE_SETTINGS = grouped('Store and nodes', {
  databaseUrl: textSetting({
    withoutDefault: 'none: the embedded store',
    syntax: 'postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    meaning:
      'The PostgreSQL database that takes the place of the embedded store, for one node or many. TLS is verified, but to this machine; behind ? may stand sslrootcert=FILE or sslmode=disable.',
    isSecret: true,
    parseText: parseDatabaseUrl,
    show: formatDatabaseUrl,
  }),
  databaseConnectionsMax: numberSetting({
    default: '10',
    range: [1, 1000],
    meaning:
      'Connections of this node to the database, at a time, for management and activity; two more follow the changes.',
  }),
  databaseTimeoutMs: numberSetting({
    default: '5000',
    range: [100, 600_000],
    unit: 'ms',
    meaning:
      'Longest wait for a connection to the database, for the turn to write, and for one statement.',
  }),
})
