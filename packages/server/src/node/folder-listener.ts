import {
  type ListenerLimits,
  type ManagementListener,
  type ServedApi,
  startManagementListener,
} from '../api/management-listener.ts'

const RETRY_MS = 1000

/** What the listener in the data folder needs. */
export interface FolderListenerOptions {
  readonly api: ServedApi
  readonly socketPath: string
  readonly limits: ListenerLimits
  /** Told once if another node has the socket: it is tried again until that one has left. */
  readonly occupied: (error: unknown) => void
}

/**
 * Listens on the socket of the data folder, through which the command line asks. In a rolling
 * restart the node that is leaving still has it; this one takes it over as soon as it can.
 * @returns once the first try is over.
 */
export async function startFolderListener(
  options: FolderListenerOptions,
): Promise<Pick<ManagementListener, 'close'>> {
  const { api, socketPath, limits } = options
  let listener: ManagementListener | undefined
  let retry: NodeJS.Timeout | undefined
  let isClosed = false
  const take = async (): Promise<void> => {
    listener = await startManagementListener(api, { socketPath }, limits)
    if (isClosed) await listener.close()
  }
  const takeLater = (): void => {
    retry = setTimeout(() => void take().catch(takeLater), RETRY_MS)
    retry.unref()
  }
  await take().catch((error: unknown) => {
    options.occupied(error)
    takeLater()
  })
  return {
    close: async () => {
      isClosed = true
      clearTimeout(retry)
      await listener?.close()
    },
  }
}
