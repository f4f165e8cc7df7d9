import { createHash } from 'node:crypto'
import type { Bench, Scenario } from '../bench.js'
import { letter } from '../load/edits.js'
import { withLoad } from '../load/generator-process.js'
import { inRounds, middleOf, rowsOf, withServer } from '../rounds.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure, type Table } from '../table.js'

const DOCUMENT = 'slow'
const UPDATE_BYTES = 15_000
const UPDATES_PER_SECOND = 400
const PATIENCE_MS = 20_000
/** Two hundred replicas are put together in one process. */
const READ_ON_MS = 120_000
const CROWD = 200
const QUICK_CROWD_UPDATES = 2_000
const SETTLE_MS = 1_000
const SAMPLE_MS = 100
/** What passes has to be kept somewhere, until compaction makes it small again. */
const FLAGS = ['--document-bytes=536870912']

interface Figures {
  readonly p50: number
  readonly p99: number
  /** How much more memory was resident at the peak than at rest. */
  readonly grownBytes: number
  /** Whether all end with the same, in words. */
  readonly outcome: string
}

interface Sample {
  readonly control: Figures
  readonly slow: Figures
}

/** Somebody does not read while much passes. */
export const slowReader: Scenario = {
  name: 'slow-reader',
  about: 'one who does not read while hundreds of MB pass, against the same without them',
  run: async (bench) => {
    const updates = bench.quick ? 4_000 : 20_000
    const megabytes = Math.round((updates * UPDATE_BYTES) / 1e6)
    const found = await inRounds(bench, 'slow reader', bench.servers, async (kind) => ({
      control: await once(bench, kind, updates, 0),
      slow: await once(bench, kind, updates, 1),
    }))
    return [
      {
        title: `A slow reader while ${megabytes} MB pass`,
        about:
          `The reader's share is what the peak of resident memory is above that of a run without them, ` +
          `in MiB; ours must stay below 2. Latencies in ms of another reader. Ours runs with ${FLAGS.join(' ')}, ` +
          'and closes who has read nothing for half a minute; they come again.',
        columns: [
          'server',
          'share MiB',
          'grown MiB',
          'without: grown MiB',
          'p99',
          'without: p99',
          'p50',
          'without: p50',
          'reads on and ends equal',
        ],
        rows: rowsOf(found, (samples) => {
          const middle = middleOf<Sample>(samples)
          const mib = (of: (sample: Sample) => number): string => figure(middle(of) / 2 ** 20)
          return [
            mib(({ slow, control }) => slow.grownBytes - control.grownBytes),
            mib(({ slow }) => slow.grownBytes),
            mib(({ control }) => control.grownBytes),
            figure(middle(({ slow }) => slow.p99)),
            figure(middle(({ control }) => control.p99)),
            figure(middle(({ slow }) => slow.p50)),
            figure(middle(({ control }) => control.p50)),
            outcomeOf(samples),
          ]
        }),
      },
      await crowdTable(bench, bench.quick ? QUICK_CROWD_UPDATES : updates),
    ]
  },
}

/** Many at once; peers keep everything for everyone, which no machine has the memory for. */
async function crowdTable(bench: Bench, updates: number): Promise<Table> {
  const kinds = bench.servers.filter(({ ours }) => ours)
  const found = await inRounds(bench, `${CROWD} slow readers`, kinds, async (kind) => ({
    control: await once(bench, kind, updates, 0),
    slow: await once(bench, kind, updates, CROWD),
  }))
  return {
    title: `${CROWD} slow readers while ${Math.round((updates * UPDATE_BYTES) / 1e6)} MB pass`,
    about:
      'How much more memory is resident at the peak than at rest, which must stay below the 256 MiB that all may ' +
      `have unsent, and latencies in ms of one who reads. Ours only, with ${FLAGS.join(' ')}: the peers keep ` +
      'everything for everyone.',
    columns: [
      'server',
      'grown MiB',
      'without: grown MiB',
      'p99',
      'without: p99',
      'p50',
      'without: p50',
      'all read on and end equal',
    ],
    rows: rowsOf(found, (samples) => {
      const middle = middleOf<Sample>(samples)
      return [
        figure(middle(({ slow }) => slow.grownBytes / 2 ** 20)),
        figure(middle(({ control }) => control.grownBytes / 2 ** 20)),
        figure(middle(({ slow }) => slow.p99)),
        figure(middle(({ control }) => control.p99)),
        figure(middle(({ slow }) => slow.p50)),
        figure(middle(({ control }) => control.p50)),
        outcomeOf(samples),
      ]
    }),
  }
}

/** The first that is not simply good. */
function outcomeOf(samples: readonly Sample[]): string {
  return samples.find(({ slow }) => slow.outcome !== 'yes')?.slow.outcome ?? 'yes'
}

function once(bench: Bench, kind: ServerKind, updates: number, slow: number): Promise<Figures> {
  const flags = kind.ours ? FLAGS : []
  return withServer(bench, kind, (server) => measure(server, updates, slow), flags)
}

async function measure(server: ServerProcess, updates: number, slow: number): Promise<Figures> {
  const plan = {
    ...server.address(DOCUMENT),
    slow,
    updates,
    updateBytes: UPDATE_BYTES,
    updatesPerSecond: UPDATES_PER_SECOND,
  }
  return withLoad('slow-reader', plan, async (load) => {
    await load.call('connect')
    await sleep(SETTLE_MS)
    await server.ask({ probe: 'collect' })
    const base = server.figures().residentBytes
    let peak = base
    const watch = setInterval(() => {
      peak = Math.max(peak, server.figures().residentBytes)
    }, SAMPLE_MS)
    const report = await load.call('run', PATIENCE_MS).finally(() => clearInterval(watch))
    const { closed, unequal } = await load.call('readOn', lastText(updates), READ_ON_MS)
    const faults = [
      report.fastComplete ? '' : 'another reader lacks something',
      unequal > 0 ? `${unequal} end with another text` : '',
    ].filter((text) => text !== '')
    const good = closed > 0 ? `yes, ${closed} by coming again` : 'yes'
    const outcome = faults.length > 0 ? faults.join(', ') : good
    return { p50: report.p50, p99: report.p99, grownBytes: peak - base, outcome }
  })
}

/** SHA-256 of the text in the end: the last run, everything before it is deleted. */
function lastText(updates: number): string {
  const text = letter(updates - 1).repeat(UPDATE_BYTES)
  return createHash('sha256').update(text).digest('hex')
}
