import type { HeaderFields } from '@keyfence/core'
import type { HttpMinorVersion } from './start-line.ts'

/** The head of a request, octets as received, whoever read it. */
export interface RequestHead {
  readonly method: string
  /** The target of the request line, in whatever form. */
  readonly target: string
  /** `undefined`: not HTTP/1.x. */
  readonly minorVersion: HttpMinorVersion | undefined
  readonly fields: HeaderFields
}
