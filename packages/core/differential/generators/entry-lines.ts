import * as fc from 'fast-check'
import type { EntryLine } from '../case.ts'
import { choose } from './choice.ts'
import { domainInput } from './domain-entries.ts'
import { ipInput } from './ip-entries.ts'

const domainLine = lineOf('domain', domainInput)
const ipLine = lineOf('ip', ipInput)

/** Lines of `keyfence entry check --jsonl`; now and then text of one kind is asked as the other. */
export const entryLine: fc.Arbitrary<EntryLine> = choose(
  [9, domainLine],
  [9, ipLine],
  [1, lineOf('domain', ipInput)],
  [1, lineOf('ip', domainInput)],
)

function lineOf(
  kind: EntryLine['kind'],
  inputs: fc.Arbitrary<EntryLine['input']>,
): fc.Arbitrary<EntryLine> {
  return fc
    .tuple(inputs, fc.boolean(), fc.boolean())
    .map(([input, allowIpRanges, allowPrivateAddresses]) => ({
      kind,
      input,
      allowIpRanges,
      allowPrivateAddresses,
    }))
}
