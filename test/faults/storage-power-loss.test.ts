import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { count } from '../support/count.js'
import { compilePowerLoss, powerLoss } from '../support/power-loss.js'
import { seededRandom } from '../support/random.js'
import { scratch } from '../support/scratch.js'
import { missingOf, StoreChecker, StoreWriter } from '../support/store-child.js'

const ROUNDS = count('COSCRIBE_POWER_LOSSES', 6)
const SEED = count('COSCRIBE_SEED', 1)

const checker = new StoreChecker()
let folder: Awaited<ReturnType<typeof scratch>>
let library: string

beforeAll(async () => {
  folder = await scratch()
  library = await compilePowerLoss(folder.path)
})

afterAll(async () => {
  await checker.close()
  await folder.remove()
})

/** Writes to one store until its power is cut, `rounds` times; returns how much of what was acked is missing. */
async function cutAndCheck(durability: 'fsync' | 'os', rounds: number): Promise<number> {
  const random = seededRandom(SEED)
  const path = join(folder.path, durability)
  await mkdir(path)
  const acked = new Map<string, number>()
  let missing = 0
  let acks = 0
  for (let round = 0; round < rounds; round++) {
    const power = powerLoss(library, path, join(folder.path, `${durability} ${round}`))
    const seed = random.below(2 ** 31)
    const writer = new StoreWriter(join(path, 'data'), { durability, seed, env: power.env })
    const enough = 100 + random.below(400)
    await writer.atWork(enough)
    await power.cut()
    await writer.ended()
    for (const [id, seq] of writer.acked) acked.set(id, seq)
    acks += writer.acks
    const found = await checker.contents(join(path, 'data'))
    missing += missingOf(acked, found)
    // Also where edits are missing: they take their authors along.
    expect(found.apart).toBe(0)
    // What is missing is no longer expected: the next round goes on from what is there.
    for (const [id, seq] of Object.entries(found.documents)) acked.set(id, Number(seq))
  }
  console.log(
    `${durability}: ${acks} acks, ${rounds} power losses, ${missing} acked updates missing, seed ${SEED}`,
  )
  return missing
}

describe('power loss', () => {
  it('[S2] [S24] with fsync nothing that was acknowledged is missing, nor who wrote it', async () => {
    expect(await cutAndCheck('fsync', ROUNDS)).toBe(0)
  })

  it('[S2] control: with os the same run loses some', async () => {
    expect(await cutAndCheck('os', 2)).toBeGreaterThan(0)
  })
})
