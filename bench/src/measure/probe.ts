/**
 * Preloaded into every server that is measured, ours and theirs: answers what only the process itself knows, over the
 * channel to its parent.
 */
import { Session } from 'node:inspector/promises'
import { writeFile } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'

export type ProbeRequest =
  | { readonly probe: 'mark' }
  | { readonly probe: 'figures' }
  | { readonly probe: 'collect' }
  | { readonly probe: 'profile' }
  | { readonly probe: 'save-profile'; readonly file: string }

export interface ProbeReply {
  /** User and system time of all threads since the start, as the operating system counts it, in microseconds. */
  readonly cpuMicros: number
  /** 99th percentile of how late the event loop was since the mark before, in milliseconds. */
  readonly loopDelayP99: number
  readonly heapBytes: number
  readonly externalBytes: number
}

const RESOLUTION_MS = 5
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
let profiler: Session | null = null

async function perform(request: ProbeRequest): Promise<void> {
  switch (request.probe) {
    case 'collect':
      globalThis.gc?.()
      return
    case 'profile':
      profiler = new Session()
      profiler.connect()
      await profiler.post('Profiler.enable')
      await profiler.post('Profiler.start')
      return
    case 'save-profile': {
      const result = await profiler?.post('Profiler.stop')
      await writeFile(request.file, JSON.stringify(result?.profile))
      return
    }
    default:
  }
}

async function answer(request: ProbeRequest): Promise<void> {
  await perform(request)
  const { user, system } = process.cpuUsage()
  const memory = process.memoryUsage()
  const reply: ProbeReply = {
    cpuMicros: user + system,
    loopDelayP99: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
    heapBytes: memory.heapUsed,
    externalBytes: memory.external,
  }
  if (request.probe === 'mark') delay.reset()
  process.send?.(reply)
}

if (process.send !== undefined) {
  delay.enable()
  process.on('message', (request: ProbeRequest) => void answer(request))
  process.on('disconnect', () => process.exit(0))
  // A server ends when nothing but this holds it.
  process.channel?.unref()
}
