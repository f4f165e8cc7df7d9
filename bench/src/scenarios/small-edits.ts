import type { Bench, Scenario } from '../bench.js'
import { atRest } from '../measure/at-rest.js'
import { fetchText, typedText } from '../measure/texts.js'
import { withLoad } from '../load/generator-process.js'
import type { LoadReport } from '../load/load.js'
import { profiled } from '../measure/profiled.js'
import { inRounds, middleOf, rowsOf, withServer } from '../rounds.js'
import { ServerProcess } from '../servers/server-process.js'
import type { ServerKind } from '../servers/server-kind.js'
import { sleep } from '../sleep.js'
import { figure } from '../table.js'

const DOCUMENTS = 200
/** Edits a second of each writer. */
const RATE = 10
const SECONDS = 5
const EDITS = DOCUMENTS * RATE * SECONDS
const PREFIX = 'small-'
const PATIENCE_MS = 15_000
/** Some answer before they have read a document. */
const LATE_MS = 1_000

interface Sample {
  readonly cpuSeconds: number
  readonly writtenBytes: number
  /** Documents that are not whole after the process was killed. */
  readonly damaged: number
}

/** Many short documents are written and stored; then the process is killed. */
export const smallEdits: Scenario = {
  name: 'small-edits',
  about: `${EDITS} single characters in ${DOCUMENTS} documents, stored; then kill -9`,
  run: async (bench) => {
    const kinds = bench.servers.filter(({ persists }) => persists)
    const found = await inRounds(bench, 'small edits', kinds, (kind) => once(bench, kind))
    return [
      {
        title: `${EDITS} small edits in ${DOCUMENTS} documents, stored`,
        about:
          'Server CPU and bytes written for 10,000 edits, until all are stored and nothing is left to do. Then ' +
          'the process is killed and the documents are read again. Ours must reach 0.5 s with fsync, and 0.7 MB.',
        columns: ['server', 'CPU s', 'MB written', 'documents damaged by kill -9'],
        rows: rowsOf(found, (samples) => {
          const middle = middleOf<Sample>(samples)
          return [
            figure(middle(({ cpuSeconds }) => cpuSeconds)),
            figure(middle(({ writtenBytes }) => writtenBytes / 1e6)),
            String(Math.max(...samples.map(({ damaged }) => damaged))),
          ]
        }),
      },
    ]
  },
}

async function once(bench: Bench, kind: ServerKind): Promise<Sample> {
  const data = bench.folder()
  const server = await ServerProcess.start(kind, data)
  const plan = { ...server.address(''), prefix: PREFIX, rooms: DOCUMENTS, members: 1, rate: RATE }
  try {
    const { figures, report } = await withLoad('fan-out', plan, async (load) => {
      await load.call('connect')
      const before = server.figures()
      const cpu = await server.cpuSeconds()
      const finished = await profiled(bench, server, 'small-edits', async () => {
        await load.call('start')
        await sleep(SECONDS * 1_000)
        const typed = await load.call('finish', PATIENCE_MS)
        if ((await load.call('acknowledgedAll', PATIENCE_MS)) > 0) {
          throw new Error('not all edits were acknowledged')
        }
        return typed
      })
      const cpuSeconds = (await atRest(server)) - cpu
      const writtenBytes = server.figures().writtenBytes - before.writtenBytes
      return { report: finished, figures: { cpuSeconds, writtenBytes } }
    })
    await server.stop('SIGKILL')
    const scale = 10_000 / edits(report)
    return {
      cpuSeconds: figures.cpuSeconds * scale,
      writtenBytes: figures.writtenBytes * scale,
      damaged: await withServer(bench, kind, (again) => damagedIn(again, report), [], data),
    }
  } finally {
    await server.stop()
  }
}

function edits({ typed }: LoadReport): number {
  return typed.flat().reduce((sum, count) => sum + count, 0)
}

async function damagedIn(server: ServerProcess, report: LoadReport): Promise<number> {
  let damaged = 0
  for (let room = 0; room < DOCUMENTS; room++) {
    const address = server.address(`${PREFIX}${room}`)
    const typed = typedText(report, room)
    if ((await fetchText(address)) === typed) continue
    // Some answer before they have read the document; that is not a loss.
    if ((await fetchText(address, LATE_MS)) !== typed) damaged++
  }
  return damaged
}
