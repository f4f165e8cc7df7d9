import type { Bench, Scenario } from '../bench.js'
import { insertUpdate } from '../load/edits.js'
import { withLoad } from '../load/generator-process.js'
import type { JoinPlan, JoinReport } from '../load/join-load.js'
import { profiled } from '../measure/profiled.js'
import { inRounds, middleOf, rowsOf, withServer } from '../rounds.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure } from '../table.js'

const AUTHOR = 0x5300_0000
const TEXT = 'A page that many have open. '.repeat(360)
const PER_DOCUMENT = 10
const AT_ONCE = 20
const STORED_MS = 4_000
const SETTLE_MS = 1_500

interface Sample extends JoinReport {
  readonly cpuSeconds: number
  readonly loopDelayP99: number
  readonly peakBytes: number
}

/** A server starts again, and everybody comes back in the same moment. */
export const storm: Scenario = {
  name: 'storm',
  about: 'thousands of clients who connect in the same moment, after a restart',
  run: async (bench) => {
    const people = bench.quick ? 1_000 : 5_000
    const kinds = bench.servers.filter(({ persists }) => persists)
    const found = await inRounds(bench, 'storm', kinds, (kind) => once(bench, kind, people))
    return [
      {
        title: `${people} clients on ${people / PER_DOCUMENT} documents connect at once`,
        about:
          `Documents of ${TEXT.length} characters, a server that has just started. Times in ms from each ` +
          'client’s own connecting to having everything; ours must reach 10,000 for 99 %, and 200 of loop delay.',
        columns: ['server', 'p50', 'p99', 'loop p99', 'CPU s', 'peak RSS MiB', 'all whole'],
        rows: rowsOf(found, (samples) => {
          const middle = middleOf<Sample>(samples)
          const failed = samples.flatMap((sample) => sample.failed)
          const partial = Math.max(...samples.map((sample) => sample.partial))
          return [
            figure(middle(({ p50 }) => p50)),
            figure(middle(({ p99 }) => p99)),
            figure(middle(({ loopDelayP99 }) => loopDelayP99)),
            figure(middle(({ cpuSeconds }) => cpuSeconds)),
            figure(middle(({ peakBytes }) => peakBytes / 2 ** 20)),
            failed[0] ?? (partial > 0 ? `${partial} told to be in step before they were` : 'yes'),
          ]
        }),
      },
    ]
  },
}

async function once(bench: Bench, kind: ServerKind, people: number): Promise<Sample> {
  const data = bench.folder()
  const documents = people / PER_DOCUMENT
  await withServer(bench, kind, (server) => fill(server, documents), [], data)
  return withServer(bench, kind, (server) => strike(bench, server, people), [], data)
}

/** The first to come bring the text. */
function fill(server: ServerProcess, documents: number): Promise<void> {
  const offer = Buffer.from(insertUpdate(AUTHOR, 0, TEXT)).toString('base64')
  const plan = { ...planFor(server, documents), offer, characters: null }
  return withLoad('join', plan, async (load) => {
    const { failed } = await load.call('join', documents, AT_ONCE)
    await sleep(STORED_MS)
    if (failed[0] !== undefined) throw new Error(failed[0])
  })
}

async function strike(bench: Bench, server: ServerProcess, people: number): Promise<Sample> {
  await sleep(SETTLE_MS)
  return withLoad('join', planFor(server, people / PER_DOCUMENT), async (load) => {
    const { cpuMicros } = await server.ask({ probe: 'mark' })
    const report = await profiled(bench, server, 'storm', () => load.call('join', people, people))
    const after = await server.ask({ probe: 'mark' })
    return {
      ...report,
      cpuSeconds: (after.cpuMicros - cpuMicros) / 1e6,
      loopDelayP99: after.loopDelayP99,
      peakBytes: server.figures().peakBytes,
    }
  })
}

function planFor(server: ServerProcess, documents: number): JoinPlan {
  const { port, dialect } = server.address('')
  return {
    port,
    dialect,
    documentIds: Array.from({ length: documents }, (_, i) => `storm-${i}`),
    characters: TEXT.length,
    known: 0,
    stateVector: Buffer.of(0).toString('base64'),
    offer: Buffer.of(0, 0).toString('base64'),
    stay: true,
  }
}
