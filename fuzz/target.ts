/** Something that takes input from strangers, and what must hold whatever it is given. */
export interface Target {
  readonly name: string
  /** What inputs are: mutated as text, or member by member while they are JSON. */
  readonly shape: 'text' | 'json'
  /** Pieces that mean something to the target; they are put into inputs whole. */
  readonly pieces: readonly string[]
  /** No input is longer, in UTF-16 units. */
  readonly lengthMax: number
  /** Makes what inputs are run on, once a campaign. */
  open(): Promise<OpenTarget>
}

/** A target that takes inputs. */
export interface OpenTarget {
  /** What a campaign begins with, beside the kept corpus. */
  readonly seeds: readonly string[]
  /** @throws whatever the target throws, and {@link BrokenProperty} */
  run(input: string): void | Promise<void>
  close(): Promise<void>
}

/** Something that must always hold does not. */
export class BrokenProperty extends Error {}

/** @throws BrokenProperty with the sentence, unless it holds */
export function mustHold(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new BrokenProperty(sentence)
}

/** A target that keeps nothing from one input to the next. */
export function pureTarget(
  target: Omit<Target, 'open'> &
    Pick<OpenTarget, 'seeds'> & { readonly run: (input: string) => void },
): Target {
  const { seeds, run, ...described } = target
  return { ...described, open: async () => ({ seeds, run, close: async () => {} }) }
}

/** The words of a text, as pieces. */
export function words(text: string): readonly string[] {
  return text.split(' ')
}
