import { describe, expect, test } from 'vitest'
import { formatDatabaseUrl, parseDatabaseUrl } from './database-url.ts'

describe('a database URL that is taken', () => {
  test.each<{ url: string; shown: string; because: string }>([
    {
      url: 'postgres://kf:secret@db.example.com/keyfence',
      shown: 'postgres://kf:***@db.example.com:5432/keyfence?sslmode=verify-full',
      because: 'TLS is verified where nobody says otherwise',
    },
    {
      url: 'postgresql://kf@db.example.com:6432/keyfence?sslrootcert=/etc/ca.pem',
      shown:
        'postgres://kf@db.example.com:6432/keyfence?sslmode=verify-full&sslrootcert=/etc/ca.pem',
      because: 'a CA of one’s own is named by its file',
    },
    {
      url: 'postgres://kf:p%40ss%2F@127.0.0.1/keyfence',
      shown: 'postgres://kf:***@127.0.0.1:5432/keyfence?sslmode=disable',
      because: 'nobody listens on the way to this machine',
    },
    {
      url: 'postgres://kf@localhost/keyfence?sslmode=verify-full',
      shown: 'postgres://kf@localhost:5432/keyfence?sslmode=verify-full',
      because: 'it may be verified there too',
    },
    {
      url: 'postgres://kf:x@db/keyfence?sslmode=disable',
      shown: 'postgres://kf:***@db:5432/keyfence?sslmode=disable',
      because: 'a network of one’s own, said in so many words',
    },
    {
      url: 'postgres://kf@%2Frun%2Fpostgresql/keyfence',
      shown: 'postgres://kf@%2Frun%2Fpostgresql:5432/keyfence?sslmode=disable',
      because: 'a Unix socket',
    },
    {
      url: 'postgres://kf@[2001:db8::1]:5433/keyfence',
      shown: 'postgres://kf@[2001:db8::1]:5433/keyfence?sslmode=verify-full',
      because: 'an IPv6 address',
    },
  ])('$because', ({ url, shown }) => {
    const place = parseDatabaseUrl(url)
    expect(place.ok ? formatDatabaseUrl(place.value) : place.problem).toBe(shown)
  })

  test('escapes in the password are read', () => {
    const place = parseDatabaseUrl('postgres://kf:p%40ss%2F@127.0.0.1/keyfence')
    expect(place).toMatchObject({ value: { password: 'p@ss/' } })
  })
})

describe('a database URL that is refused, without a word of it', () => {
  test.each<{ url: string; because: string }>([
    { url: 'mysql://kf:hidden@db/keyfence', because: 'another database' },
    { url: 'postgres:kf:hidden@db/keyfence', because: 'no //' },
    { url: 'db.example.com/keyfence', because: 'no scheme' },
    { url: 'postgres://kf:hidden@db', because: 'no database' },
    { url: 'postgres://kf:hidden@db/', because: 'an empty database' },
    { url: 'postgres://db/keyfence', because: 'no user' },
    { url: 'postgres://kf:hidden@/keyfence', because: 'neither host nor socket' },
    { url: 'postgres://kf:hidden@db:0/keyfence', because: 'port 0' },
    { url: 'postgres://kf:hidden@db:65536/keyfence', because: 'no such port' },
    { url: 'postgres://kf:hid#den@db/keyfence', because: 'a # would end it' },
    { url: 'postgres://kf:hid den@db/keyfence', because: 'a blank' },
    { url: 'postgres://kf:hid%den@db/keyfence', because: 'no escape' },
    { url: 'postgres://kf:hidden@db/keyfence?sslmode=require', because: 'takes any certificate' },
    {
      url: 'postgres://kf:hidden@db/keyfence?sslmode=prefer',
      because: 'goes without TLS if asked to',
    },
    { url: 'postgres://kf:hidden@db/keyfence?sslmode=verify-ca', because: 'takes any host' },
    { url: 'postgres://kf:hidden@db/keyfence?sslmode=', because: 'an empty mode' },
    {
      url: 'postgres://kf:hidden@db/keyfence?sslmode=verify-full&sslmode=disable',
      because: 'which of the two?',
    },
    {
      url: 'postgres://kf:hidden@db/keyfence?sslmode=disable&sslrootcert=/ca.pem',
      because: 'a CA that nobody asks',
    },
    { url: 'postgres://kf:hidden@db/keyfence?host=elsewhere', because: 'a second host' },
    { url: 'postgres://kf:hidden@db/keyfence?options=-cfsync=off', because: 'no option of ours' },
  ])('$because', ({ url }) => {
    const place = parseDatabaseUrl(url)
    expect(place.ok).toBe(false)
    if (!place.ok) expect(place.problem).not.toMatch(/hid|den|kf:/)
  })
})
