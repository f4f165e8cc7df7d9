import { useCallback, useRef, useSyncExternalStore } from 'react'

/** Something outside of React that changes, and tells when. */
export interface Outside<Value> {
  subscribe(changed: () => void): () => void
  /** The same value until it changed. */
  get(): Value
}

/**
 * A part of what is outside. A component is rendered again when `isEqual` says that its part is another one; a function
 * that is written in place may be another one each time.
 *
 * @param atServer what is there while a server renders, and while its page comes to life
 */
export function useSelected<Value, Part>(
  outside: Outside<Value>,
  select: (value: Value) => Part,
  isEqual: (one: Part, two: Part) => boolean,
  atServer: Value,
): Part {
  const last = useRef<{ value: Value; select: unknown; part: Part } | null>(null)
  const partOf = (value: Value): Part => {
    const before = last.current
    if (before !== null && before.value === value && before.select === select) return before.part
    const part = select(value)
    const same = before !== null && isEqual(before.part, part) ? before.part : part
    last.current = { value, select, part: same }
    return same
  }
  return useSyncExternalStore(
    useCallback((changed) => outside.subscribe(changed), [outside]),
    () => partOf(outside.get()),
    () => partOf(atServer),
  )
}

export function whole<Value>(value: Value): Value {
  return value
}
