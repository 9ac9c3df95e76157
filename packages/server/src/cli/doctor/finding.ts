/** `problem`: something is wrong; `note`: nothing is, but somebody may want to know. */
export type FindingLevel = 'ok' | 'note' | 'problem'

/** One thing that was looked at. */
export interface Finding {
  readonly level: FindingLevel
  /** What was looked at, in a word that stays the same. */
  readonly about: string
  /** How it is. */
  readonly message: string
  /** What to do; there is one for every problem. */
  readonly remedy?: string
}

/** It is as it should be. */
export function ok(about: string, message: string): Finding {
  return { level: 'ok', about, message }
}

/** It is not as it should be. */
export function problem(about: string, message: string, remedy: string): Finding {
  return { level: 'problem', about, message, remedy }
}

/** It may be meant so; whoever did not mean it wants to know. */
export function note(about: string, message: string, remedy?: string): Finding {
  return { level: 'note', about, message, ...(remedy === undefined ? {} : { remedy }) }
}
