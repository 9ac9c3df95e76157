import { z } from '@hono/zod-openapi'
import { nearestName } from '../config/setting-name.ts'

/**
 * An object that has these members and no others. A member that it does not have is refused, and
 * the nearest that it has is named.
 */
export function closedObject<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((name) => unknownMember(name, Object.keys(shape))).join(SEPARATOR)
        : undefined,
  })
}

/** Between the sentences on several unknown members; none of them holds it. */
export const SEPARATOR = '\n'

function unknownMember(name: string, known: readonly string[]): string {
  // A long name is not ours to repeat, and it might be a token in the wrong place.
  if (name.length > NAME_LENGTH_MAX) return 'There is no such member.'
  const nearest = nearestName(name, known)
  return `There is no "${name}"${nearest === undefined ? '.' : `; did you mean "${nearest}"?`}`
}

const NAME_LENGTH_MAX = 32
