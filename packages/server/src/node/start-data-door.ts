import type { Logger } from 'pino'
import { startCheckEndpoint } from '../check/check-endpoint.ts'
import type { Config } from '../config/config.ts'
import type { DoorContext } from '../enforcement/door-context.ts'
import type { ListenPlace } from '../listener/data-listener.ts'
import { type RunningProxy, startProxy } from '../proxy/proxy.ts'
import type { ProxyContext } from '../proxy/proxy-settings.ts'
import { checkSettings, proxySettings } from './node-settings.ts'

/** The proxy or the check endpoint, once it listens. */
export type DataDoor = Pick<RunningProxy, 'address' | 'recheck' | 'close'>

/** What a data door needs of the world. */
export type DataDoorContext = DoorContext & Pick<ProxyContext, 'sheds'> & { readonly log: Logger }

/** How often open connections are judged again, because a token may have expired meanwhile. */
const RECHECK_INTERVAL_MS = 1000

/**
 * Starts what judges requests on the data listener, and judges open ones again every second.
 * @returns once it listens, `undefined` with neither upstream nor check profile; rejects if it cannot.
 */
export async function startDataDoor(
  config: Config,
  context: DataDoorContext,
  listen: ListenPlace,
): Promise<DataDoor | undefined> {
  const door = await openDoor(config, context, listen)
  if (door === undefined) return undefined
  const recheck = setInterval(() => recheckOpen(door, context.log), RECHECK_INTERVAL_MS)
  recheck.unref()
  return {
    address: door.address,
    recheck: (tokenId) => door.recheck(tokenId),
    close: async (options) => {
      await door.close(options)
      clearInterval(recheck)
    },
  }
}

async function openDoor(
  config: Config,
  context: DataDoorContext,
  listen: ListenPlace,
): Promise<DataDoor | undefined> {
  const { upstream, checkProfile } = config
  if (upstream !== undefined) {
    return startProxy({ ...context, settings: proxySettings(config, upstream) }, listen)
  }
  if (checkProfile === undefined) return undefined
  const settings = checkSettings(config, checkProfile)
  const endpoint = await startCheckEndpoint({ ...context, settings }, listen)
  // A check is answered at once: nothing stays open that could be judged again.
  return { ...endpoint, recheck: () => {} }
}

/** A timer's exception would end the process. */
function recheckOpen(door: DataDoor, log: Logger): void {
  try {
    door.recheck()
  } catch (error) {
    log.error({ err: error }, 'open requests could not be judged again')
  }
}
