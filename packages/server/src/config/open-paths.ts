import type { Parsed } from '@keyfence/core'
import { parseEach, type SettingProblem } from './setting.ts'

/**
 * Reads the setting `openPaths`: exact raw paths that pass without a token (spec §8.1). What looks
 * like a pattern is refused, and what an upstream may read as another path.
 */
export function parseOpenPaths(
  elements: readonly string[],
): Parsed<readonly string[], SettingProblem> {
  return parseEach(elements, parseOpenPath)
}

function parseOpenPath(path: string): Parsed<string, string | SettingProblem> {
  if (!PATH.test(path)) return { ok: false, problem: 'write paths as they are requested: /health.' }
  if (path.includes('*'))
    return { ok: false, problem: 'there are no patterns: write each path whole.' }
  if (READ_OTHERWISE.test(path)) return { ok: false, problem: OTHER_PATH }
  return { ok: true, value: path }
}

const PATH = /^\/(?:(?![?#])[!-~])*$/

/** Empty and dot segments, backslashes, and separators or dots behind percent escapes. */
const READ_OTHERWISE = /\/\/|\\|;|%(?:2e|2f|5c|00)|\/\.{1,2}(?:\/|$)/i

const OTHER_PATH: SettingProblem = {
  code: 'dangerous_value',
  message:
    'an upstream may read this as another path. Write it without //, dot segments and escapes.',
}
