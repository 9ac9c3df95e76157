import { argon2, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import type { RandomBytes } from '../identifier/identifier.ts'
import { startThread } from '../thread/start-thread.ts'
import type { GuessedPassword } from './guesses-thread.ts'

/** Characters that a password has at least: NIST SP 800-63B-4 asks for 15 where nothing else is asked. */
export const PASSWORD_LENGTH_MIN = 15
/** A whole sentence fits; a megabyte to be hashed does not. */
export const PASSWORD_LENGTH_MAX = 256

/** Why a password is not taken. */
export type PasswordProblem = 'too_short' | 'too_long' | 'guessable'

/**
 * Why this password is not taken, `undefined` if it is. There are no rules of composition: length, and
 * that nobody guesses it.
 * @param known what a guesser knows of its holder: their name.
 */
export async function passwordProblem(
  password: string,
  known: readonly string[],
): Promise<PasswordProblem | undefined> {
  const { length } = Array.from(normalised(password))
  if (length < PASSWORD_LENGTH_MIN) return 'too_short'
  if (length > PASSWORD_LENGTH_MAX) return 'too_long'
  const estimate = await guesses(password, known)
  return estimate < GUESSES_LOG10_MIN ? 'guessable' : undefined
}

/** 10^8 guesses: what an attacker could try online in years, and offline on argon2id in many days. */
const GUESSES_LOG10_MIN = 8

/** In a thread of its own, and only when somebody chooses a password: no decision waits for it. */
async function guesses(password: string, known: readonly string[]): Promise<number> {
  const guessed: GuessedPassword = {
    password: normalised(password),
    known: [...known, 'keyfence'],
  }
  const thread = startThread(import.meta.url, './guesses-thread', { workerData: guessed })
  const [estimate] = (await once(thread, 'message')) as [number] // what the thread sends
  return estimate
}

const derive = promisify(argon2)

/** The first choice of the OWASP password storage guidance: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
const SALT_BYTES = 16

/** A password's hash in the PHC string format: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export async function hashPassword(password: string, random: RandomBytes): Promise<string> {
  const nonce = Buffer.from(random(SALT_BYTES))
  const tag = await derive('argon2id', { ...COST, nonce, message: normalised(password) })
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encoded(nonce)}$${encoded(tag)}`
}

/**
 * Whether a password is the one that was hashed so.
 * @param written a hash of `hashPassword`; of `undefined` nothing is, and finding out takes as long.
 */
export async function isPassword(password: string, written: string | undefined): Promise<boolean> {
  const parts = PHC.exec(written ?? NOBODY)?.groups
  if (parts === undefined) return false
  const expected = Buffer.from(parts['tag'] ?? '', 'base64')
  const tag = await derive('argon2id', {
    message: normalised(password),
    nonce: Buffer.from(parts['nonce'] ?? '', 'base64'),
    memory: Number(parts['memory']),
    passes: Number(parts['passes']),
    parallelism: Number(parts['parallelism']),
    tagLength: expected.length,
  })
  return timingSafeEqual(tag, expected) && written !== undefined
}

const PHC =
  /^\$argon2id\$v=19\$m=(?<memory>\d+),t=(?<passes>\d+),p=(?<parallelism>\d+)\$(?<nonce>[A-Za-z0-9+/]+)\$(?<tag>[A-Za-z0-9+/]+)$/

/** The hash of no password, at the cost of any. */
const NOBODY = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** The same characters typed on another keyboard are the same password (RFC 8265 §4). */
function normalised(password: string): string {
  return password.normalize('NFC')
}

function encoded(octets: Buffer): string {
  return octets.toString('base64').replaceAll('=', '')
}
