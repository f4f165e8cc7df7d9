import type { Bench } from '../bench.js'
import type { ServerProcess } from '../servers/server-process.js'

/** Does the work; leaves a CPU profile of it when the server is ours and profiles are wanted. */
export async function profiled<Result>(
  bench: Bench,
  server: ServerProcess,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  if (bench.profiles === null || !server.kind.ours) return work()
  await server.ask({ probe: 'profile' })
  const result = await work()
  const file = `${bench.profiles}/${name}-${server.kind.name}.cpuprofile`
  await server.ask({ probe: 'save-profile', file })
  return result
}
