import { expect, test } from 'vitest'
import { type FilterText, followedText, typedText } from './filter-text.ts'

const EMPTY: FilterText = { text: '', inUrl: '', written: [] }

type Step = readonly ['types' | 'types in vain' | 'url', string]

test.each<{ steps: readonly Step[]; gives: string; because: string }>([
  { steps: [['url', 'shop']], gives: 'shop', because: 'a link or the history brought it' },
  {
    steps: [
      ['types', 's'],
      ['types', 'sh'],
      ['url', 's'],
    ],
    gives: 'sh',
    because: 'the URL is behind what is typed',
  },
  {
    steps: [
      ['types', 's'],
      ['types', 'sh'],
      ['url', 'sh'],
      ['url', ''],
    ],
    gives: '',
    because: 'the link to all tokens empties it',
  },
  {
    steps: [
      ['types', 's'],
      ['types', 'sh'],
      ['url', 'sh'],
      ['url', 's'],
    ],
    gives: 's',
    because: 'what was skipped is not waited for any more',
  },
  {
    steps: [
      ['types', 's'],
      ['url', 's'],
      ['types', ''],
      ['url', ''],
      ['url', 's'],
    ],
    gives: 's',
    because: 'back to what was typed before',
  },
  {
    steps: [
      ['types', 's'],
      ['url', 's'],
      ['types in vain', 's!'],
      ['url', ''],
    ],
    gives: '',
    because: 'what is no value goes with the rest',
  },
])('$because', ({ steps, gives }) => {
  let now = EMPTY
  for (const [does, text] of steps) {
    now = does === 'url' ? followedText(now, text) : typedText(now, text, does === 'types')
  }
  expect(now.text).toBe(gives)
})
