import * as Y from 'yjs'
import type { Bench, Scenario } from '../bench.js'
import { ROOT, wholeUpdate } from '../load/edits.js'
import { fetchDocument } from '../load/fetch-document.js'
import { GeneratorProcess } from '../load/generator-process.js'
import type { LoadFigures, LoadReport } from '../load/load.js'
import { ServerProcess } from '../servers/server-process.js'
import type { ServerKind } from '../servers/server-kind.js'
import { median } from '../statistics.js'
import { figure, type Table } from '../table.js'

interface Shape {
  readonly rooms: number
  readonly members: number
  readonly rate: number
  /** What ours has to reach with acknowledgements from disk: CPU seconds for a million deliveries. */
  readonly reach: number
}

const shapes: readonly Shape[] = [
  { rooms: 50, members: 2, rate: 30, reach: 2 },
  { rooms: 20, members: 10, rate: 8, reach: 0.9 },
  { rooms: 2, members: 100, rate: 1, reach: 0.4 },
  { rooms: 1, members: 500, rate: 0.2, reach: 0.4 },
]

const PATIENCE_MS = 10_000
const FETCH_MS = 10_000
/** Deliveries that a measurement should have, so that the clock of the system is fine enough. */
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
  run: async (bench) => {
    const tables: Table[] = []
    for (const shape of shapes) tables.push(tableOf(shape, await measure(bench, shape)))
    return tables
  },
}

/** Rounds in which every server has its turn: what disturbs the machine disturbs all of them. */
async function measure(bench: Bench, shape: Shape): Promise<Map<string, Sample[] | string>> {
  const found = new Map<string, Sample[] | string>(bench.absent)
  for (let round = 1; round <= bench.rounds; round++) {
    for (const kind of bench.servers) {
      bench.progress(`${titleOf(shape)}, round ${round} of ${bench.rounds}: ${kind.name}`)
      const samples = found.get(kind.name) ?? []
      if (typeof samples === 'string') continue
      const sample = await once(bench, kind, shape).catch((error: Error) => error.message)
      found.set(kind.name, typeof sample === 'string' ? sample : [...samples, sample])
    }
  }
  return found
}

async function once(bench: Bench, kind: ServerKind, shape: Shape): Promise<Sample> {
  const server = await ServerProcess.start(kind, bench.folder())
  const generator = await GeneratorProcess.start('fan-out', {
    ...shape,
    port: server.port,
    dialect: kind.dialect,
    prefix: 'fan-out-',
  })
  try {
    await generator.call('connect')
    await generator.call('start')
    await sleep(bench.quick ? 1_500 : 4_000)
    const profiled = kind.ours && bench.profiles !== null
    if (profiled) await server.ask({ probe: 'profile' })
    const figures = await during(bench.quick ? 3_000 : 10_000, server, generator)
    if (profiled) {
      const file = `${bench.profiles}/fanout-${shape.rooms}x${shape.members}-${kind.name}.cpuprofile`
      await server.ask({ probe: 'save-profile', file })
    }
    const report = await generator.call('finish', PATIENCE_MS)
    return { ...figures, fault: await faultOf(server, report) }
  } finally {
    await generator.stop()
    await server.stop()
  }
}

async function during(
  ms: number,
  server: ServerProcess,
  generator: GeneratorProcess<'fan-out'>,
): Promise<Omit<Sample, 'fault'>> {
  await server.ask({ probe: 'mark' })
  await generator.call('mark')
  const before = server.figures()
  await sleep(ms)
  const load = await generator.call('mark')
  const after = server.figures()
  const { loopDelayP99 } = await server.ask({ probe: 'mark' })
  return {
    ...load,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    residentBytes: after.residentBytes,
    writtenBytes: after.writtenBytes - before.writtenBytes,
    loopDelayP99,
  }
}

/** Whether everybody got everything once, and the server holds the text that was typed. */
async function faultOf(server: ServerProcess, report: LoadReport): Promise<string> {
  const { missing, duplicates, foreign, lost } = report
  if (lost.length > 0) return `lost: ${lost[0]}`
  if (missing + duplicates + foreign > 0) {
    return `${missing} missing, ${duplicates} twice, ${foreign} foreign`
  }
  if (!server.kind.holdsState) return ''
  for (const [room, typed] of report.typed.entries()) {
    const first = report.firstClients[room] ?? 0
    const clients = typed.map((_, index) => first + index)
    const updates = await fetchDocument(server.address(`fan-out-${room}`), FETCH_MS)
    const held = textOf(updates)
    if (held !== textOf([wholeUpdate(clients, typed)])) return `room ${room} holds another text`
  }
  return ''
}

function textOf(updates: readonly Uint8Array[]): string {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc.getText(ROOT).toJSON()
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

function tableOf(shape: Shape, found: Map<string, Sample[] | string>): Table {
  const floor = found.get(FLOOR)
  const base = floor === undefined || typeof floor === 'string' ? Number.NaN : costOf(floor)
  return {
    title: titleOf(shape),
    about:
      `Server CPU seconds for a million delivered edits; ours with acknowledgements from disk must ` +
      `reach ${shape.reach}. Latencies in ms, from one raw socket to another.`,
    columns,
    rows: [...found].map(([name, samples]) =>
      typeof samples === 'string'
        ? [name, `absent: ${samples}`]
        : rowOf(name, samples, costOf(samples) / base),
    ),
  }
}

function rowOf(name: string, samples: readonly Sample[], ratio: number): string[] {
  const middle = (of: (sample: Sample) => number): number => median(samples.map(of))
  return [
    name,
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

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
