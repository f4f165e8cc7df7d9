import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createAckLog, violations } from '../support/author.js'
import { count } from '../support/count.js'
import { seededRandom } from '../support/random.js'
import { scratch } from '../support/scratch.js'
import { spawnServer } from '../support/test-server.js'
import {
  createOracle,
  endUnderLoad,
  recoveredTexts,
  sum,
  type Round,
} from '../support/under-load.js'

const KILLS = count('COSCRIBE_KILLS', 12)
const SEED = count('COSCRIBE_SEED', 1)
/** So many kills fall on one store: each is read whole after every kill, and has grown by every one before. */
const KILLS_PER_STORE = 100
const DOCUMENTS = ['minutes', 'plan/2027', 'größe']

const folder = await scratch()
afterAll(() => folder.remove())

describe('kill -9 under load', () => {
  it(
    `[R2] loses no acknowledged edit in ${KILLS} kills`,
    async () => {
      const random = seededRandom(SEED)
      const rounds: Round[] = []
      let oracle = createOracle(DOCUMENTS)
      for (let kill = 0; kill < KILLS; kill++) {
        if (kill % KILLS_PER_STORE === 0) oracle = createOracle(DOCUMENTS)
        const data = join(folder.path, String(Math.floor(kill / KILLS_PER_STORE)))
        const server = await spawnServer({ data, logLevel: 'debug', roomGraceMs: 0 })
        const end = (): Promise<unknown> => server.kill('SIGKILL')
        rounds.push(await endUnderLoad(server, `k${kill}`, oracle, random, end))
        const texts = await recoveredTexts(data, DOCUMENTS)
        for (const [id, log] of oracle) expect(violations(texts.get(id) ?? '', log)).toEqual([])
      }
      const inFlight = rounds.filter((round) => round.inFlight > 0).length
      const duringCompaction = rounds.filter((round) => round.compacting).length
      console.log(
        `seed ${SEED}: ${KILLS} kills, ${sum(rounds.map((round) => round.acked))} acked edits, ` +
          `${inFlight} kills with edits in flight, ${duringCompaction} during a compaction, 0 lost`,
      )
      expect(Math.min(...rounds.map((round) => round.acked))).toBeGreaterThanOrEqual(100)
      expect(inFlight).toBeGreaterThan(0)
      if (KILLS >= 20) expect(duringCompaction).toBeGreaterThan(0)
    },
    60_000 + KILLS * 20_000,
  )

  it('[R2] control: the oracle sees an acknowledged edit that is missing, doubled or back', () => {
    const log = createAckLog()
    log.present.add('<a.1>').add('<a.2>').add('<a.3>')
    log.deleted.add('<a.4>')
    expect(violations('<a.1><a.3><a.3><a.4>', log)).toEqual([
      '<a.2> is there 0 times',
      '<a.3> is there 2 times',
      '<a.4> came back',
    ])
  })
})
