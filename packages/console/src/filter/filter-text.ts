/** What stands in the box of a filter, beside what the URL says of it. */
export interface FilterText {
  readonly text: string
  readonly inUrl: string
  /** What the box has put into the URL and that was not seen there yet, oldest first. */
  readonly written: readonly string[]
}

/** As somebody types. @param isWritten whether it goes into the URL: what is no value does not. */
export function typedText(before: FilterText, text: string, isWritten: boolean): FilterText {
  return { ...before, text, written: isWritten ? [...before.written, text] : before.written }
}

/**
 * As the URL changes. What the box itself wrote comes back late and leaves later letters alone;
 * anything else comes from elsewhere, a link or the history, and is what the box shows from then on.
 */
export function followedText(before: FilterText, inUrl: string): FilterText {
  const at = before.written.indexOf(inUrl)
  if (at === -1) return { text: inUrl, inUrl, written: [] }
  return { ...before, inUrl, written: before.written.slice(at + 1) }
}
