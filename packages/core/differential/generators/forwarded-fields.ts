import * as fc from 'fast-check'
import type { HeaderField } from '../case.ts'
import { addressText, readAddress, type Address } from '../reference/ip-address.ts'
import { anyAddress, BAD_SPELLINGS, GOOD_SPELLINGS, withBitTurned } from './addresses.ts'
import { choose, oneOf } from './choice.ts'

/** Addresses that mean something to the line under construction. */
export interface Neighbourhood {
  /** One that the list was made from; any other if the list is empty. */
  readonly listed: (pick: number) => Address
  /** One inside a trusted proxy's block; any other if none is trusted. */
  readonly trusted: (pick: number) => Address
}

/** Text still to be written, once it is known who is listed and who is trusted. */
type PlannedText = (near: Neighbourhood) => string

const HOP_SPELLINGS: readonly ((address: Address) => string)[] = [
  ...GOOD_SPELLINGS,
  withPort('443'),
  withPort('0'),
  withPort('65535'),
  (address) => (address.family === 6 ? `[${addressText(address)}]` : addressText(address)),
  (address) => `[::ffff:${addressText(address)}]:80`,
]

const BAD_HOP_SPELLINGS: readonly ((address: Address) => string)[] = [
  ...BAD_SPELLINGS,
  withPort(''),
  withPort('65536'),
  withPort('123456'),
  withPort('8o'),
  withPort(' 80'),
  (address) => `[${addressText(address)} ]`,
  (address) => `[${addressText(address)}]x`,
  (address) => `${addressText(address)}\t${addressText(address)}`,
  (address) => `${addressText(address)};${addressText(address)}`,
  (address) => `for=${addressText(address)}`,
]

const ODD_HOPS: readonly string[] = [
  '',
  ' ',
  '\t',
  'unknown',
  '_hidden',
  '-',
  'localhost',
  '"8.8.8.8"',
  '8.8.8.8\u007F',
  '8.8.8.8\u0000',
  '\u00A08.8.8.8',
  '٨.8.8.8',
  '\u000B',
  '8.8.8.8\r\n',
]

const nearAddress: fc.Arbitrary<(near: Neighbourhood) => Address> = choose<
  (near: Neighbourhood) => Address
>(
  [4, fc.nat(4).map((pick) => (near) => near.listed(pick))],
  [4, fc.nat(4).map((pick) => (near) => near.trusted(pick))],
  [2, turned((near, pick) => near.listed(pick))],
  [1, turned((near, pick) => near.trusted(pick))],
  [1, anyAddress.map((one) => () => one)],
)

const hop: fc.Arbitrary<PlannedText> = choose<PlannedText>(
  [12, spelled(nearAddress, HOP_SPELLINGS)],
  [1, spelled(nearAddress, BAD_HOP_SPELLINGS)],
  [1, oneOf(ODD_HOPS).map((text) => () => text)],
)

const separator = oneOf([', ', ',', ' , ', ',\t', '\t,', ',,', ', ,'])

const chain: fc.Arbitrary<PlannedText> = fc
  .tuple(
    hop,
    choose(
      [9, fc.array(fc.tuple(separator, hop), { maxLength: 3 })],
      [1, fc.array(fc.tuple(oneOf([',', ', ']), trustedHop()), { minLength: 30, maxLength: 33 })],
    ),
    oneOf(['', '', '', ' ', '\t', ',']),
  )
  .map(
    ([first, rest, end]) =>
      (near) =>
        first(near) + rest.map(([between, next]) => between + next(near)).join('') + end,
  )

/** No `X-Forwarded-For` at all, one, or several. */
export const forwardedFields: fc.Arbitrary<readonly ((near: Neighbourhood) => HeaderField)[]> =
  fc.array(
    fc.tuple(oneOf(['X-Forwarded-For', 'x-forwarded-for', 'X-FORWARDED-FOR']), chain).map(
      ([name, write]) =>
        (near) =>
          [name, write(near)] satisfies HeaderField,
    ),
    { maxLength: 3 },
  )

/** The socket's peer: most often trusted, so that the fields are read. */
export const peer: fc.Arbitrary<(near: Neighbourhood) => string | null> = choose<
  (near: Neighbourhood) => string | null
>(
  [8, spelled(trustedAddress(), GOOD_SPELLINGS)],
  [6, spelled(nearAddress, GOOD_SPELLINGS)],
  [1, spelled(nearAddress, BAD_HOP_SPELLINGS)],
  [1, oneOf([null, '', 'unknown', '/run/socket']).map((text) => () => text)],
)

function spelled(
  addresses: fc.Arbitrary<(near: Neighbourhood) => Address>,
  spellings: readonly ((address: Address) => string)[],
): fc.Arbitrary<PlannedText> {
  return fc.tuple(addresses, oneOf(spellings)).map(
    ([find, spell]) =>
      (near) =>
        spell(find(near)),
  )
}

function turned(
  from: (near: Neighbourhood, pick: number) => Address,
): fc.Arbitrary<(near: Neighbourhood) => Address> {
  const positions = choose([2, fc.nat(16)], [1, fc.nat(127)])
  return fc.tuple(fc.nat(4), positions).map(
    ([pick, position]) =>
      (near) =>
        withBitTurned(from(near, pick), position),
  )
}

function trustedAddress(): fc.Arbitrary<(near: Neighbourhood) => Address> {
  return fc.nat(4).map((pick) => (near) => near.trusted(pick))
}

function trustedHop(): fc.Arbitrary<PlannedText> {
  return spelled(trustedAddress(), [addressText])
}

function withPort(port: string): (address: Address) => string {
  return (address) =>
    address.family === 4 ? `${addressText(address)}:${port}` : `[${addressText(address)}]:${port}`
}

/** An address by its text, for tables of known ones. */
export function knownAddress(text: string): Address {
  const known = readAddress(text)
  if (known === null) throw new Error(`${text} is no address`)
  return known
}
