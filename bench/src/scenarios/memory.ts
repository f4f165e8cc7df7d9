import type { Bench, Scenario } from '../bench.js'
import { insertUpdate } from '../load/edits.js'
import { withLoad } from '../load/generator-process.js'
import { inRounds, middleOf, rowsOf, withServer } from '../rounds.js'
import type { ServerKind } from '../servers/server-kind.js'
import type { ServerProcess } from '../servers/server-process.js'
import { sleep } from '../sleep.js'
import { figure } from '../table.js'

const AUTHOR = 0x5300_0000
const FEW = 10
const TEXT = 'A short note, no more'
const AT_ONCE = 50
const SETTLE_MS = 3_000
/** The first connections pay for what is made once. */
const WARM_UP = 0.2

/** KiB a connection. */
interface Figures {
  readonly resident: number
  readonly heap: number
}

interface Sample {
  readonly own: Figures
  readonly few: Figures
}

/** What a connection costs that does nothing. */
export const memory: Scenario = {
  name: 'memory',
  about: 'memory of an idle connection, to a small document of its own and to one of few',
  run: async (bench) => {
    const people = bench.quick ? 2_000 : 10_000
    const found = await inRounds(bench, 'memory', bench.servers, async (kind) => ({
      own: await idle(bench, kind, people, people),
      few: await idle(bench, kind, people, people / FEW),
    }))
    return [
      {
        title: `Memory of ${people} idle connections`,
        about:
          `KiB a connection after a collection, without the first ${WARM_UP * 100} %: to a document of ` +
          `its own with ${TEXT.length} characters, and to one for ${FEW}. Ours must reach 9 and 7 resident; it runs with ${flagsFor(people).join(' ')}.`,
        columns: ['server', 'own: RSS', 'own: heap', 'few: RSS', 'few: heap'],
        rows: rowsOf(found, (samples) => {
          const middle = middleOf<Sample>(samples)
          return [
            figure(middle(({ own }) => own.resident)),
            figure(middle(({ own }) => own.heap)),
            figure(middle(({ few }) => few.resident)),
            figure(middle(({ few }) => few.heap)),
          ]
        }),
      },
    ]
  },
}

function idle(bench: Bench, kind: ServerKind, people: number, documents: number): Promise<Figures> {
  const flags = kind.ours ? flagsFor(people) : []
  return withServer(bench, kind, (server) => measure(server, people, documents), flags)
}

function flagsFor(people: number): string[] {
  return [`--max-connections=${people + 100}`]
}

/** Each connection offers the short text when it is asked; a document takes it once. */
async function measure(server: ServerProcess, people: number, documents: number): Promise<Figures> {
  const { port, dialect } = server.address('')
  const plan = {
    port,
    dialect,
    documentIds: Array.from({ length: documents }, (_, i) => `note-${i}`),
    characters: null,
    known: 0,
    stateVector: Buffer.of(0).toString('base64'),
    offer: Buffer.from(insertUpdate(AUTHOR, 0, TEXT)).toString('base64'),
    stay: true,
  }
  return withLoad('join', plan, async (load) => {
    const first = people * WARM_UP
    const join = async (count: number): Promise<void> => {
      const { failed } = await load.call('join', count, AT_ONCE)
      if (failed[0] !== undefined) throw new Error(failed[0])
    }
    await join(first)
    const before = await atRest(server)
    await join(people - first)
    const after = await atRest(server)
    const perConnection = 1_024 * (people - first)
    return {
      resident: (after.resident - before.resident) / perConnection,
      heap: (after.heap - before.heap) / perConnection,
    }
  })
}

async function atRest(server: ServerProcess): Promise<Figures> {
  await sleep(SETTLE_MS)
  await server.ask({ probe: 'collect' })
  const { heapBytes } = await server.ask({ probe: 'collect' })
  return { resident: server.figures().residentBytes, heap: heapBytes }
}
