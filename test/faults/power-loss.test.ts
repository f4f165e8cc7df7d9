import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { violations } from '../support/author.js'
import { count } from '../support/count.js'
import { compilePowerLoss, powerLoss } from '../support/power-loss.js'
import { seededRandom } from '../support/random.js'
import { scratch } from '../support/scratch.js'
import { spawnServer } from '../support/test-server.js'
import { createOracle, endUnderLoad, recoveredTexts } from '../support/under-load.js'

const ROUNDS = count('COSCRIBE_POWER_LOSSES', 6)
const SEED = count('COSCRIBE_SEED', 1)
const DOCUMENTS = ['minutes', 'plan/2027']

const folder = await scratch()
let library: string
beforeAll(async () => {
  library = await compilePowerLoss(folder.path)
})
afterAll(() => folder.remove())

/** Cuts the power of a whole server under load, again and again; returns what was acknowledged and is missing. */
async function cutAndCheck(durability: 'fsync' | 'os', rounds: number): Promise<string[]> {
  const random = seededRandom(SEED)
  const root = join(folder.path, durability)
  const data = join(root, 'data')
  const missing: string[] = []
  let acked = 0
  for (let round = 0; round < rounds; round++) {
    // An own oracle a round: what a round lost is not expected of the next.
    const oracle = createOracle(DOCUMENTS)
    const power = powerLoss(library, root, join(folder.path, `${durability} ${round}`))
    const server = await spawnServer({ data, durability, logLevel: 'debug' }, { env: power.env })
    const cut = async (): Promise<void> => {
      await power.cut()
      await server.kill()
    }
    acked += (await endUnderLoad(server, `${round}`, oracle, random, cut)).acked
    const texts = await recoveredTexts(data, DOCUMENTS)
    for (const [id, log] of oracle) missing.push(...violations(texts.get(id) ?? '', log))
  }
  console.log(
    `${durability}: ${acked} acked edits, ${rounds} power losses, ${missing.length} missing, seed ${SEED}`,
  )
  return missing
}

describe('power loss of a whole server', () => {
  it('[R2] with fsync no acknowledged edit is missing', async () => {
    expect(await cutAndCheck('fsync', ROUNDS)).toEqual([])
  })

  it('[R2] control: with os the same run loses some', async () => {
    expect((await cutAndCheck('os', 2)).length).toBeGreaterThan(0)
  })
})
