import type { Bench, Scenario } from '../bench.js'
import { withLoad } from '../load/generator-process.js'
import { plot } from '../plot.js'
import { inRounds, medianOf, withServer, type Found } from '../rounds.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure } from '../table.js'

const SIZES = [2, 5, 10, 20, 50, 100, 200, 500]
/** Of everybody together, so that only the size of the room changes. */
const EDITS_A_SECOND = 100
const PATIENCE_MS = 10_000

/** What an edit costs, by the size of its room. */
export const rooms: Scenario = {
  name: 'rooms',
  about: 'server CPU of an edit by the size of its room, as a table and a plot',
  run: async (bench) => {
    const sizes = bench.quick ? SIZES.filter((_, index) => index % 2 === 0) : SIZES
    const found = new Map<number, Found<number>>()
    for (const size of sizes) {
      const title = `a room of ${size}`
      const taken = await inRounds(bench, title, bench.servers, (kind) =>
        withServer(bench, kind, (server) => once(bench, server, size)),
      )
      found.set(size, taken)
    }
    const cost = (size: number, name: string): number =>
      medianOf(found.get(size) ?? new Map<string, number[]>(), name, (micros) => micros)
    const names = bench.servers.map(({ name }) => name)
    plot(bench, {
      name: 'room-size',
      title: 'Server CPU of an edit, by people in its room',
      lines: names.map((name) => ({
        name,
        points: sizes.map((size) => [size, cost(size, name)] as const),
      })),
    })
    return [
      {
        title: 'One room, by its size',
        about: `Server CPU in µs for each of ${EDITS_A_SECOND} edits a second, however many receive it.`,
        columns: ['server', ...sizes.map(String)],
        rows: names.map((name) => [name, ...sizes.map((size) => figure(cost(size, name)))]),
      },
    ]
  },
}

function once(bench: Bench, server: ServerProcess, size: number): Promise<number> {
  const rate = EDITS_A_SECOND / size
  const plan = { ...server.address(''), prefix: 'room-', rooms: 1, members: size, rate }
  return withLoad('fan-out', plan, async (load) => {
    await load.call('connect')
    await load.call('start')
    await sleep(bench.quick ? 1_500 : 3_000)
    await load.call('mark')
    const before = server.figures().cpuSeconds
    await sleep(bench.quick ? 3_000 : 6_000)
    const cpu = server.figures().cpuSeconds - before
    const { delivered } = await load.call('mark')
    const { missing, duplicates } = await load.call('finish', PATIENCE_MS)
    if (missing + duplicates > 0) throw new Error(`${missing} edits missing`)
    return (cpu / delivered) * (size - 1) * 1e6
  })
}
