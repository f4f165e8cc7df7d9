import type { Bench, Scenario } from '../bench.js'
import { withLoad } from '../load/generator-process.js'
import { fetchText } from '../measure/texts.js'
import { profiled } from '../measure/profiled.js'
import { inRounds, middleOf, rowsOf, withServer } from '../rounds.js'
import type { ServerProcess } from '../servers/server-process.js'
import { figure } from '../table.js'
import { loadTrace, type Trace } from '../trace.js'

const DOCUMENT = 'pushed'

interface Sample {
  readonly edits: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
  readonly writtenBytes: number
  readonly equal: boolean
}

/** A whole history arrives at once, as from somebody who comes back or imports. */
export const push: Scenario = {
  name: 'push',
  about: 'a history of 260,000 edits, sent as fast as the server takes it',
  run: async (bench) => {
    const trace = loadTrace()
    const kinds = bench.servers.filter(({ holdsState }) => holdsState)
    const found = await inRounds(bench, 'push', kinds, (kind) =>
      withServer(bench, kind, (server) => once(bench, server, trace)),
    )
    return [
      {
        title: 'A whole history, as fast as the server takes it',
        about:
          `One client sends ${trace.source}, one character each, until the server has taken the last: for ` +
          'coscribe until it is acknowledged from disk. Ours must reach 12 µs an edit.',
        columns: ['server', 'CPU µs / edit', 'edits / s', 'peak RSS MiB', 'MB written', 'equal'],
        rows: rowsOf(found, (samples) => {
          const middle = middleOf<Sample>(samples)
          return [
            figure(middle(({ cpuSeconds, edits }) => (cpuSeconds / edits) * 1e6)),
            figure(middle(({ seconds, edits }) => edits / seconds)),
            figure(middle(({ peakBytes }) => peakBytes / 2 ** 20)),
            figure(middle(({ writtenBytes }) => writtenBytes / 1e6)),
            samples.every(({ equal }) => equal) ? 'yes' : 'holds another text',
          ]
        }),
      },
    ]
  },
}

function once(bench: Bench, server: ServerProcess, trace: Trace): Promise<Sample> {
  const plan = { ...server.address(DOCUMENT), edits: 'trace' } as const
  return withLoad('push', plan, async (load) => {
    await load.call('connect')
    const written = server.figures().writtenBytes
    const before = await server.cpuSeconds()
    const report = await profiled(bench, server, 'push', () => load.call('push'))
    const cpuSeconds = (await server.cpuSeconds()) - before
    const { peakBytes, writtenBytes } = server.figures()
    const text = await fetchText(server.address(DOCUMENT))
    return {
      ...report,
      cpuSeconds,
      peakBytes,
      writtenBytes: writtenBytes - written,
      equal: text === trace.text,
    }
  })
}
