import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'

/** Longer than any server here waits before it stores. */
const QUIET_MS = 2_500
const LOOK_MS = 500
/** CPU seconds between two looks that are still rest: timers, and the looks themselves. */
const IDLE_SECONDS = 0.02
const DEADLINE_MS = 120_000

/** Resolves when a server has stopped working, with the CPU seconds it has used by then. */
export async function atRest(server: ServerProcess): Promise<number> {
  let last = await server.cpuSeconds()
  let quietMs = 0
  for (let waited = 0; waited < DEADLINE_MS && quietMs < QUIET_MS; waited += LOOK_MS) {
    await sleep(LOOK_MS)
    const now = await server.cpuSeconds()
    quietMs = now - last > IDLE_SECONDS ? 0 : quietMs + LOOK_MS
    last = now
  }
  return last
}
