/** A secret that was used in a run, and what it was. */
export interface Canary {
  readonly what: string
  readonly secret: string
}

/** One canary in one place. */
export interface Leak {
  readonly what: string
  readonly form: string
  readonly place: string
}

/** Something that a run left behind: octets as Latin-1, so that nothing is lost of them. */
export interface LeftBehind {
  readonly place: string
  readonly octets: string
}

/**
 * Where canaries are, whole or by half of their characters, as they are or in other forms. A hint
 * (prefix and last four characters) is none.
 */
export function leaksOf(canaries: readonly Canary[], left: readonly LeftBehind[]): Leak[] {
  const lowerCased = left.map(({ place, octets }) => ({ place, octets: octets.toLowerCase() }))
  return canaries.flatMap(({ what, secret }) =>
    Object.entries(formsOf(secret)).flatMap(([form, needles]) =>
      lowerCased
        .filter(({ octets }) => needles.some((needle) => octets.includes(needle.toLowerCase())))
        .map(({ place }) => ({ what, form, place })),
    ),
  )
}

/** Each is looked for without regard to case. */
function formsOf(secret: string): Readonly<Record<string, readonly string[]>> {
  const octets = Buffer.from(secret)
  return {
    plain: halvesOf(secret),
    base64: base64Of(octets),
    hex: halvesOf(octets.toString('hex')),
    urlEncoded: halvesOf(secret.replace(/./g, (at) => `%${at.charCodeAt(0).toString(16)}`)),
    utf16: halvesOf(Buffer.from(secret, 'utf16le').toString('latin1')),
  }
}

/** Whoever has one half of a secret has too much of it. */
function halvesOf(text: string): readonly string[] {
  const middle = Math.floor(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)]
}

/** In base64 three octets are four characters, so that what stands before a secret shifts it. */
function base64Of(octets: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const shifted = Buffer.concat([Buffer.alloc(before), octets]).toString('base64')
    // The first and the last characters hold octets of what stands around it.
    const inner = shifted.replace(/=+$/, '').slice(before === 0 ? 0 : before + 1, -1)
    return [...halvesOf(inner), ...halvesOf(inner.replace(/\+/g, '-').replace(/\//g, '_'))]
  })
}
