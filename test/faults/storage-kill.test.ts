import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { count } from '../support/count.js'
import { seededRandom } from '../support/random.js'
import { scratch } from '../support/scratch.js'
import { missingOf, StoreChecker, StoreWriter } from '../support/store-child.js'

const ROUNDS = count('COSCRIBE_KILLS', 12)
const SEED = count('COSCRIBE_SEED', 1)

const checker = new StoreChecker()
afterAll(() => checker.close())

it(
  `[S2] [S24] ${ROUNDS} times kill -9 while it appends and compacts: nothing acknowledged is missing, nor who wrote it`,
  async () => {
    const folder = await scratch()
    const random = seededRandom(SEED)
    const path = join(folder.path, 'data')
    const acked = new Map<string, number>()
    let acks = 0
    try {
      for (let round = 0; round < ROUNDS; round++) {
        // Without fsync half of the time: the end of a process alone must not need it.
        const durability = round % 2 === 0 ? 'fsync' : 'os'
        const writer = new StoreWriter(path, { durability, seed: random.below(2 ** 31) })
        const enough = 100 + random.below(200)
        await writer.atWork(enough)
        await writer.end('SIGKILL')
        for (const [id, seq] of writer.acked) acked.set(id, seq)
        acks += writer.acks
        // Every other round the next writer meets the store as it was left.
        if (round % 2 === 0) continue
        const found = await checker.contents(path)
        expect(missingOf(acked, found)).toBe(0)
        expect(found.apart).toBe(0)
      }
      console.log(`${acks} acks, ${ROUNDS} kills, 0 missing, seed ${SEED}`)
    } finally {
      await folder.remove()
    }
  },
  60_000 + ROUNDS * 20_000,
)

it('[S24] control: authors that come an append later are missing after kill -9', async () => {
  const folder = await scratch()
  const path = join(folder.path, 'data')
  try {
    const options = { durability: 'os', seed: SEED, authorsComeLater: true } as const
    const writer = new StoreWriter(path, options)
    await writer.atWork(50)
    await writer.end('SIGKILL')
    const found = await checker.contents(path)
    expect(missingOf(writer.acked, found)).toBe(0)
    expect(found.apart).toBeGreaterThan(0)
  } finally {
    await folder.remove()
  }
})
