import type { Bench, Scenario } from '../bench.js'
import { withLoad } from '../load/generator-process.js'
import { atRest } from '../measure/at-rest.js'
import { fetchText } from '../measure/texts.js'
import { profiled } from '../measure/profiled.js'
import { inRounds, middleOf, rowsOf, withServer } from '../rounds.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { figure } from '../table.js'
import { loadTrace, type Trace } from '../trace.js'

const DOCUMENT = 'pushed'
/** Some answer before they have read the document, and send it after. */
const READING_MS = 30_000

interface Sample {
  readonly edits: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
  readonly writtenBytes: number
  /** CPU seconds until it had nothing left to do: what it stores later, too. */
  readonly restSeconds: number
  readonly equal: boolean
  /** Whether a server that was stopped as usual has it all when it starts again; `null` if it does not promise to. */
  readonly kept: boolean | null
}

/** A whole history arrives at once, as from somebody who comes back or imports. */
export const push: Scenario = {
  name: 'push',
  about: 'a history of 260,000 edits, sent as fast as the server takes it',
  run: async (bench) => {
    const trace = loadTrace()
    const kinds = bench.servers.filter(({ holdsState }) => holdsState)
    const found = await inRounds(bench, 'push', kinds, (kind) => once(bench, kind, trace))
    return [
      {
        title: 'A whole history, as fast as the server takes it',
        about:
          `One client sends ${trace.source}, one character each, until the server has taken the last: for ` +
          'coscribe.v1 until it is acknowledged from disk, for others until they answer what came behind it, ' +
          'from memory. At rest: what was left to do is done as well. Ours must reach 12 µs an edit.',
        columns: [
          'server',
          'CPU µs / edit',
          'at rest',
          'edits / s',
          'peak RSS MiB',
          'MB written',
          'equal',
          'there after a restart',
        ],
        rows: rowsOf(found, (samples) => {
          const middle = middleOf<Sample>(samples)
          return [
            figure(middle(({ cpuSeconds, edits }) => (cpuSeconds / edits) * 1e6)),
            figure(middle(({ restSeconds, edits }) => (restSeconds / edits) * 1e6)),
            figure(middle(({ seconds, edits }) => edits / seconds)),
            figure(middle(({ peakBytes }) => peakBytes / 2 ** 20)),
            figure(middle(({ writtenBytes }) => writtenBytes / 1e6)),
            samples.every(({ equal }) => equal) ? 'yes' : 'holds another text',
            keptIn(samples),
          ]
        }),
      },
    ]
  },
}

function keptIn(samples: readonly Sample[]): string {
  if (samples.some(({ kept }) => kept === null)) return '–'
  return samples.every(({ kept }) => kept) ? 'yes' : 'no'
}

async function once(bench: Bench, kind: ServerKind, trace: Trace): Promise<Sample> {
  const data = bench.folder()
  const sample = await withServer(bench, kind, (server) => bring(bench, server, trace), [], data)
  if (!kind.persists) return { ...sample, kept: null }
  const read = async (server: ServerProcess): Promise<boolean> =>
    (await fetchText(server.address(DOCUMENT))) === trace.text ||
    (await fetchText(server.address(DOCUMENT), READING_MS)) === trace.text
  return { ...sample, kept: await withServer(bench, kind, read, [], data) }
}

function bring(bench: Bench, server: ServerProcess, trace: Trace): Promise<Omit<Sample, 'kept'>> {
  const plan = { ...server.address(DOCUMENT), edits: 'trace' } as const
  return withLoad('push', plan, async (load) => {
    await load.call('connect')
    const written = server.figures().writtenBytes
    const before = await server.cpuSeconds()
    const report = await profiled(bench, server, 'push', () => load.call('push'))
    const cpuSeconds = (await server.cpuSeconds()) - before
    const restSeconds = (await atRest(server)) - before
    const { peakBytes, writtenBytes } = server.figures()
    return {
      ...report,
      cpuSeconds,
      restSeconds,
      peakBytes,
      writtenBytes: writtenBytes - written,
      equal: (await fetchText(server.address(DOCUMENT))) === trace.text,
    }
  })
}
