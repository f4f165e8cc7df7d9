import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'

/** Longer than the peers wait before they store, and than ours does. */
const QUIET_MS = 2_500
const OWN_QUIET_MS = 1_000
const LOOK_MS = 500
/** CPU seconds between two looks that are still rest: timers, and the looks themselves. */
const IDLE_SECONDS = 0.02
const DEADLINE_MS = 120_000

/** Resolves when a server has stopped working, with the CPU seconds it has used by then. */
export async function atRest(server: ServerProcess): Promise<number> {
  let last = server.figures().cpuSeconds
  let quietMs = 0
  const enoughMs = server.kind.ours ? OWN_QUIET_MS : QUIET_MS
  for (let waited = 0; waited < DEADLINE_MS && quietMs < enoughMs; waited += LOOK_MS) {
    await sleep(LOOK_MS)
    const now = server.figures().cpuSeconds
    quietMs = now - last > IDLE_SECONDS ? 0 : quietMs + LOOK_MS
    last = now
  }
  return last
}
