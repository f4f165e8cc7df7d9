import process from 'node:process'

const PARENT_CHECK_MS = 500

/**
 * Calls `stop` at the first SIGTERM or SIGINT, and `abort` at a second one. Under `npm start`, whose child does not
 * hear npm's signals, the end of the parent counts as SIGTERM. Returns a function that stops listening.
 */
export function onStopSignal(stop: () => void, abort: () => void): () => void {
  let stopping = false
  const hear = (): void => {
    if (stopping) return abort()
    stopping = true
    stop()
  }
  process.on('SIGTERM', hear)
  process.on('SIGINT', hear)
  const unwatch = watchParent(() => {
    if (!stopping) hear()
  })
  return () => {
    process.off('SIGTERM', hear)
    process.off('SIGINT', hear)
    unwatch()
  }
}

function watchParent(ended: () => void): () => void {
  if (process.env['npm_lifecycle_event'] === undefined) return () => {}
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    ended()
  }, PARENT_CHECK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
