import { expect, test } from 'vitest'
import { wwwTwin } from './www-twin.ts'

test.each<{
  value: string
  subdomains?: boolean
  others?: string[]
  gives: string | undefined
  because: string
}>([
  { value: 'example.com', gives: 'www.example.com', because: 'people forget it' },
  { value: 'www.example.com', gives: 'example.com', because: 'and the other way round' },
  {
    value: 'example.com',
    others: ['www.example.com'],
    gives: undefined,
    because: 'listed already',
  },
  {
    value: 'example.com',
    others: ['*.example.com'],
    gives: undefined,
    because: 'a wildcard covers it',
  },
  {
    value: 'example.com',
    subdomains: true,
    gives: undefined,
    because: 'its subdomains are covered',
  },
  { value: '*.example.com', gives: undefined, because: 'a wildcard has no www' },
  { value: 'localhost', gives: undefined, because: 'no such name' },
  { value: 'a.b.example.com', gives: undefined, because: 'nobody reaches deep names by www' },
])('$value: $because', ({ value, subdomains = false, others = [], gives }) => {
  const entry = { value, subdomains, label: '' }
  const entries = [
    entry,
    ...others.map((other) => ({ value: other, subdomains: false, label: '' })),
  ]
  expect(wwwTwin(entry, entries)).toBe(gives)
})
