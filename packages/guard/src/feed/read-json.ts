import type { EpochMs } from '@keyfence/core'

/** @throws if it is no object */
export function readRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('no object')
  return value as Record<string, unknown> // made sure of a line above
}

/** @throws if it is no array */
export function readList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('no list')
  return value
}

/** @throws if it is no text */
export function readText(value: unknown): string {
  if (typeof value !== 'string') throw new Error('no text')
  return value
}

/** @throws if it is neither true nor false */
export function readBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('neither true nor false')
  return value
}

/** A whole number from 0 on. @throws if it is none */
export function readNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Error('no number')
  }
  return value === 0 ? 0 : value // `-0` is a number, too, and is written as `0`
}

/** `null`: there is no such time. @throws if it is neither a time nor `null` */
export function readTime(value: unknown): EpochMs | undefined {
  return value === null ? undefined : readNumber(value)
}
