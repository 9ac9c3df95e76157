import {
  addressText,
  isMapped,
  readIpv4,
  readIpv6,
  readIpv6Bits,
  type Address,
} from './ip-address.ts'
import { remembered } from './remembered.ts'

/** A CIDR block: the bits that its addresses begin with, host bits gone. */
export interface Block {
  readonly family: 4 | 6
  readonly bits: string
}

/** A block, or why it is none: not written as one, or wider than any list may be. */
type BlockReading = Block | 'not_a_block' | 'too_wide'

/** Reads `address/prefix` (spec §4, §5); a mapped block comes back as the IPv4 block. */
export const readBlock: (text: string) => BlockReading = remembered((text) => {
  const parts = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(text)
  const written = parts?.[1] ?? ''
  const prefix = Number(parts?.[2])
  if (parts === null) return 'not_a_block'
  return readIpv4Block(written, prefix) ?? readIpv6Block(written, prefix) ?? 'not_a_block'
})

/** Whether the address is in the block; the families never meet. */
export function blockContains(block: Block, address: Address): boolean {
  return block.family === address.family && address.bits.startsWith(block.bits)
}

/** Whether two blocks share an address: of two CIDR blocks that do, one contains the other. */
export function blocksTouch(one: Block, other: Block): boolean {
  if (one.family !== other.family) return false
  return one.bits.startsWith(other.bits) || other.bits.startsWith(one.bits)
}

/** `first address/prefix`, the address in canonical form. */
export function blockText(block: Block): string {
  const first = block.bits.padEnd(block.family === 4 ? 32 : 128, '0')
  return `${addressText({ family: block.family, bits: first })}/${block.bits.length}`
}

function readIpv4Block(written: string, prefix: number): BlockReading | null {
  const address = readIpv4(written)
  if (address === null) return null
  return prefix <= 32 ? masked(address, prefix) : 'not_a_block'
}

function readIpv6Block(written: string, prefix: number): BlockReading | null {
  const bits = readIpv6Bits(written)
  const address = readIpv6(written)
  if (bits === null || address === null) return null
  if (prefix > 128) return 'not_a_block'
  if (!isMapped(bits)) return masked(address, prefix)
  // "`/0` and mapped blocks shorter than /96 are refused"
  return prefix < 96 ? 'too_wide' : masked(address, prefix - 96)
}

function masked(address: Address, prefix: number): BlockReading {
  // "host bits are masked, `/0` [is] refused"
  if (prefix === 0) return 'too_wide'
  return { family: address.family, bits: address.bits.slice(0, prefix) }
}
