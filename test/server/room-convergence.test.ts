import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { count } from '../support/count.js'
import { SeededRandom } from '../support/random.js'
import { Replica } from '../support/replica.js'
import { docOf, RoomWorld } from '../support/room-world.js'
import { storedUpdates } from '../support/faulty-store.js'

const SEEDS = count('COSCRIBE_ROOM_SEEDS', 60)
const FIRST_SEED = count('COSCRIBE_ROOM_FIRST_SEED', 1)
const STEPS = 250

interface Options {
  /** Single updates get lost on their way up. */
  readonly lossy: boolean
  /** Leaves out the server's step 1 when everybody has come back: the safeguard whose absence must show. */
  readonly forgetful?: boolean
}

/** Everything a document is: content, clocks and deletions. */
function stateOf(doc: Y.Doc): string {
  const map = doc.getMap('map')
  const content = [doc.getText('text').toJSON(), ['x', 'y', 'z'].map((key) => map.get(key))]
  const list = doc.getArray('list').toJSON()
  const { clients } = Y.createDeleteSetFromStructStore(doc.store)
  const deletes = [...clients].sort(([a], [b]) => a - b)
  return JSON.stringify([content, list, [...Y.encodeStateVector(doc)], deletes])
}

/** Random edits, deliveries, drops, rejoins, failing commits, compactions and unloads; then everything comes to rest. */
async function run(seed: number, { lossy, forgetful = false }: Options): Promise<string[]> {
  const random = new SeededRandom(seed)
  const world = await RoomWorld.open({ seed, graceMs: 50 })
  const replicas = Array.from({ length: 4 }, () => new Replica(random, lossy))
  for (let step = 0; step < STEPS; step++) {
    const replica = random.pick(replicas)
    const roll = random.fraction()
    if (roll < 0.35) replica.edit()
    else if (roll < 0.8) replica.deliverOne()
    else if (roll < 0.88) await world.clock.advance(random.below(8))
    else if (roll < 0.9) replica.disconnect()
    else if (roll < 0.95 && !replica.connected) replica.connect(await world.room())
    else if (roll < 0.96) world.store[random.pick(['hang', 'fail'] as const)]()
    else if (roll < 0.99) world.store.heal()
    else if (replica.connected) void world.compactor.compact(await world.room())
  }
  world.store.heal()
  // Everybody connects once more, so that each asks and is asked.
  for (const replica of replicas) {
    if (forgetful && replica.connected) continue
    replica.disconnect()
    replica.connect(await world.room())
  }
  await rest(world, replicas)
  const stored = docOf(await storedUpdates(world.disk, 'doc'))
  const states = [...replicas.map(({ doc }) => doc), stored].map(stateOf)
  for (const replica of replicas) replica.disconnect()
  return states
}

async function rest(world: RoomWorld, replicas: readonly Replica[]): Promise<void> {
  do {
    await world.clock.advance(10)
    for (const replica of replicas) while (replica.underWay > 0) replica.deliverOne()
    // Long enough for retries and for asking again about gaps.
    await world.clock.advance(40_000)
  } while (replicas.some((replica) => replica.underWay > 0))
}

it.each([
  ['in order', false],
  ['with lost updates', true],
] as const)(
  `[R1] replicas and stored bytes are equal after any interleaving, %s (${SEEDS} seeds)`,
  async (_, lossy) => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const states = await run(seed, { lossy })
      expect(new Set(states).size, `seed ${seed}`).toBe(1)
    }
  },
)

it('[R1] control: without asking again the comparison sees what was lost', async () => {
  let different = 0
  for (let seed = 1; seed <= 20; seed++) {
    const states = await run(seed, { lossy: true, forgetful: true })
    if (new Set(states).size > 1) different += 1
  }
  expect(different).toBeGreaterThan(0)
})
