import type { RestrictionsPreview } from '../api/client.ts'

/** What a change would have done, in a sentence, and whether somebody would have been shut out. */
export function previewWords(
  preview: Pick<
    RestrictionsPreview,
    'since' | 'calls' | 'refused' | 'newlyRefused' | 'newlyAllowed' | 'unknown'
  >,
): { readonly text: string; readonly isHarmful: boolean } {
  const { since, calls, refused, newlyRefused, newlyAllowed, unknown } = preview
  if (since === null)
    return {
      text: 'No call was seen yet, so nothing is known of what this would change.',
      isHarmful: false,
    }
  const from = `since ${DAY.format(Date.parse(since))}`
  const told =
    refused === 0
      ? `Would have refused none of ${callsText(calls)} ${from}.`
      : `Would have refused ${NUMBER.format(refused)} of ${callsText(calls)} ${from}.`
  const changed =
    newlyRefused === 0
      ? ''
      : ` ${NUMBER.format(newlyRefused)} of them ${wasOrWere(newlyRefused)} let through.`
  const opened =
    newlyAllowed === 0
      ? ''
      : ` ${NUMBER.format(newlyAllowed)} that ${wasOrWere(newlyAllowed)} refused would be allowed.`
  const rest = unknown === 0 ? '' : ` Of ${NUMBER.format(unknown)} further calls nothing is known.`
  return { text: told + changed + opened + rest, isHarmful: newlyRefused > 0 }
}

function callsText(count: number): string {
  return `${NUMBER.format(count)} ${count === 1 ? 'call' : 'calls'}`
}

function wasOrWere(count: number): string {
  return count === 1 ? 'was' : 'were'
}

const NUMBER = new Intl.NumberFormat('en')
const DAY = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' })
