import { MANAGEMENT_KEY_PREFIX, type Parsed } from '@keyfence/core'
import type { SettingProblem } from './setting.ts'

/** Reads the setting `tokenPrefix` (spec §6); that of management keys is taken. */
export function parseTokenPrefix(text: string): Parsed<string, SettingProblem> {
  if (text === MANAGEMENT_KEY_PREFIX) {
    const message = `${MANAGEMENT_KEY_PREFIX} is what management keys begin with. Choose another.`
    return { ok: false, problem: { code: 'dangerous_value', message } }
  }
  if (TOKEN_PREFIX.test(text)) return { ok: true, value: text }
  const message = 'write 1–12 of a-z 0-9 and a final _, like acme_.'
  return { ok: false, problem: { code: 'bad_value', message } }
}

const TOKEN_PREFIX = /^[a-z0-9]{1,12}_$/
