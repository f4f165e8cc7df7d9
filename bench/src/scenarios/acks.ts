import type { Bench, Scenario } from '../bench.js'
import type { AckFigures } from '../load/ack-load.js'
import { withLoad } from '../load/generator-process.js'
import { profiled } from '../measure/profiled.js'
import { inRounds, middleOf, rowsOf, withServer } from '../rounds.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure, type Table } from '../table.js'

interface Shape {
  readonly rooms: number
  /** Edits of each writer on their way. */
  readonly window: number
  readonly reach: string
}

const shapes: readonly Shape[] = [
  { rooms: 1, window: 1, reach: 'the commit window and one fsync' },
  { rooms: 200, window: 20, reach: '20,000 a second' },
  { rooms: 1, window: 4_000, reach: '80,000 a second' },
]

interface Sample extends AckFigures {
  readonly cpuSeconds: number
}

/** How fast edits come to be on disk. Only coscribe.v1 tells. */
export const acks: Scenario = {
  name: 'acks',
  inBrief: true,
  about: 'edits a second that are acknowledged from disk, and how long that takes',
  run: async (bench) => {
    const kinds = bench.servers.filter(({ dialect }) => dialect === 'coscribe.v1')
    const rows: string[][] = []
    for (const shape of kinds.length === 0 ? [] : shapes) {
      const title = `${shape.rooms} rooms, ${shape.window} on their way`
      const found = await inRounds(bench, title, kinds, (kind) =>
        withServer(bench, kind, (server) => once(bench, server, shape)),
      )
      rows.push(...rowsOf(found, (samples) => cellsOf(shape, samples)))
    }
    return [tableOf(rows)]
  },
}

function once(bench: Bench, server: ServerProcess, { rooms, window }: Shape): Promise<Sample> {
  const plan = { port: server.port, prefix: 'acked-', rooms, window }
  return withLoad('acks', plan, async (load) => {
    await load.call('connect')
    await load.call('start')
    await sleep(1_000)
    return profiled(bench, server, `acks-${rooms}x${window}`, async () => {
      await load.call('mark')
      const before = await server.cpuSeconds()
      await sleep(bench.quick ? 2_000 : 5_000)
      const cpuSeconds = (await server.cpuSeconds()) - before
      return { ...(await load.call('mark')), cpuSeconds }
    })
  })
}

function cellsOf({ rooms, window, reach }: Shape, samples: readonly Sample[]): string[] {
  const middle = middleOf(samples)
  return [
    `${rooms} × ${window}`,
    figure(middle(({ edits, seconds }) => edits / seconds)),
    figure(middle(({ p50 }) => p50)),
    figure(middle(({ p99 }) => p99)),
    figure(middle(({ cpuSeconds, edits }) => (cpuSeconds / edits) * 1e6)),
    reach,
  ]
}

function tableOf(rows: string[][]): Table {
  return {
    title: 'Edits acknowledged from disk',
    about:
      'Writers who keep so many edits on their way, each in a room of their own. Latencies in ms from ' +
      'sending an edit to its acknowledgement; no peer tells when something is on disk.',
    columns: [
      'server',
      'rooms × on their way',
      'edits / s',
      'p50',
      'p99',
      'CPU µs / edit',
      'reach',
    ],
    rows,
  }
}
