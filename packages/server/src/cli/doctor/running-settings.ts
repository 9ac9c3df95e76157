import { z } from 'zod'
import { CHECK_PROFILE_NAMES, type CheckProfileName } from '../../config/config.ts'
import { type ManagedRun, readAnswer } from '../managed.ts'
import { UnreachableError } from '../management-client.ts'
import { type TokenCarrier, tokenCarriers } from './token-carrier.ts'

/** What the node that runs says of the way to it, whatever the settings of this command are. */
export interface RunningSettings {
  /** Where it lets a request carry its token. */
  readonly carriers: readonly TokenCarrier[]
  /** `undefined`: it is the proxy itself, and is asked by nobody. */
  readonly profile: CheckProfileName | undefined
}

const Shown = z.object({
  tokenFields: z.array(z.object({ name: z.string(), scheme: z.string().nullable() })),
  tokenQuery: z.string().nullable(),
  checkProfile: z.enum(CHECK_PROFILE_NAMES).nullable(),
})

/** Reads them. @throws UnreachableError */
export async function readRunningSettings(
  management: ManagedRun<object>['management'],
): Promise<RunningSettings> {
  const { status, body } = await management.ask('GET', '/v1/settings')
  if (status !== 200) throw new UnreachableError(`The node does not tell its settings: ${status}.`)
  const { tokenFields, tokenQuery, checkProfile } = readAnswer(Shown, body)
  const fields = tokenFields.map(({ name, scheme }) => ({ name, scheme: scheme ?? undefined }))
  return {
    carriers: tokenCarriers({ tokenFields: fields, tokenQuery: tokenQuery ?? undefined }),
    profile: checkProfile ?? undefined,
  }
}
