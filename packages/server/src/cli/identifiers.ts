import { parseKeyId, parseTokenId } from '../api/parse-identifier.ts'
import type { KeyId, TokenId } from '../identifier/identifier.ts'
import type { PlacedRun } from './managed.ts'

type Arguments = Pick<PlacedRun<object>, 'args' | 'wrongUse'>

/** The tokens that the arguments name; anything else, a secret perhaps, is neither sent nor repeated. */
export function tokenIds({ args, wrongUse }: Arguments): readonly TokenId[] {
  return args.map((text) => parseTokenId(text) ?? wrongUse(NO_TOKEN_ID))
}

/** The one token that the only argument names. */
export function tokenId(run: Arguments): TokenId {
  return tokenIds(run)[0] ?? run.wrongUse(NO_TOKEN_ID)
}

/** The management keys that the arguments name, likewise. */
export function keyIds({ args, wrongUse }: Arguments): readonly KeyId[] {
  return args.map((text) => parseKeyId(text) ?? wrongUse(NO_KEY_ID))
}

const NO_TOKEN_ID = 'a token is named by its id, tok_…: "keyfence token list" shows them'
const NO_KEY_ID = 'a key is named by its id, key_…: "keyfence key list" shows them'
