import { type HeaderFields, isFieldNamed, lowerCaseAscii } from '@keyfence/core'
import { parseContentLength } from './content-length.ts'
import { type AskedPersistence, isKept, readConnectionOptions } from './persistence.ts'
import type { HttpMinorVersion } from './start-line.ts'

/** What the fields of a request say about the octets behind it and about its connection. */
export interface RequestFraming {
  /** A body is announced (RFC 9112 §6): what follows the head is no request. */
  readonly hasBody: boolean
  /** The caller wants the connection kept (RFC 9112 §9.3). */
  readonly keepsConnection: boolean
  /** What `Expect` asks for; HTTP/1.0 asks for nothing (RFC 9110 §10.1.1). */
  readonly expectation: 'nothing' | '100-continue' | 'something_else'
}

/**
 * Reads the framing of a request in one pass over its fields, whose values have no blanks around.
 * @returns `undefined` where two readers could see different ends of the request (RFC 9112 §6.3,
 * §11.2): a length that is repeated or no number, a transfer coding beside a length, in HTTP/1.0,
 * or other than `chunked` alone.
 */
export function readFraming(
  fields: HeaderFields,
  minorVersion: HttpMinorVersion,
): RequestFraming | undefined {
  const said = framingFieldsOf(fields)
  const { length, coding } = said
  if (said.isRepeated || (length !== undefined && coding !== undefined)) return undefined
  if (length !== undefined && parseContentLength(length) === undefined) return undefined
  if (coding !== undefined && (minorVersion === 0 || lowerCaseAscii(coding) !== 'chunked')) {
    return undefined
  }
  return {
    hasBody: coding !== undefined || (length !== undefined && length !== '0'),
    keepsConnection: isKept(said, minorVersion),
    expectation: minorVersion === 1 ? said.expectation : 'nothing',
  }
}

interface FramingFields extends AskedPersistence {
  length: string | undefined
  coding: string | undefined
  isRepeated: boolean
  expectation: RequestFraming['expectation']
}

function framingFieldsOf(fields: HeaderFields): FramingFields {
  const said: FramingFields = {
    length: undefined,
    coding: undefined,
    isRepeated: false,
    asksClose: false,
    asksKeepAlive: false,
    expectation: 'nothing',
  }
  for (let at = 0, name = fields[0]; name !== undefined; at += 2, name = fields[at]) {
    // By length first: most fields are none of the four, and need no comparing to say so.
    const wanted = BY_LENGTH[name.length]
    if (wanted !== undefined && isFieldNamed(name, wanted)) {
      readFramingField(said, wanted, fields[at + 1] ?? '')
    }
  }
  return said
}

function readFramingField(said: FramingFields, name: FramingName, value: string): void {
  switch (name) {
    case 'content-length':
      said.isRepeated ||= said.length !== undefined
      said.length = value
      break
    case 'transfer-encoding':
      said.isRepeated ||= said.coding !== undefined
      said.coding = value
      break
    case 'connection':
      readConnectionOptions(said, value)
      break
    case 'expect':
      if (lowerCaseAscii(value) !== '100-continue') said.expectation = 'something_else'
      else if (said.expectation === 'nothing') said.expectation = '100-continue'
      break
    default:
      name satisfies never
  }
}

const NAMES = ['expect', 'connection', 'content-length', 'transfer-encoding'] as const
type FramingName = (typeof NAMES)[number]

/** No two of the names are equally long. */
const BY_LENGTH: readonly (FramingName | undefined)[] = Array.from({ length: 18 }, (_, length) =>
  NAMES.find((name) => name.length === length),
)
