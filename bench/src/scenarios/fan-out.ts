import type { Bench, Scenario } from '../bench.js'
import { withLoad, type GeneratorProcess } from '../load/generator-process.js'
import type { LoadFigures, LoadReport } from '../load/load.js'
import { profiled } from '../measure/profiled.js'
import { atRest } from '../measure/at-rest.js'
import { fetchText, typedText } from '../measure/texts.js'
import { inRounds, rowsOf, withServer, type Found } from '../rounds.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { median } from '../statistics.js'
import { figure, type Table } from '../table.js'

interface Shape {
  readonly rooms: number
  readonly members: number
  readonly rate: number
  /** What ours has to reach with acknowledgements from disk, as a multiple of what bare ws costs. */
  readonly reach: number
  readonly inBrief?: true
}

const shapes: readonly Shape[] = [
  { rooms: 50, members: 2, rate: 30, reach: 2, inBrief: true },
  { rooms: 20, members: 10, rate: 8, reach: 0.9 },
  { rooms: 2, members: 100, rate: 1, reach: 0.4 },
  { rooms: 1, members: 500, rate: 0.2, reach: 0.4, inBrief: true },
]

const PATIENCE_MS = 10_000
/** Warming up takes so many edits, within bounds: a server that runs for days has its code compiled. */
const WARM_EDITS = 4_000
const WARM_MS = { least: 4_000, most: 20_000, quick: 1_000 } as const
const PREFIX = 'fan-out-'
const FLOOR = 'bare-ws'

interface Sample extends LoadFigures {
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly writtenBytes: number
  readonly loopDelayP99: number
  /** What was wrong, or `''`. */
  readonly fault: string
}

/** Everybody types; what does it cost the server to bring each character to everybody else in the room? */
export const fanOut: Scenario = {
  name: 'fanout',
  about: 'server CPU of each delivered edit, in rooms of 2 to 500',
  inBrief: true,
  run: async (bench) => {
    const tables: Table[] = []
    for (const shape of bench.brief ? shapes.filter(({ inBrief }) => inBrief) : shapes) {
      const found = await inRounds(bench, titleOf(shape), bench.servers, (kind) =>
        withServer(bench, kind, (server) => once(bench, server, shape)),
      )
      tables.push(tableOf(shape, found))
    }
    return tables
  },
}

async function once(bench: Bench, server: ServerProcess, shape: Shape): Promise<Sample> {
  const plan = { ...shape, ...server.address(''), prefix: PREFIX }
  return withLoad('fan-out', plan, async (load) => {
    await load.call('connect')
    await load.call('start')
    await sleep(bench.quick ? WARM_MS.quick : warmMs(shape))
    // From rest to rest: what a server puts off has to be done before it counts as done.
    await load.call('finish', PATIENCE_MS)
    await rest(server)
    const file = `fanout-${shape.rooms}x${shape.members}`
    const { report, ...figures } = await profiled(bench, server, file, () =>
      during(bench.quick ? 2_500 : 10_000, server, load),
    )
    return { ...figures, fault: await faultOf(server, report) }
  })
}

function warmMs({ rooms, members, rate }: Shape): number {
  const enough = (WARM_EDITS / (rooms * members * rate)) * 1_000
  return Math.min(WARM_MS.most, Math.max(WARM_MS.least, enough))
}

async function during(
  ms: number,
  server: ServerProcess,
  load: GeneratorProcess<'fan-out'>,
): Promise<Omit<Sample, 'fault'> & { readonly report: LoadReport }> {
  await server.ask({ probe: 'mark' })
  await load.call('mark')
  const before = server.figures()
  await load.call('start')
  await sleep(ms)
  const report = await load.call('finish', PATIENCE_MS)
  const figures = await load.call('mark')
  await rest(server)
  const after = server.figures()
  const { loopDelayP99 } = await server.ask({ probe: 'mark' })
  return {
    ...figures,
    report,
    loopDelayP99,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    residentBytes: after.residentBytes,
    writtenBytes: after.writtenBytes - before.writtenBytes,
  }
}

/** Waits until nothing is left to store, where something is stored. */
async function rest(server: ServerProcess): Promise<void> {
  if (server.kind.persists) await atRest(server)
}

/** Whether everybody got everything once, and the server holds the text that was typed. */
async function faultOf(server: ServerProcess, report: LoadReport): Promise<string> {
  const { missing, duplicates, foreign, lost } = report
  if (lost.length > 0) return `lost: ${lost[0]}`
  if (missing + duplicates + foreign > 0) {
    return `${missing} missing, ${duplicates} twice, ${foreign} foreign`
  }
  if (!server.kind.holdsState) return ''
  for (const room of report.typed.keys()) {
    const held = await fetchText(server.address(`${PREFIX}${room}`))
    if (held !== typedText(report, room)) return `room ${room} holds another text`
  }
  return ''
}

const columns = [
  'server',
  'CPU s / 1M',
  'to bare ws',
  'p50 ms',
  'p99 ms',
  'ack p50',
  'ack p99',
  'loop p99',
  'B / delivery',
  'B written / edit',
  'RSS MiB',
  'generator',
  'complete and equal',
]

function tableOf(shape: Shape, found: Found<Sample>): Table {
  const floor = found.get(FLOOR)
  const base = floor === undefined || typeof floor === 'string' ? Number.NaN : costOf(floor)
  return {
    title: titleOf(shape),
    about:
      `Server CPU seconds for a million delivered edits, until they are stored where they are stored; ours with acknowledgements from disk must ` +
      `reach ${shape.reach} of bare ws. Latencies in ms, from one raw socket to another.`,
    columns,
    rows: rowsOf(found, (samples) => cellsOf(samples, costOf(samples) / base)),
  }
}

function cellsOf(samples: readonly Sample[], ratio: number): string[] {
  const middle = (of: (sample: Sample) => number): number => median(samples.map(of))
  return [
    figure(costOf(samples)),
    figure(ratio),
    figure(middle(({ p50 }) => p50)),
    figure(middle(({ p99 }) => p99)),
    figure(middle(({ ackP50 }) => ackP50)),
    figure(middle(({ ackP99 }) => ackP99)),
    figure(middle(({ loopDelayP99 }) => loopDelayP99)),
    figure(middle(({ bytesIn, delivered }) => bytesIn / delivered)),
    figure(middle(({ writtenBytes, sent }) => writtenBytes / sent)),
    figure(middle(({ residentBytes }) => residentBytes / 2 ** 20)),
    figure(
      middle(({ generatorCores }) => generatorCores * 100),
      ' %',
    ),
    samples.find(({ fault }) => fault !== '')?.fault ?? 'yes',
  ]
}

function costOf(samples: readonly Sample[]): number {
  return median(samples.map(({ cpuSeconds, delivered }) => (cpuSeconds / delivered) * 1e6))
}

function titleOf({ rooms, members, rate }: Shape): string {
  return `${rooms} rooms of ${members}, ${rate} edits a second each`
}
