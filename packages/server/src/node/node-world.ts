import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { Clock } from '../fence/clock.ts'
import type { RandomBytes } from '../identifier/identifier.ts'

/** What a node needs of the world. */
export interface NodeWorld {
  readonly config: Config
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Logger
  readonly version: string
}
