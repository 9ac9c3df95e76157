import type { Attention } from '../api/queries.ts'

/** What makes tokens worth a look, in words. */
export const ATTENTION_WORDS: Readonly<Record<Attention, string>> = {
  unrestricted: 'Works from anywhere',
  expiring: 'Expires within 7 days',
  unused: 'Not used for 30 days',
  refused: 'Many refusals today',
}
