import { createHmac, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Scenario } from '../bench.js'
import { floodKinds, type FloodKind, type FloodReport } from '../load/flood-load.js'
import { withLoad } from '../load/generator-process.js'
import type { PairReport } from '../load/pair-load.js'
import type { Address } from '../load/session.js'
import { inRounds, middleOf, withServer } from '../rounds.js'
import { sink } from '../servers/catalog.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure, type Table } from '../table.js'

const DOCUMENT = 'flooded'
const CONTROL = 'control'
const EDITS_PER_SECOND = 60
const SECRET = randomBytes(48).toString('base64')
const WARM_MS = 1_500
const SETTLE_MS = 500
/** How long a server may take to let go of a flood's connections. */
const LEFT_MS = 30_000
const LOOK_MS = 500
const HOUR_SECONDS = 3_600

interface Sample {
  readonly flood: PairReport & FloodReport
  readonly control: PairReport & FloodReport
  readonly grownBytes: number
  /** Connections that are left half a minute after the flood. */
  readonly left: number
}

/** One user does one thing as fast as it is taken, while two others write. */
export const floods: Scenario = {
  name: 'floods',
  about: 'one who floods the server while two others write, against the same flood into a sink',
  run: async (bench) => {
    const kinds = bench.servers.filter(({ ours, dialect }) => ours && dialect === 'coscribe.v1')
    const rows: string[][] = []
    for (const flood of floodKinds) {
      const found = await inRounds(bench, `flood of ${flood}`, kinds, (kind) =>
        once(bench, kind, flood),
      )
      for (const samples of found.values()) rows.push([flood, ...cellsOf(samples)])
    }
    return [tableOf(rows)]
  },
}

async function once(bench: Bench, kind: ServerKind, flood: FloodKind): Promise<Sample> {
  const ms = bench.quick ? 3_000 : 8_000
  const file = join(bench.folder(), 'secret')
  writeFileSync(file, SECRET)
  const flags = [`--auth-secret-file=${file}`, '--trusted-proxies=127.0.0.1', '--metrics=on']
  return withServer(
    bench,
    kind,
    async (server) => {
      const control = await withServer(bench, sink, (other) => pair(server, other, flood, ms))
      await server.ask({ probe: 'collect' })
      const before = server.figures().residentBytes
      const flooded = await pair(server, server, flood, ms)
      const grownBytes = server.figures().residentBytes - before
      return { control, flood: flooded, grownBytes, left: await left(server) }
    },
    flags,
  )
}

/** Two write on `server` while somebody floods `target`. */
function pair(
  server: ServerProcess,
  target: ServerProcess,
  kind: FloodKind,
  ms: number,
): Promise<PairReport & FloodReport> {
  // The same characters twice would be none the second time.
  const documentId = target === server ? DOCUMENT : CONTROL
  const [ada, ben] = [
    addressOf(server, documentId, 'ada', 1),
    addressOf(server, documentId, 'ben', 2),
  ]
  const { headers = {} } = addressOf(server, documentId, 'mallory', 3)
  const plan = { addresses: [ada, ben], editsPerSecond: EDITS_PER_SECOND } as const
  const floodPlan = { port: target.port, kind, documentId: DOCUMENT, headers }
  return withLoad('pair', plan, (people) =>
    withLoad('flood', floodPlan, async (flood) => {
      await people.call('connect')
      await sleep(WARM_MS)
      await flood.call('start')
      await sleep(SETTLE_MS)
      await people.call('mark')
      await sleep(ms)
      const report = await people.call('finish')
      return { ...report, ...(await flood.call('stop')) }
    }),
  )
}

function addressOf(
  server: ServerProcess,
  documentId: string,
  subject: string,
  host: number,
): Address {
  const claims = {
    sub: subject,
    iss: 'coscribe',
    aud: 'coscribe',
    exp: Math.floor(Date.now() / 1_000) + HOUR_SECONDS,
    documents: { [documentId]: 'write' },
    prefixes: { flood: 'write' },
  }
  const parts = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const signature = createHmac('sha256', SECRET).update(parts.join('.')).digest('base64url')
  const headers = {
    Authorization: `Bearer ${[...parts, signature].join('.')}`,
    'X-Forwarded-For': `203.0.113.${host}`,
  }
  return { ...server.address(documentId), headers }
}

async function left(server: ServerProcess): Promise<number> {
  const deadline = performance.now() + LEFT_MS
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text()
    const connections = Number(/^coscribe_connections (\d+)$/m.exec(text)?.[1])
    if (connections === 0 || performance.now() > deadline) return connections
    await sleep(LOOK_MS)
  }
}

function cellsOf(samples: readonly Sample[] | string): string[] {
  if (typeof samples === 'string') return [samples]
  const middle = middleOf<Sample>(samples)
  const faults = samples.flatMap(({ flood, control }) => [
    flood.missing + control.missing,
    flood.lost + control.lost,
  ])
  return [
    figure(middle(({ flood }) => flood.p99)),
    figure(middle(({ control }) => control.p99)),
    figure(middle(({ flood, control }) => flood.p99 / control.p99)),
    figure(middle(({ flood }) => flood.p50)),
    figure(middle(({ control }) => control.p50)),
    figure(middle(({ flood }) => flood.ackP99)),
    figure(middle(({ control }) => control.ackP99)),
    figure(middle(({ grownBytes }) => grownBytes / 2 ** 20)),
    `${figure(middle(({ flood }) => flood.cores))} / ${figure(middle(({ control }) => control.cores))}`,
    faults.every((count) => count === 0) ? 'yes' : 'no',
    String(Math.max(...samples.map((sample) => sample.left))),
  ]
}

function tableOf(rows: readonly (readonly string[])[]): Table {
  return {
    title: 'One user floods while two others write',
    about:
      `Two people type ${EDITS_PER_SECOND} edits a second between them; latencies in ms of one's edits at the other, ` +
      'and of acknowledgements. Control: the same flood goes into a sink on the same machine, which takes all of it. ' +
      'The ratio of the p99s is to stay below 2. Growth of resident memory in MiB during the flood; cores are what ' +
      'flooding took, in the control behind the slash; left: connections half a minute later.',
    columns: [
      'flood',
      'p99',
      'control p99',
      'ratio',
      'p50',
      'control p50',
      'ack p99',
      'control ack p99',
      'grown MiB',
      'cores',
      'all edits arrived',
      'left',
    ],
    rows: rows.map((row) => [...row]),
  }
}
