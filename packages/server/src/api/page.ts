import { z } from '@hono/zod-openapi'
import type { PageRequest, TwoWayPageRequest } from '../token/token-store.ts'
import { type Outcome, refuse } from './problem.ts'

/** The query parameters of every list. */
export const PAGE_PARAMETERS = {
  limit: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, 'A number from 1 to 200.')
    .transform(Number)
    .refine((limit) => limit <= 200, 'A number from 1 to 200.')
    .default(50)
    .openapi({ type: 'integer', minimum: 1, maximum: 200, default: 50, example: 50 }),
  cursor: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'The `nextCursor` of the page before, as it was given.' }),
} as const

/**
 * Reads which page is asked for.
 * @param parseId says what the cursor may stand for.
 * @param parameter the name under which it was given.
 */
export function pageRequest<Id extends string>(
  query: { readonly limit: number; readonly cursor?: string | undefined },
  parseId: (text: string) => Id | undefined,
  parameter = 'cursor',
): Outcome<PageRequest<Id>, 'invalid_request'> {
  const { limit, cursor } = query
  if (cursor === undefined) return { ok: true, value: { after: undefined, limit } }
  const after = parseId(Buffer.from(cursor, 'base64url').toString('latin1'))
  if (after !== undefined && cursorOf(after) === cursor)
    return { ok: true, value: { after, limit } }
  const detail = 'Use the cursor of the answer before as it was given, or none.'
  return refuse('invalid_request', { detail, parameter })
}

/**
 * One page: its items, and where the next begins if there is one.
 * @param read reads a list; it is asked for one more than the page holds.
 */
export async function readPage<Id extends string, Item extends { readonly id: Id }>(
  page: PageRequest<Id>,
  read: (page: PageRequest<Id>) => Promise<readonly Item[]>,
): Promise<{ readonly items: readonly Item[]; readonly nextCursor: string | undefined }> {
  const found = await read({ ...page, limit: page.limit + 1 })
  const items = found.slice(0, page.limit)
  const last = items.at(-1)
  const isMore = found.length > items.length && last !== undefined
  return { items, nextCursor: isMore ? cursorOf(last.id) : undefined }
}

/** The query parameters of a list that is read in both directions. */
export const TWO_WAY_PARAMETERS = {
  ...PAGE_PARAMETERS,
  before: z.string().max(200).optional().openapi({
    description: 'The `previousCursor` of the page after, as it was given; not with `cursor`.',
  }),
} as const

/** Reads which page is asked for, in either direction. */
export function twoWayPageRequest<Id extends string>(
  query: {
    readonly limit: number
    readonly cursor?: string | undefined
    readonly before?: string | undefined
  },
  parseId: (text: string) => Id | undefined,
): Outcome<TwoWayPageRequest<Id>, 'invalid_request'> {
  const { limit, cursor, before } = query
  if (before === undefined) return pageRequest({ limit, cursor }, parseId)
  if (cursor !== undefined) return BOTH_GIVEN
  const page = pageRequest({ limit, cursor: before }, parseId, 'before')
  if (!page.ok || page.value.after === undefined) return page
  return { ok: true, value: { before: page.value.after, limit } }
}

const BOTH_GIVEN = refuse('invalid_request', {
  detail: 'Give cursor for the next page, or before for the previous one.',
  parameter: 'before',
})

/** One page, and where the pages beside it begin and end, if there are any. */
export async function readTwoWayPage<Id extends string, Item extends { readonly id: Id }>(
  page: TwoWayPageRequest<Id>,
  read: (page: TwoWayPageRequest<Id>) => Promise<readonly Item[]>,
): Promise<{
  readonly items: readonly Item[]
  readonly nextCursor: string | undefined
  readonly previousCursor: string | undefined
}> {
  if (!('before' in page)) {
    const found = await readPage(page, read)
    const [first] = found.items
    const isFirst = page.after === undefined || first === undefined
    return { ...found, previousCursor: isFirst ? undefined : cursorOf(first.id) }
  }
  const found = await read({ ...page, limit: page.limit + 1 })
  const items = found.slice(-page.limit)
  const [first, last] = [items[0], items.at(-1)]
  const isMore = found.length > items.length && first !== undefined
  return {
    items,
    nextCursor: last === undefined ? undefined : cursorOf(last.id),
    previousCursor: isMore ? cursorOf(first.id) : undefined,
  }
}

/** What a page of a list that is read in both directions is documented as. */
export function twoWayPageOf<Item extends z.ZodType>(item: Item) {
  return pageOf(item).extend({
    previousCursor: z.string().optional().openapi({ description: 'Absent on the first page.' }),
  })
}

/** What a page of such items is documented as. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().optional().openapi({ description: 'Absent on the last page.' }),
  })
}

/** What stands for an id in answers and parameters. */
export function cursorOf(id: string): string {
  return Buffer.from(id, 'latin1').toString('base64url')
}
