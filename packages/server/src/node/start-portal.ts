import type { ApiContext } from '../api/api-context.ts'
import type { PortalSettings } from '../api/door.ts'
import { portalApi } from '../api/management-api.ts'
import { type ManagementListener, startManagementListener } from '../api/management-listener.ts'
import type { Config } from '../config/config.ts'
import { localPublicUrl } from '../config/http-origin.ts'
import { listenerLimits, portalSettings } from './node-settings.ts'

/** The settings of the portal, whose URL is whole once its listener has a port. */
export interface NodePortal {
  readonly settings: PortalSettings | undefined
  /** Starts the portal's own listener. @returns `undefined` where none is wanted on this node */
  start(context: ApiContext): Promise<ManagementListener | undefined>
}

/** The owner portal of a node (spec §9), which other nodes may serve as well, or alone. */
export function nodePortal(config: Config): NodePortal {
  const { portalListen } = config
  const given = portalSettings(config)
  if (given === undefined || portalListen === undefined) {
    return { settings: given, start: async () => undefined }
  }
  const settings: { url: string; readonly frameHosts: readonly string[] } = { ...given }
  return {
    settings,
    start: async (context) => {
      const api = portalApi(context, settings)
      const listener = await startManagementListener(api, portalListen, listenerLimits(config))
      if (settings.url === localPublicUrl(0)) settings.url = localPublicUrl(listener.port ?? 0)
      return listener
    },
  }
}
