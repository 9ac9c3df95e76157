import { type ReactElement, useEffect, useRef } from 'react'

/** A box to pick by. Mantine's own takes longer to draw than the rest of a row, twenty-five times. */
export function PickBox(props: {
  label: string
  picked: 'all' | 'some' | 'none'
  onPick: (isPicked: boolean) => void
}): ReactElement {
  const { label, picked, onPick } = props
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // HTML has no attribute for it.
    if (box.current !== null) box.current.indeterminate = picked === 'some'
  }, [picked])
  return (
    <input
      ref={box}
      type="checkbox"
      className="pick-box mantine-focus-auto"
      aria-label={label}
      checked={picked === 'all'}
      onChange={(event) => onPick(event.currentTarget.checked)}
    />
  )
}
