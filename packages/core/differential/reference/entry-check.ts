import type { EntryAnswer, EntryLine } from '../case.ts'
import { checkDomainEntry } from './domain-entry.ts'
import { checkIpEntry } from './ip-entry.ts'

/** What `keyfence entry check --jsonl` answers to a line (spec §5, §10), without its sentences. */
export function referenceEntryCheck(line: EntryLine): EntryAnswer {
  return line.kind === 'domain'
    ? checkDomainEntry(line.input, false)
    : checkIpEntry(line.input, line)
}
