import type { EntryAnswer, Json } from '../case.ts'
import { trimWhiteSpace } from './entry-text.ts'
import { isPort } from './host.ts'
import { addressText, readAddress, readIpv4, readIpv6 } from './ip-address.ts'
import { blockText, readBlock } from './ip-block.ts'
import { isSpecialAddress, touchesSpecial } from './special-blocks.ts'

/** The settings that widen what an ip entry may be (spec §5). */
export interface RangeSettings {
  readonly allowIpRanges: boolean
  readonly allowPrivateAddresses: boolean
}

/** Checks and normalises an ip entry (spec §5). */
export function checkIpEntry(input: Json, settings: RangeSettings): EntryAnswer {
  if (typeof input !== 'string') return refused('not_text')
  const text = trimWhiteSpace(input)
  if (text === '') return refused('entry_empty')
  if (hasPort(text)) return refused('ip_has_port')
  const address = readAddress(text)
  if (address === null) return checkBlockEntry(text, settings)
  // "The setting `allowPrivateAddresses` lifts all range refusals."
  if (isSpecialAddress(address) && !settings.allowPrivateAddresses) return refused('ip_special')
  return { ok: true, value: addressText(address) }
}

function checkBlockEntry(text: string, settings: RangeSettings): EntryAnswer {
  const block = readBlock(text)
  if (block === 'not_a_block') return refused('ip_syntax')
  // "CIDR blocks, `/32` and `/128` too, are refused unless the setting `allowIpRanges` is on"
  if (!settings.allowIpRanges) return refused('ip_range_not_allowed')
  if (block === 'too_wide') return refused('ip_range_too_wide')
  if (touchesSpecial(block) && !settings.allowPrivateAddresses) return refused('ip_range_special')
  return { ok: true, value: blockText(block) }
}

/** `a.b.c.d:port` or `[v6]:port`. */
function hasPort(text: string): boolean {
  const [, v4, v6, port = ''] = /^(?:([\d.]+)|\[([^\]]*)\]):(.*)$/.exec(text) ?? []
  return isPort(port) && (readIpv4(v4 ?? '') ?? readIpv6(v6 ?? '')) !== null
}

function refused(code: string): { readonly ok: false; readonly code: string } {
  return { ok: false, code }
}
