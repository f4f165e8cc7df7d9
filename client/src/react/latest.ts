import { useEffect, useRef } from 'react'

/** The value of the last rendering, for callbacks that outlive one. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value)
  useEffect(() => {
    latest.current = value
  })
  return latest
}
