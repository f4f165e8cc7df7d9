import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Scenario } from '../bench.js'
import { insertUpdate } from '../load/edits.js'
import { withLoad } from '../load/generator-process.js'
import type { JoinReport } from '../load/join-load.js'
import { seed } from '../load/seed.js'
import { profiled } from '../measure/profiled.js'
import { inRounds, medianOf, middleOf, rowsOf, withServer } from '../rounds.js'
import { fileFloor } from '../servers/catalog.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure } from '../table.js'

const DOCUMENT = 'large'
const AUTHOR = 0x5400_0000
/** Below the largest message that ours takes by default. */
const CHARACTERS = 4_000_000
const SETTLE_MS = 1_500

interface Sample extends JoinReport {
  readonly cpuSeconds: number
  readonly grownBytes: number
}

/** Many open a large document at once. */
export const largeJoins: Scenario = {
  name: 'large-joins',
  about: 'hundreds who open a document of 4 MB at once, against a plain file server',
  run: async (bench) => {
    const people = bench.quick ? 100 : 500
    const kinds = [...bench.servers.filter(({ persists }) => persists), fileFloor]
    const found = await inRounds(bench, 'large joins', kinds, (kind) => once(bench, kind, people))
    const floor = medianOf(found, fileFloor.name, ({ seconds }) => seconds)
    return [
      {
        title: `${people} people open a document of ${CHARACTERS / 1e6} MB at once`,
        about:
          'Seconds until the last one has everything, against bare-file, which sends the same bytes from ' +
          'memory; ours must stay within 1.5 of it.',
        columns: ['server', 'seconds', 'to bare-file', 'p50 ms', 'CPU s', 'grown MiB', 'all whole'],
        rows: rowsOf(found, (samples) => {
          const middle = middleOf<Sample>(samples)
          const failed = samples.flatMap((sample) => sample.failed)
          const partial = Math.max(...samples.map((sample) => sample.partial))
          return [
            figure(middle(({ seconds }) => seconds)),
            figure(middle(({ seconds }) => seconds) / floor),
            figure(middle(({ p50 }) => p50)),
            figure(middle(({ cpuSeconds }) => cpuSeconds)),
            figure(middle(({ grownBytes }) => grownBytes / 2 ** 20)),
            failed[0] ?? (partial > 0 ? `${partial} told to be in step before they were` : 'yes'),
          ]
        }),
      },
    ]
  },
}

async function once(bench: Bench, kind: ServerKind, people: number): Promise<Sample> {
  const data = bench.folder()
  const document = insertUpdate(AUTHOR, 0, 'x'.repeat(CHARACTERS))
  if (kind === fileFloor) writeFileSync(join(data, 'document'), document)
  else await withServer(bench, kind, (server) => fill(server, document), [], data)
  return withServer(bench, kind, (server) => open(bench, server, people), [], data)
}

async function fill(server: ServerProcess, document: Uint8Array): Promise<void> {
  const address = server.address(DOCUMENT)
  // Ours tells when something is on disk in its own dialect only.
  await seed(server.kind.ours ? { ...address, dialect: 'coscribe.v1' } : address, [document])
}

async function open(bench: Bench, server: ServerProcess, people: number): Promise<Sample> {
  await sleep(SETTLE_MS)
  const { port, dialect } = server.address(DOCUMENT)
  const plan = {
    port,
    dialect,
    documentIds: [DOCUMENT],
    characters: CHARACTERS,
    known: 0,
    stateVector: Buffer.of(0).toString('base64'),
    offer: Buffer.of(0, 0).toString('base64'),
    stay: false,
  }
  return withLoad('join', plan, async (load) => {
    const before = server.figures()
    const report = await profiled(bench, server, 'large-joins', () =>
      load.call('join', people, people),
    )
    const after = server.figures()
    return {
      ...report,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      grownBytes: after.peakBytes - before.residentBytes,
    }
  })
}
