import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from '../config/config.ts'

/** Members that must never be written, wherever they stand in what is logged. */
const SECRET_MEMBERS = [
  'token',
  'secret',
  'authorization',
  'cookie',
  'headers',
  'rawHeaders',
  'hash',
]

/** The log of a node: one JSON object a line. Secrets are never passed to it, and masked if they are. */
export function nodeLog(level: LogLevel, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: SECRET_MEMBERS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '***',
      },
    },
    destination,
  )
}
