import type { RawBuilder } from 'kysely'

/**
 * A table with a column `value`: each object of a JSON array. One parameter, however many rows it makes:
 * a statement with one for each member takes longer to be read than to be done.
 */
export type JsonRows = (json: string) => RawBuilder<unknown>
