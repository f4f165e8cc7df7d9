/** Cancels what it was returned for; calling it again, or after the callback ran, does nothing. */
export type Cancel = () => void

/**
 * Time and timers as a value, so that a whole server or client can run under a virtual clock.
 * Nothing outside an adapter calls `Date.now`, `performance.now` or `setTimeout`.
 */
export interface Clock {
  /** Milliseconds that never go backwards; only differences mean anything. */
  now(): number
  /** Wall-clock milliseconds since 1970, for what people read and for token expiry only. */
  wallTime(): number
  /** Runs `callback` once, not before `delayMs` (0 … 2^31-1) have passed. Does not keep a process alive. */
  after(delayMs: number, callback: () => void): Cancel
  /** Runs `callback` in a later turn of the event loop, after I/O that is already waiting. */
  soon(callback: () => void): Cancel
}

const MAX_TIMER_MS = 2 ** 31 - 1

interface HostTimers {
  performance: { now(): number }
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(handle: unknown): void
  setImmediate?(callback: () => void): unknown
  clearImmediate?(handle: unknown): void
}

const host = globalThis as unknown as HostTimers

function after(delayMs: number, callback: () => void): Cancel {
  // A host timer turns a delay above 2^31-1 into 1 ms; a long wait must not become an instant one.
  const handle = host.setTimeout(callback, Math.min(Math.max(0, delayMs), MAX_TIMER_MS))
  unref(handle)
  return () => host.clearTimeout(handle)
}

function soon(callback: () => void): Cancel {
  if (host.setImmediate === undefined || host.clearImmediate === undefined) {
    return after(0, callback)
  }
  const handle = host.setImmediate(callback)
  return () => host.clearImmediate?.(handle)
}

function unref(handle: unknown): void {
  if (typeof handle === 'object' && handle !== null && 'unref' in handle) {
    ;(handle as { unref(): void }).unref()
  }
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => host.performance.now(),
  wallTime: () => Date.now(),
  after,
  soon,
}
