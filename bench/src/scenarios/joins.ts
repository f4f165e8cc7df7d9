import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Scenario } from '../bench.js'
import { withLoad } from '../load/generator-process.js'
import type { JoinReport } from '../load/join-load.js'
import { seed } from '../load/seed.js'
import { Session } from '../load/session.js'
import { profiled } from '../measure/profiled.js'
import { fetchText } from '../measure/texts.js'
import { inRounds, rowsOf, withServer, type Found } from '../rounds.js'
import { fileFloor } from '../servers/catalog.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { median } from '../statistics.js'
import { figure, type Table } from '../table.js'
import { loadTrace, standpoint, type Standpoint, type Trace } from '../trace.js'

const DOCUMENT = 'joined'
const SETTLE_MS = 1_500
const WARM_JOINS = 200
const CROWD = 50
const BEHIND = 0.99

interface Sample {
  /** Server CPU in seconds; NaN where there is nothing to measure. */
  readonly coldOne: number
  readonly coldCrowd: number
  /** Seconds from the first connection to the last of the crowd being in step. */
  readonly crowdSeconds: number
  /** CPU each, in seconds. */
  readonly warm: number
  readonly behind: number
  readonly fault: string
}

/** What it costs a server when people open a document with a long history. */
export const joins: Scenario = {
  name: 'joins',
  about: 'opening the document of a long history: cold, warm, and 1 % behind',
  run: async (bench) => {
    const trace = loadTrace()
    const behind = standpoint(trace, BEHIND)
    const kinds = [...bench.servers.filter(({ holdsState }) => holdsState), fileFloor]
    const found = await inRounds(bench, 'joins', kinds, (kind) => once(bench, kind, trace, behind))
    return [tableOf(trace, found)]
  },
}

async function once(
  bench: Bench,
  kind: ServerKind,
  trace: Trace,
  behind: Standpoint,
): Promise<Sample> {
  const data = bench.folder()
  if (kind === fileFloor) writeFileSync(join(data, 'document'), trace.snapshot)
  const store = (server: ServerProcess): Promise<void> => fill(server, trace)
  if (kind.persists) await withServer(bench, kind, store, [], data)
  const one = kind.persists ? await cold(bench, kind, data, trace, 1) : null
  const crowd = kind.persists ? await cold(bench, kind, data, trace, CROWD) : null
  const warm = await withServer(
    bench,
    kind,
    async (server) => {
      // Somebody is there all the time: without, some servers would forget what they have.
      const keeper = await new Session(server.address(DOCUMENT), {}).ready()
      if (!kind.persists) await store(server)
      const measured = await measureWarm(bench, server, trace, behind)
      keeper.close()
      return measured
    },
    [],
    data,
  )
  return {
    ...warm,
    coldOne: one?.cpu ?? Number.NaN,
    coldCrowd: crowd?.cpu ?? Number.NaN,
    crowdSeconds: crowd?.seconds ?? Number.NaN,
    fault: one?.fault || crowd?.fault || warm.fault,
  }
}

/** Everything that was ever written, as one update: how it came to be is not what is measured here. */
async function fill(server: ServerProcess, trace: Trace): Promise<void> {
  if (server.kind === fileFloor) return
  await seed(seedAddress(server), [trace.snapshot])
}

/** Ours tells when something is on disk in its own dialect only. */
function seedAddress(server: ServerProcess): ReturnType<ServerProcess['address']> {
  const address = server.address(DOCUMENT)
  return server.kind.ours ? { ...address, dialect: 'coscribe.v1' } : address
}

/** So many come at once to a server that has just started. */
function cold(
  bench: Bench,
  kind: ServerKind,
  data: string,
  trace: Trace,
  people: number,
): Promise<{ cpu: number; seconds: number; fault: string }> {
  return withServer(
    bench,
    kind,
    async (server) => {
      await sleep(SETTLE_MS)
      const { cpu, report } = await joinAll(bench, server, `cold-${people}`, people, people, {
        ...stranger,
        characters: trace.characters,
      })
      return { cpu, seconds: report.seconds, fault: faultOf(report) }
    },
    [],
    data,
  )
}

