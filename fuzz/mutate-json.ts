import { type MutationSource, mutatedText } from './mutate-text.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
/** Where a value stands: in which list or object, and by which key. */
interface Place {
  readonly holder: Json[] | { [name: string]: Json }
  readonly key: string
}

/** The text of the JSON with one value changed; `undefined` if the text is no JSON. */
export function mutatedJson(text: string, source: MutationSource): string | undefined {
  const root = parsed(text)
  if (root === undefined) return undefined
  // One level above, so that the whole is a value like any other.
  const holder = { root: root.value }
  source.random.of(STEPS)(source.random.of(placesIn(holder)), source)
  return JSON.stringify(holder.root ?? null)
}

type Step = (place: Place, source: MutationSource) => void

const STEPS: readonly Step[] = [
  function putValue(place, { random }) {
    put(place, structuredClone(random.of(VALUES)))
  },
  function putPiece(place, { random, pieces }) {
    put(place, random.of(pieces))
  },
  function changeText(place, source) {
    const value = valueAt(place)
    put(place, typeof value === 'string' ? mutatedText(value, source) : JSON.stringify(value))
  },
  function changeNumber(place, { random }) {
    const value = valueAt(place)
    put(
      place,
      (typeof value === 'number' ? value : 0) + random.of([1, -1, 0.5, 2 ** 31, -(2 ** 31)]),
    )
  },
  function remove({ holder, key }) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else delete holder[key]
  },
  function repeat(place, { random }) {
    const { holder } = place
    const copies = Array.from({ length: 1 + random.below(REPEATS_MAX) }, () => valueAt(place))
    if (Array.isArray(holder)) holder.splice(Number(place.key), 0, ...copies)
    else put(place, copies)
  },
  function wrap(place, { random }) {
    const value = valueAt(place)
    put(place, random.of<Json>([[value], { value }, { toString: value }]))
  },
  function rename({ holder, key }, { random, pieces }) {
    if (Array.isArray(holder)) return
    holder[random.of([...pieces, ...NAMES])] = holder[key] ?? null
    if (random.below(2) === 0) delete holder[key]
  },
  function takeFromAnother(place, { random, corpus }) {
    const other = parsed(random.of(corpus))
    if (other !== undefined) put(place, valueAt(random.of(placesIn({ root: other.value }))))
  },
]

const REPEATS_MAX = 8
const NAMES = ['constructor', 'toString', 'length', 'id', 'value', '']
const NUMBERS = [0, 1, -1, 0.5, 1e21, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)]
const TEXTS = ['', ' ', '\0', '\ud800', '__proto__', 'null', '[object Object]', 'x'.repeat(300)]
const VALUES: readonly Json[] = [
  ...NUMBERS,
  ...TEXTS,
  null,
  true,
  false,
  [],
  [[]],
  {},
  { value: {} },
]

function parsed(text: string): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(text) as Json } // what JSON.parse gives
  } catch {
    return undefined
  }
}

function placesIn(holder: Place['holder']): readonly Place[] {
  return Object.entries(holder).flatMap(([key, value]) => [
    { holder, key },
    ...(typeof value === 'object' && value !== null ? placesIn(value) : []),
  ])
}

function valueAt({ holder, key }: Place): Json {
  return (Array.isArray(holder) ? holder[Number(key)] : holder[key]) ?? null
}

function put({ holder, key }: Place, value: Json): void {
  if (Array.isArray(holder)) holder[Number(key)] = value
  else holder[key] = value
}
