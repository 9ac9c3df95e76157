import type { Config } from '../../config/config.ts'
import { schemaState } from '../../node/schema-state.ts'
import { StoreError } from '../../store/store-error.ts'
import { counted } from '../counted.ts'
import { type Finding, ok, problem } from './finding.ts'

/** Looks whether the database of the settings answers, and what its schema is: changes nothing. */
export async function checkDatabase(config: Config): Promise<readonly Finding[]> {
  try {
    const { version, known, pending } = await schemaState(config)
    const answers = ok('database', 'The database answers.')
    if (version > known) return [answers, NEWER]
    if (pending.length === 0) return [answers, ok('schema', 'The schema is this version’s.')]
    const message = `The schema lacks ${counted(pending.length, 'step')}: the next start of a node brings it up to date.`
    return [answers, { level: 'note', about: 'schema', message }]
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return [problem('database', error.message, 'Mend that first: nothing else can be looked at.')]
  }
}

const NEWER = problem(
  'schema',
  'The database was written by a newer Keyfence.',
  'Use that version, or restore a dump of this one.',
)
