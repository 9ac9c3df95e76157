import type { RawBuilder } from 'kysely'

/**
 * A table with a column `value`: each of these objects, as JSON. One parameter, however many rows it makes:
 * a statement with one for each member takes longer to be read than to be done.
 */
export type JsonRows = (rows: readonly object[]) => RawBuilder<unknown>
