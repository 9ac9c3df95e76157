import type { Address } from './ip-address.ts'
import { blockContains, blocksTouch, readBlock, type Block } from './ip-block.ts'

// "every row of the IANA special-purpose registries, globally reachable or not [...], multicast,
// everything outside 2000::/3". Rows inside another row are left out: only the kind would differ.
const SPECIAL: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  // Multicast, then 240.0.0.0/4 and the limited broadcast address in it.
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Everything outside 2000::/3, in three blocks.
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
]

/** Whether no list may name this address unless private ones are allowed (spec §5). */
export function isSpecialAddress(address: Address): boolean {
  return SPECIAL_BLOCKS.some((block) => blockContains(block, address))
}

/** Whether the block "touches a refused range". */
export function touchesSpecial(block: Block): boolean {
  return SPECIAL_BLOCKS.some((special) => blocksTouch(special, block))
}

const SPECIAL_BLOCKS: readonly Block[] = SPECIAL.map((text) => {
  const block = readBlock(text)
  if (typeof block === 'string') throw new Error(`${text} is ${block}`)
  return block
})
