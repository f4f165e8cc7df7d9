import type { Bench, Scenario } from '../bench.js'
import { withLoad } from '../load/generator-process.js'
import type { PresenceFigures } from '../load/presence-load.js'
import { profiled } from '../measure/profiled.js'
import { inRounds, medianOf, middleOf, rowsOf, withServer } from '../rounds.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure } from '../table.js'

const MEMBERS = 150
const RATE = 5
const PATIENCE_MS = 10_000

interface Sample extends PresenceFigures {
  readonly cpuSeconds: number
  readonly loopDelayP99: number
  readonly stale: number
}

/** Many people of one document move their cursors. */
export const presence: Scenario = {
  name: 'presence',
  about: `${MEMBERS} people of one document who move ${RATE} times a second`,
  run: async (bench) => {
    const found = await inRounds(bench, 'presence', bench.servers, (kind) =>
      withServer(bench, kind, (server) => once(bench, server)),
    )
    const floor = medianOf(found, 'bare-ws', costOf)
    return [
      {
        title: `Presence: ${MEMBERS} people, ${RATE} moves a second each`,
        about:
          'Server CPU seconds for a million moves × other people, whether each was passed on or a later ' +
          'one instead. Ours must reach 0.25 of bare ws.',
        columns: [
          'server',
          'CPU s / 1M',
          'to bare ws',
          'p50 ms',
          'p99 ms',
          'loop p99',
          'B / move and person',
          'passed on',
          'last one known by all',
        ],
        rows: rowsOf(found, (samples) => {
          const middle = middleOf(samples)
          return [
            figure(middle(costOf)),
            figure(middle(costOf) / floor),
            figure(middle(({ p50 }) => p50)),
            figure(middle(({ p99 }) => p99)),
            figure(middle(({ loopDelayP99 }) => loopDelayP99)),
            figure(middle(({ bytesIn, moves }) => bytesIn / moves / (MEMBERS - 1))),
            figure(
              middle(({ seen, moves }) => (seen / moves / (MEMBERS - 1)) * 100),
              ' %',
            ),
            samples.some(({ stale }) => stale > 0) ? `${samples[0]?.stale} not` : 'yes',
          ]
        }),
      },
    ]
  },
}

async function once(bench: Bench, server: ServerProcess): Promise<Sample> {
  const plan = { ...server.address('presence'), members: MEMBERS, rate: RATE }
  return withLoad('presence', plan, async (load) => {
    await load.call('connect')
    await load.call('start')
    await sleep(bench.quick ? 1_500 : 4_000)
    // From rest to rest: a server that falls behind has to do its work before it counts as done.
    await load.call('finish', PATIENCE_MS)
    return profiled(bench, server, 'presence', async () => {
      await load.call('mark')
      const { cpuMicros } = await server.ask({ probe: 'mark' })
      await load.call('start')
      await sleep(bench.quick ? 3_000 : 10_000)
      const stale = await load.call('finish', PATIENCE_MS)
      const after = await server.ask({ probe: 'mark' })
      const figures = await load.call('mark')
      const cpuSeconds = (after.cpuMicros - cpuMicros) / 1e6
      return { ...figures, cpuSeconds, loopDelayP99: after.loopDelayP99, stale }
    })
  })
}

function costOf({ cpuSeconds, moves }: Sample): number {
  return (cpuSeconds / moves / (MEMBERS - 1)) * 1e6
}
