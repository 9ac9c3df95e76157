import { expect, test } from 'vitest'
import { leftOutText } from './typed-entries.ts'

test.each([
  { typed: ['', ''], says: '', because: 'nothing is typed' },
  { typed: ['  \n', ''], says: '', because: 'blanks are nothing' },
  { typed: ['a.com', ''], says: 'Typed and not added: a.com.', because: 'one is named' },
  { typed: ['', '8.8.8.8'], says: 'Typed and not added: 8.8.8.8.', because: 'of either list' },
  {
    typed: ['a.com\nb.com c.com', '8.8.8.8'],
    says: 'Typed and not added: a.com and 3 more.',
    because: 'of many the first is named',
  },
])('$typed: $because', ({ typed, says }) => expect(leftOutText(typed)).toBe(says))