interface Knowledge {
  readonly characters: number
  readonly known: number
  readonly stateVector: string
  readonly offer: string
}

/** Somebody who has nothing. */
const stranger = {
  known: 0,
  stateVector: base64(Uint8Array.of(0)),
  offer: base64(Uint8Array.of(0, 0)),
}

async function measureWarm(
  bench: Bench,
  server: ServerProcess,
  trace: Trace,
  behind: Standpoint,
): Promise<{ warm: number; behind: number; fault: string }> {
  const { characters } = trace
  const late = {
    characters,
    known: behind.known,
    stateVector: base64(behind.stateVector),
    offer: base64(behind.offer),
  }
  const everything = { ...stranger, characters }
  // The first ones load the document and warm the code up.
  await joinAll(bench, server, '', WARM_JOINS / 4, 1, everything)
  const warm = await joinAll(bench, server, 'warm', WARM_JOINS, 1, everything)
  const isFloor = server.kind === fileFloor
  const some = isFloor ? null : await joinAll(bench, server, 'behind', WARM_JOINS, 1, late)
  const text = await fetchText(server.address(DOCUMENT))
  return {
    warm: warm.cpu / WARM_JOINS,
    behind: some === null ? Number.NaN : some.cpu / WARM_JOINS,
    fault:
      faultOf(warm.report) ||
      (some === null ? '' : faultOf(some.report)) ||
      (text === trace.text ? '' : 'another text'),
  }
}

async function joinAll(
  bench: Bench,
  server: ServerProcess,
  profile: string,
  count: number,
  atOnce: number,
  knowledge: Knowledge,
): Promise<{ cpu: number; report: JoinReport }> {
  const { port, dialect } = server.address(DOCUMENT)
  const plan = { ...knowledge, port, dialect, documentIds: [DOCUMENT], stay: false }
  return withLoad('join', plan, async (load) => {
    const work = async (): Promise<{ cpu: number; report: JoinReport }> => {
      const before = await server.cpuSeconds()
      const report = await load.call('join', count, atOnce)
      return { cpu: (await server.cpuSeconds()) - before, report }
    }
    return profile === '' ? work() : profiled(bench, server, `joins-${profile}`, work)
  })
}

function faultOf({ failed, partial }: JoinReport): string {
  if (failed.length > 0) return failed[0] ?? ''
  return partial > 0 ? `${partial} told to be in step before they were` : ''
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

const columns = [
  'server',
  'cold, one: CPU s',
  `cold, ${CROWD} at once: CPU s`,
  'and seconds',
  'warm: CPU ms each',
  '1 % behind: CPU ms each',
  'whole and equal',
]

function tableOf(trace: Trace, found: Found<Sample>): Table {
  return {
    title: 'Joins',
    about:
      `A document of ${Math.round(trace.snapshot.length / 1_000)} kB (${trace.source}). Ours must reach ` +
      '0.03 s cold, 0.06 s for 50 at once, 0.3 ms warm, 0.15 ms for one who is 1 % behind. ' +
      'bare-file sends the same bytes from memory.',
    columns,
    rows: rowsOf(found, (samples) => {
      const middle = (of: (sample: Sample) => number): number => median(samples.map(of))
      return [
        figure(middle(({ coldOne }) => coldOne)),
        figure(middle(({ coldCrowd }) => coldCrowd)),
        figure(middle(({ crowdSeconds }) => crowdSeconds)),
        figure(middle(({ warm }) => warm * 1_000)),
        figure(middle(({ behind }) => behind * 1_000)),
        samples.find(({ fault }) => fault !== '')?.fault ?? 'yes',
      ]
    }),
  }
}
