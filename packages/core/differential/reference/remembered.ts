const ANSWERS_MAX = 10_000

/** The same function of a text, its answers kept: what is slow and plain to see is asked the same often. */
export function remembered<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, Answer>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const answer = ask(text)
    // All at once: which text comes again is not known.
    if (answers.size >= ANSWERS_MAX) answers.clear()
    answers.set(text, answer)
    return answer
  }
}
