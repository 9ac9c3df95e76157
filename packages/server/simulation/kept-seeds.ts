import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan } from './simulate.ts'

/** A run that once showed what must not be. */
export interface KeptSeed extends Plan {
  readonly because: string
}

const FILE = join(import.meta.dirname, 'kept-seeds.json')

/** All runs that once failed. */
export function readKeptSeeds(): readonly KeptSeed[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as readonly KeptSeed[] // what keepSeed writes
}

/** Makes a failing seed a test. */
export function keepSeed(seed: KeptSeed): void {
  writeFileSync(FILE, `${JSON.stringify([...readKeptSeeds(), seed], null, 2)}\n`)
}
