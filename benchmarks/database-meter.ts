import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningPostgres } from '../packages/server/src/store/postgres/running-postgres.ts'
import { familyCpuMs } from './process-usage.ts'

/** What a PostgreSQL server on this machine has used so far. */
export class DatabaseMeter {
  readonly #server: RunningPostgres
  readonly #url: string
  readonly #pid: number

  static async of(server: RunningPostgres, url: string): Promise<DatabaseMeter> {
    const [row] = await server.run(url, `select current_setting('data_directory') as folder`)
    const pidFile = readFileSync(join(String(row?.['folder']), 'postmaster.pid'), 'utf8')
    return new DatabaseMeter(server, url, Number(pidFile.split('\n')[0]))
  }

  private constructor(server: RunningPostgres, url: string, pid: number) {
    this.#server = server
    this.#url = url
    this.#pid = pid
  }

  /** User and system, all of its processes. */
  cpuMs(): number {
    return familyCpuMs(this.#pid)
  }

  /** Committed or rolled back; each backend tells its own within a second or so. */
  async transactions(): Promise<number> {
    const [row] = await this.#server.run(
      this.#url,
      `select (xact_commit + xact_rollback)::float8 as count from pg_stat_database
        where datname = current_database()`,
    )
    return Number(row?.['count'])
  }
}
