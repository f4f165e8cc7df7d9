import { performance } from 'node:perf_hooks'

const OURS = /\/(?:client|server|shared|storage)\/src\//

/**
 * Runs `work` and returns what our code reached for meanwhile that is not of the simulated world: time, chance and
 * timers of this machine. A timer that is taken back in the turn in which it was set does no harm.
 */
export async function reachesOutOf(work: () => Promise<void>): Promise<string[]> {
  const reached: string[] = []
  const note = (name: string): void => {
    const caller = new Error().stack?.split('\n').find((line) => OURS.test(line))
    if (caller !== undefined) reached.push(`${name} ${caller.trim()}`)
  }
  const timers = new Map<unknown, string>()
  const undo = [
    replace(globalThis, 'setTimeout', (real) => (...args) => {
      note('setTimeout')
      return real(...args)
    }),
    replace(globalThis, 'setInterval', (real) => (...args) => {
      const timer = real(...args)
      timers.set(timer, new Error().stack ?? '')
      return timer
    }),
    replace(globalThis, 'clearInterval', (real) => (...args) => {
      timers.delete(args[0])
      return real(...args)
    }),
    replace(Date, 'now', (real) => (...args) => {
      note('Date.now')
      return real(...args)
    }),
    replace(performance, 'now', (real) => (...args) => {
      note('performance.now')
      return real.apply(performance, args)
    }),
    replace(Math, 'random', (real) => () => {
      note('Math.random')
      return real()
    }),
  ]
  try {
    await work()
  } finally {
    for (const put of undo) put()
  }
  return [...reached, ...[...timers.values()].map((stack) => `setInterval ${stack}`)]
}

type Call = (...args: never[]) => unknown

/** Puts another function in place of one, and returns how to put it back. */
function replace<Holder extends object>(
  holder: Holder,
  name: keyof Holder,
  by: (real: (...args: unknown[]) => unknown) => (...args: unknown[]) => unknown,
): () => void {
  const real = holder[name]
  holder[name] = by(real as Call as (...args: unknown[]) => unknown) as Holder[keyof Holder]
  return () => {
    holder[name] = real
  }
}
