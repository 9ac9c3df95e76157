import { expect, test } from 'vitest'
import { previewWords } from './preview-words.ts'

const NONE = {
  since: '2026-11-23T09:00:00.000Z',
  calls: 9812,
  refused: 0,
  newlyRefused: 0,
  newlyAllowed: 0,
  unknown: 0,
}

test.each<{ preview: Parameters<typeof previewWords>[0]; gives: string; harmful: boolean }>([
  {
    preview: { ...NONE, since: null, calls: 0 },
    gives: 'No call was seen yet, so nothing is known of what this would change.',
    harmful: false,
  },
  {
    preview: NONE,
    gives: 'Would have refused none of 9,812 calls since Monday, November 23.',
    harmful: false,
  },
  {
    preview: { ...NONE, refused: 214, newlyRefused: 200 },
    gives:
      'Would have refused 214 of 9,812 calls since Monday, November 23. 200 of them were let through.',
    harmful: true,
  },
  {
    preview: { ...NONE, refused: 3 },
    gives: 'Would have refused 3 of 9,812 calls since Monday, November 23.',
    harmful: false,
  },
  {
    preview: { ...NONE, newlyAllowed: 2, unknown: 7 },
    gives:
      'Would have refused none of 9,812 calls since Monday, November 23. 2 that were refused would be allowed. Of 7 further calls nothing is known.',
    harmful: false,
  },
  {
    preview: { ...NONE, calls: 1, refused: 1, newlyRefused: 1 },
    gives: 'Would have refused 1 of 1 call since Monday, November 23. 1 of them was let through.',
    harmful: true,
  },
])('$gives', ({ preview, gives, harmful }) => {
  expect(previewWords(preview)).toEqual({ text: gives, isHarmful: harmful })
})
