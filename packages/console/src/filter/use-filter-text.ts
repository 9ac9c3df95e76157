import { useState } from 'react'
import { type FilterText, followedText, typedText } from './filter-text.ts'

/**
 * The text of a box whose filter lives in the URL: it follows the URL wherever that is led to.
 * @returns the text, and what takes another one; `isWritten` where it goes into the URL, too
 */
export function useFilterText(
  inUrl: string,
): readonly [text: string, type: (text: string, isWritten: boolean) => void] {
  const [state, setState] = useState<FilterText>({ text: inUrl, inUrl, written: [] })
  // Before it is drawn: the old text is never seen beside the new list.
  if (state.inUrl !== inUrl) setState((before) => followedText(before, inUrl))
  return [state.text, (text, isWritten) => setState((before) => typedText(before, text, isWritten))]
}
