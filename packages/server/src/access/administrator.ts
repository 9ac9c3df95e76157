import type { EpochMs } from '@keyfence/core'
import type { AdministratorId } from '../identifier/identifier.ts'

/** What an administrator may do: everything, or look. */
export const ROLES = ['admin', 'viewer'] as const

export type Role = (typeof ROLES)[number]

/** A person who signs in to the console. */
export interface Administrator {
  readonly id: AdministratorId
  /** What they sign in with, as they write it; no two differ in case alone. */
  readonly name: string
  readonly role: Role
  readonly createdAt: EpochMs
}

/** An administrator with the hash of their password; `undefined` until they have chosen one. */
export interface StoredAdministrator extends Administrator {
  readonly passwordHash: string | undefined
}

export interface AdministratorReader {
  find(id: AdministratorId): Promise<StoredAdministrator | undefined>
  /** In any case and composition of characters. */
  findByName(name: string): Promise<StoredAdministrator | undefined>
  /** In the order of their names' creation. */
  list(): Promise<readonly StoredAdministrator[]>
}

export interface AdministratorWriter extends AdministratorReader {
  /** @throws StoreError `not_unique` where the name is taken */
  insert(administrator: StoredAdministrator): Promise<void>
  update(id: AdministratorId, changed: AdministratorChange): Promise<void>
  remove(id: AdministratorId): Promise<void>
}

/** What can change of an administrator. */
export type AdministratorChange = Partial<Pick<StoredAdministrator, 'role' | 'passwordHash'>>

/** The form in which two names are compared. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}
