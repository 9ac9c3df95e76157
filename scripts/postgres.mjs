/** Brings the PostgreSQL that the store is tested on: Debian's packages, of which no cluster is used. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const DEBIAN_FOLDER = '/usr/lib/postgresql'

/** Where initdb and postgres are, of the newest version there is; `undefined`: nowhere. */
function postgresFolder() {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : []
  return versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(DEBIAN_FOLDER, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** Installs it where that is possible. @returns false, having said what to do, where it is not */
export function ensurePostgres() {
  if (postgresFolder() !== undefined) return true
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    console.log('Installing postgresql, for the tests of the store (once) …')
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql-common'])
    // The package makes a cluster of its own, and starts it, unless this says otherwise.
    run('sed', ['-i', 's/^#\\?create_main_cluster.*/create_main_cluster = false/', CLUSTER_CONFIG])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'])
  }
  if (postgresFolder() !== undefined) return true
  console.error('The store is tested on PostgreSQL. Install it: apt-get install postgresql')
  return false
}

const CLUSTER_CONFIG = '/etc/postgresql-common/createcluster.conf'

function run(program, parameters) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync(program, parameters, { stdio: ['ignore', 'ignore', 'inherit'], env })
}
