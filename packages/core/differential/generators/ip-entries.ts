import * as fc from 'fast-check'
import type { Json } from '../case.ts'
import { addressText, readAddress, type Address } from '../reference/ip-address.ts'
import {
  anyAddress,
  BAD_SPELLINGS,
  GOOD_SPELLINGS,
  PRIVATE_ADDRESSES,
  PUBLIC_ADDRESSES,
  type AddressSpelling,
} from './addresses.ts'
import { choose, oneOf } from './choice.ts'
import type { RangeSettings } from '../reference/ip-entry.ts'

/** An entry still to be written under some settings, and an address that it was made from. */
export interface PlannedIp {
  readonly address: (settings: RangeSettings) => Address
  readonly entry: (settings: RangeSettings) => Json
}

const HOSTILE_ENDS: readonly string[] = [
  '/',
  '/08',
  '/+8',
  '/-1',
  '/x',
  '/1e1',
  '/ 24',
  '/24/24',
  '/255.255.255.0',
  '/999',
  ':80',
  ':65536',
  ':',
  ':x',
  '\t',
  '\u3000',
  ' x',
  '-8.8.8.9',
]

const NOT_TEXT: readonly Json[] = [null, false, 16843009, [], ['1.1.1.1'], { value: 5 }]

/** An entry that a list accepts under the settings that hold. */
export const tidyIp: fc.Arbitrary<PlannedIp> = fc
  .record({
    publicText: oneOf(PUBLIC_ADDRESSES),
    privateText: oneOf(PRIVATE_ADDRESSES),
    spell: oneOf(GOOD_SPELLINGS),
    bitsFree: choose([2, fc.constant(null)], [1, fc.nat(16)]),
    isNamed: fc.boolean(),
  })
  .map(({ publicText, privateText, spell, bitsFree, isNamed }) => {
    const address = (settings: RangeSettings): Address =>
      known(settings.allowPrivateAddresses ? privateText : publicText)
    return {
      address,
      entry: (settings): Json => {
        const written = spell(address(settings))
        const isBlock = settings.allowIpRanges && bitsFree !== null
        const width = written.includes(':') ? 128 : 32
        const value = isBlock ? `${written}/${width - bitsFree}` : written
        return isNamed ? { value, label: 'office' } : value
      },
    }
  })

/** The text of an address or block, most spellings refused, or what is no text. */
export const ipInput: fc.Arbitrary<Json> = choose<Json>(
  [4, spelled(oneOf(GOOD_SPELLINGS))],
  [6, fc.tuple(spelled(oneOf(GOOD_SPELLINGS)), fc.nat(130)).map(([text, n]) => `${text}/${n}`)],
  [3, fc.tuple(spelled(oneOf(GOOD_SPELLINGS)), oneOf(HOSTILE_ENDS)).map((parts) => parts.join(''))],
  [3, spelled(oneOf(BAD_SPELLINGS))],
  [1, fc.tuple(spelled(oneOf(BAD_SPELLINGS)), fc.nat(130)).map(([text, n]) => `${text}/${n}`)],
  [1, bracketed()],
  [1, oneOf([...NOT_TEXT.filter((value) => !isObject(value)), '', ' \uFEFF', 'x', 'localhost'])],
)

/** Any entry: what `ipInput` makes, plain or with a label. */
export const anyIp: fc.Arbitrary<PlannedIp> = fc
  .tuple(choose([9, ipInput], [1, oneOf(NOT_TEXT)]), fc.boolean())
  .map(([input, isNamed]) => ({
    address: () => (typeof input === 'string' ? readAddress(input) : null) ?? known('8.8.8.8'),
    entry: () => (isNamed && !isObject(input) ? { value: input, label: 'x' } : input),
  }))

function spelled(spellings: fc.Arbitrary<AddressSpelling>): fc.Arbitrary<string> {
  return fc.tuple(anyAddress, spellings).map(([address, spell]) => spell(address))
}

function bracketed(): fc.Arbitrary<string> {
  const ends = oneOf(['', ':80', ':', ':99999', '/64', ':80/64', 'x'])
  return fc.tuple(anyAddress, ends).map(([address, end]) => `[${addressText(address)}]${end}`)
}

function known(text: string): Address {
  const address = readAddress(text)
  if (address === null) throw new Error(`${text} is no address`)
  return address
}

function isObject(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
