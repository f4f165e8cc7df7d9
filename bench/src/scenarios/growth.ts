import type { Bench, Scenario } from '../bench.js'
import { withLoad } from '../load/generator-process.js'
import { manyClients, manyStructs } from '../load/grown-documents.js'
import { seed } from '../load/seed.js'
import { Session } from '../load/session.js'
import { atRest } from '../measure/at-rest.js'
import { fetchText } from '../measure/texts.js'
import { profiled } from '../measure/profiled.js'
import { inRounds, medianOf, withServer, type Found } from '../rounds.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { plot } from '../plot.js'
import { figure, type Table } from '../table.js'

const PREFIX = 'grown-'
const DOCUMENT = `${PREFIX}0`
/** Edits a second of each of the two who type. */
const RATE = 100
/** Long enough for the first compaction of a small document, which starts a thread: that is paid once. */
const SETTLE_MS = 6_000
const PATIENCE_MS = 5_000
/** Enough for a document of 30 MB and what is typed into it. */
const FLAGS = ['--document-bytes=268435456']

/** What a document has grown in, and by how much. */
interface Dimension {
  readonly name: string
  readonly title: string
  readonly steps: readonly number[]
  /** Steps that take the peers too long. */
  readonly oursOnly: number
  fill(server: ServerProcess, size: number): Promise<void>
}

const dimensions: readonly Dimension[] = [
  {
    name: 'client-ids',
    title: 'client ids ever seen',
    steps: [10, 1_000, 10_000],
    oursOnly: Infinity,
    fill: (server, ids) => seed(seedAddress(server), [manyClients(ids)]),
  },
  {
    name: 'bytes',
    title: 'bytes of the document',
    steps: [10_000, 1_000_000, 30_000_000],
    oursOnly: Infinity,
    fill: (server, bytes) => seed(seedAddress(server), manyStructs(bytes)),
  },
  {
    name: 'age',
    title: 'edits the document has seen',
    steps: [1_000, 1_000_000],
    oursOnly: 100_000,
    fill: type,
  },
]

interface Sample {
  readonly cpuMicros: number
  readonly fault: string
}

/** What an edit costs in a document that has grown. */
export const growth: Scenario = {
  name: 'growth',
  about: 'server CPU of an edit by client ids, size and age of its document',
  run: async (bench) => {
    const tables: Table[] = []
    for (const dimension of dimensions) tables.push(await measure(bench, dimension))
    return tables
  },
}

async function measure(bench: Bench, dimension: Dimension): Promise<Table> {
  const found = new Map<number, Found<Sample>>()
  for (const step of dimension.steps) {
    const kinds = bench.servers.filter(
      (kind) => kind.holdsState && (kind.ours || step < dimension.oursOnly),
    )
    const title = `${step} ${dimension.title}`
    const taken = await inRounds(bench, title, kinds, (kind) => once(bench, kind, dimension, step))
    found.set(step, taken)
  }
  const kinds = bench.servers.filter(({ holdsState }) => holdsState)
  plot(bench, {
    name: dimension.name,
    title: `Server CPU of an edit, by ${dimension.title}`,
    lines: kinds.map(({ name }) => ({
      name,
      points: dimension.steps.map((step) => [step, costAt(found, step, name)] as const),
    })),
  })
  return tableOf(dimension, kinds, found)
}

function once(bench: Bench, kind: ServerKind, dimension: Dimension, step: number): Promise<Sample> {
  const work = async (server: ServerProcess): Promise<Sample> => {
    // Without somebody who is there, some would forget what they have.
    const keeper = await new Session(server.address(DOCUMENT), {}).ready()
    await dimension.fill(server, step)
    await atRest(server)
    const plan = { ...server.address(''), prefix: PREFIX, rooms: 1, members: 2, rate: RATE }
    return withLoad('fan-out', plan, async (load) => {
      await load.call('connect')
      await load.call('start')
      await sleep(SETTLE_MS)
      const sample = await profiled(bench, server, `growth-${dimension.name}-${step}`, async () => {
        await load.call('mark')
        const before = server.figures().cpuSeconds
        await sleep(bench.quick ? 3_000 : 8_000)
        const cpu = server.figures().cpuSeconds - before
        return (cpu / (await load.call('mark')).delivered) * 1e6
      })
      const { duplicates, lost } = await load.call('finish', PATIENCE_MS, PATIENCE_MS)
      // One that falls behind has its price all the same: that of what it delivered.
      const late = Number.isFinite(sample) ? '' : 'falls behind'
      const fault = lost[0] ?? (duplicates > 0 ? `${duplicates} came twice` : late)
      keeper.close()
      return { cpuMicros: sample, fault }
    })
  }
  return withServer(bench, kind, work, kind.ours ? FLAGS : [])
}

/** One author types for a long time. */
async function type(server: ServerProcess, edits: number): Promise<void> {
  await withLoad('push', { ...seedAddress(server), edits }, async (load) => {
    await load.call('connect')
    await load.call('push')
  })
  const { length } = await fetchText(server.address(DOCUMENT))
  if (length !== edits) throw new Error(`it holds ${length} of ${edits} characters`)
}

/** Ours tells when something is on disk in its own dialect only. */
function seedAddress(server: ServerProcess): ReturnType<ServerProcess['address']> {
  const address = server.address(DOCUMENT)
  return server.kind.ours ? { ...address, dialect: 'coscribe.v1' } : address
}

function costAt(found: ReadonlyMap<number, Found<Sample>>, step: number, name: string): number {
  return medianOf(found.get(step) ?? new Map(), name, ({ cpuMicros }: Sample) => cpuMicros)
}

function tableOf(
  { title, steps }: Dimension,
  kinds: readonly ServerKind[],
  found: ReadonlyMap<number, Found<Sample>>,
): Table {
  const last = steps.at(-1) ?? 0
  const rows = kinds.map(({ name }) => {
    const costs = steps.map((step) => costAt(found, step, name))
    const words = steps.map((step) => wordsAt(found.get(step)?.get(name)))
    const ratio = Math.max(...costs) / Math.min(...costs)
    return [name, ...costs.map((cost, index) => words[index] || figure(cost)), figure(ratio)]
  })
  return {
    title: `Growth: ${title}`,
    about:
      `Server CPU in µs for each of ${2 * RATE} edits a second between two people. The ratio is that of the ` +
      `dearest to the cheapest; ours must stay within 1.5. Ours runs with ${FLAGS.join(' ')}.`,
    columns: ['server', ...steps.map((step) => step.toLocaleString('en')), 'ratio'],
    rows: last === 0 ? [] : rows,
  }
}

function wordsAt(samples: readonly Sample[] | string | undefined): string {
  if (samples === undefined) return 'not run'
  if (typeof samples === 'string') return samples
  return samples.find(({ fault }) => fault !== '')?.fault ?? ''
}
