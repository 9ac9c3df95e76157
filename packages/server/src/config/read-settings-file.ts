import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Parsed } from '@keyfence/core'
import type { SettingsFile } from './config-file.ts'

/**
 * Reads a file of settings and its permissions, both of the same open file, so that nobody can put
 * another in its place between the two.
 */
export function readSettingsFile(path: string): Parsed<SettingsFile, string> {
  try {
    const descriptor = openSync(path, 'r')
    try {
      const { mode } = fstatSync(descriptor)
      return { ok: true, value: { text: readFileSync(descriptor, 'utf8'), mode } }
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    return { ok: false, problem: `cannot be read (${errorCode(error)}).` }
  }
}

function errorCode(error: unknown): string {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string'
  return hasCode ? String(error.code) : 'unknown error'
}
