import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mutants } from './mutants/index.js'
import { MutantLoader, occurrencesOf, type Mutant } from './mutation.js'

let loader: MutantLoader

beforeAll(async () => {
  loader = await MutantLoader.open()
})

afterAll(() => loader.close())

/** A seed of the first so many at which the simulation with this defect breaks a promise, or `null`. */
async function caughtAt(mutant: Mutant | null, seeds: number): Promise<number | null> {
  const simulation = await loader.load(mutant)
  const breaks = async (seed: number): Promise<boolean> =>
    (await simulation.run(simulation.planOf(seed))).violation !== null
  const likely = mutant?.noticedAt ?? null
  if (likely !== null && likely <= seeds && (await breaks(likely))) return likely
  for (let seed = 1; seed <= seeds; seed++) {
    if (!(await breaks(seed))) continue
    if (likely !== null) console.log(`noticed at seed ${seed} by now, no longer at ${likely}`)
    return seed
  }
  return null
}

describe('the simulation', () => {
  it('[R81] has nothing to say about the code as it is', async () => {
    expect(await caughtAt(null, 10)).toBeNull()
  })

  for (const [name, mutant] of Object.entries(mutants)) {
    it(`[R81] notices: ${name}`, async () => {
      expect(occurrencesOf(mutant)).toBe(1)
      const seed = await caughtAt(mutant, mutant.seeds)
      expect(seed, `${mutant.breaks} Not noticed in ${mutant.seeds} seeds.`).not.toBeNull()
    })
  }
})
