import { join } from 'node:path'

/** The name of the socket inside the data folder through which the command line asks a running node. */
const MANAGEMENT_SOCKET_FILE = 'management.sock'

/** `sun_path` of a Unix socket, less its final NUL. */
const SOCKET_PATH_BYTES_MAX = 107

/** Where the socket of a data folder is; `undefined` if the path is longer than a socket can have. */
export function managementSocketPath(folder: string): string | undefined {
  const path = join(folder, MANAGEMENT_SOCKET_FILE)
  return Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX ? undefined : path
}
