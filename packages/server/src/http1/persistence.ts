import { lowerCaseAscii, trimBlanks } from '@keyfence/core'
import type { HttpMinorVersion } from './start-line.ts'

/** What the `Connection` lines of a message ask for, as far as they have been read. */
export interface AskedPersistence {
  asksClose: boolean
  asksKeepAlive: boolean
}

/** Reads one `Connection` value: a list of options, whose case does not matter (RFC 9110 §7.6.1). */
export function readConnectionOptions(asked: AskedPersistence, value: string): void {
  for (const option of lowerCaseAscii(value).split(',')) {
    const word = trimBlanks(option)
    if (word === 'close') asked.asksClose = true
    else if (word === 'keep-alive') asked.asksKeepAlive = true
  }
}

/** Whether the sender keeps the connection behind the message (RFC 9112 §9.3). */
export function isKept(asked: AskedPersistence, minorVersion: HttpMinorVersion): boolean {
  return !asked.asksClose && (minorVersion === 1 || asked.asksKeepAlive)
}
