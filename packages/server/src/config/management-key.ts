import { MANAGEMENT_KEY_PREFIX, type Parsed, parseTokenText, type TokenText } from '@keyfence/core'
import type { SettingProblem } from './setting.ts'

/** Reads the setting `managementKey`: a token of any shape, long enough not to be guessed. */
export function parseManagementKey(text: string): Parsed<TokenText, SettingProblem> {
  const key = parseTokenText(text, MANAGEMENT_KEY_PREFIX)
  if (key === undefined) return refuse('bad_value', NOT_A_KEY)
  return key.length < LENGTH_MIN ? refuse('dangerous_value', TOO_SHORT) : { ok: true, value: key }
}

const LENGTH_MIN = 32

const NOT_A_KEY = `write 32–512 visible ASCII characters without a comma; one that begins with ${MANAGEMENT_KEY_PREFIX} must be whole.`
const TOO_SHORT = 'too short to be safe. Make one with: openssl rand -hex 32'

function refuse(code: SettingProblem['code'], message: string): Parsed<TokenText, SettingProblem> {
  return { ok: false, problem: { code, message } }
}
