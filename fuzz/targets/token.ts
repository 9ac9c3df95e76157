import { formatToken, parseTokenText, TOKEN_ALPHABET, TOKEN_RANDOM_LENGTH } from '@keyfence/core'
import { mustHold, pureTarget } from '../target.ts'

const PREFIX = 'kf_'
const GOOD = formatToken(PREFIX, 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7')
const OWN = /^kf_[0-9A-Za-z]{40}$/
const FOREIGN = /^[!-+\--~]{1,512}$/

/** The text of a token (spec §6). */
export const token = pureTarget({
  name: 'token',
  shape: 'text',
  seeds: [GOOD, 'sk_live_1234', 'kfm_x'],
  pieces: [PREFIX, GOOD, GOOD.slice(3, 37), GOOD.slice(37), 'x'.repeat(511), ','],
  lengthMax: 600,
  run: (text) => {
    const isOwn = text.startsWith(PREFIX)
    const parsed = parseTokenText(text, PREFIX)
    const random = text.slice(PREFIX.length, PREFIX.length + TOKEN_RANDOM_LENGTH)
    const isRight = OWN.test(text) && formatToken(PREFIX, random) === text
    mustHold((parsed !== undefined) === (isOwn ? isRight : FOREIGN.test(text)), 'the rule of §6')
    mustHold(parsed === undefined || parsed === text, 'a token is the text that was sent')
    // The right checksum, of characters that may be none of ours.
    const sealed = formatToken(PREFIX, random)
    mustHold((parseTokenText(sealed, PREFIX) !== undefined) === OWN.test(sealed), 'the alphabet')
    if (isOwn && parsed !== undefined) everyOtherCharacterIsRefused(text)
  },
})

/** The checksum sees each change of one character. */
function everyOtherCharacterIsRefused(text: string): void {
  for (let at = PREFIX.length; at < text.length; at++) {
    const other = TOKEN_ALPHABET.charAt((TOKEN_ALPHABET.indexOf(text.charAt(at)) + 1) % 62)
    const changed = text.slice(0, at) + other + text.slice(at + 1)
    mustHold(parseTokenText(changed, PREFIX) === undefined, `character ${at} is not checked`)
  }
}
