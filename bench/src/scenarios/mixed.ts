import type { Scenario } from '../bench.js'
import { withLoad } from '../load/generator-process.js'
import type { MixedPlan, MixedReport } from '../load/mixed-load.js'
import { inRounds, rowsOf, withServer } from '../rounds.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure, type Table } from '../table.js'

const RATES = { edits: 2_000, moves: 400, returns: 5, naps: 2, pastes: 0.2 }
const SHAPE = { documents: 20, peoplePerDocument: 10 }
const MINUTE_MS = 60_000
/** Empty rooms leave memory soon, so that what is left is what should not be. */
const FLAGS = ['--room-grace-ms=1000']
const LEFT_MS = 8_000
const SETTLE_MS = 2_000

interface Rest {
  readonly residentBytes: number
  /** Heap and what it holds outside. */
  readonly heldBytes: number
}

interface Sample extends MixedReport {
  readonly cores: number
  readonly loopDelayP99: number
  readonly before: Rest
  readonly after: Rest
}

/** Everything at once for minutes: is everything given back in the end? */
export const mixed: Scenario = {
  name: 'mixed',
  about: 'ten minutes of typing, cursors, joins, drops, naps and pastes, and what is left of them',
  run: async (bench) => {
    const minutes = bench.quick ? 1 : 10
    const kinds = bench.servers.filter(({ ours }) => ours)
    const found = await inRounds({ ...bench, rounds: 1 }, 'mixed', kinds, (kind) =>
      withServer(bench, kind, (server) => once(server, minutes * MINUTE_MS), FLAGS),
    )
    return [tableOf(minutes, found)]
  },
}

/** The first minute makes the server warm; what it holds after that, with nobody there, is the base. */
async function once(server: ServerProcess, ms: number): Promise<Sample> {
  await strain(server, MINUTE_MS)
  const before = await atRest(server)
  const { cpuMicros } = await server.ask({ probe: 'mark' })
  const report = await strain(server, ms)
  const busy = await server.ask({ probe: 'mark' })
  const cores = (busy.cpuMicros - cpuMicros) / 1_000 / ms
  const after = await atRest(server)
  return { ...report, cores, loopDelayP99: busy.loopDelayP99, before, after }
}

function strain(server: ServerProcess, ms: number): Promise<MixedReport> {
  const { port, dialect } = server.address('')
  const plan: MixedPlan = { port, dialect, ...SHAPE, ...RATES }
  return withLoad('mixed', plan, async (load) => {
    await load.call('connect')
    await load.call('start')
    await sleep(ms)
    return load.call('stop')
  })
}

/** What a server holds when everybody has gone. */
async function atRest(server: ServerProcess): Promise<Rest> {
  await sleep(LEFT_MS)
  await server.ask({ probe: 'collect' })
  await sleep(SETTLE_MS)
  await server.ask({ probe: 'collect' })
  const { heapBytes, externalBytes } = await server.ask({ probe: 'figures' })
  return { residentBytes: server.figures().residentBytes, heldBytes: heapBytes + externalBytes }
}

function tableOf(minutes: number, found: Awaited<ReturnType<typeof inRounds<Sample>>>): Table {
  const people = SHAPE.documents * SHAPE.peoplePerDocument
  return {
    title: `${minutes} min of mixed load`,
    about:
      `${people} people in ${SHAPE.documents} documents; a second: ${RATES.edits} edits, ${RATES.moves} cursor moves, ` +
      `${RATES.returns} people who go and come back, ${RATES.naps} who do not read for 5 s, ` +
      `and a paste of 1 MB every ${1 / RATES.pastes} s. Memory in MiB with nobody there, after a first minute and in ` +
      'the end: ours must come back to within 10 %, with a loop delay below 20 ms. ' +
      `Ours runs with ${FLAGS.join(' ')}.`,
    columns: [
      'server',
      'cores',
      'loop p99',
      'heap before',
      'after',
      'RSS before',
      'after',
      'edits',
      'returns',
      'naps',
      'pastes',
      'closed by the server',
    ],
    rows: rowsOf(found, ([sample]) =>
      sample === undefined
        ? []
        : [
            figure(sample.cores),
            figure(sample.loopDelayP99),
            mib(sample.before.heldBytes),
            mib(sample.after.heldBytes),
            mib(sample.before.residentBytes),
            mib(sample.after.residentBytes),
            String(sample.edits),
            String(sample.returns),
            String(sample.naps),
            String(sample.pastes),
            sample.lost.length === 0 ? 'none' : (sample.lost[0] ?? ''),
          ],
    ),
  }
}

function mib(bytes: number): string {
  return figure(bytes / 2 ** 20)
}
