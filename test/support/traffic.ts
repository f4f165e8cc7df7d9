import * as Y from 'yjs'
import { EditingCrowd } from './editing-crowd.js'
import type { SeededRandom } from './random.js'

/** What copies of one document emitted while people edited them. */
export interface Traffic {
  readonly gc: boolean
  /** Whether surrogate pairs were split, after which replicas of yjs itself may differ in content. */
  readonly splitsPairs: boolean
  readonly updates: readonly Uint8Array[]
}

export function editingTraffic(random: SeededRandom): Traffic {
  const gc = random.chance(0.5)
  const splitsPairs = random.chance(0.2)
  const updates: Uint8Array[] = []
  const people = 2 + random.below(4)
  const crowd = new EditingCrowd(random, { people, gc, splitsPairs }, (u) => updates.push(u))
  for (let steps = 20 + random.below(100); steps > 0; steps--) crowd.step()
  crowd.destroy()
  return { gc, splitsPairs, updates }
}

/**
 * The same updates as a network might bring them: some late, some twice, some merged with others or cut by somebody's
 * state vector, and now and then everything a person has, as in an answer to a step 1. Each arrives whole in the end.
 */
export function* delivered(random: SeededRandom, traffic: Traffic): Generator<Uint8Array> {
  const disorder = random.chance(0.6) ? random.fraction() * 0.3 : 0
  const late = traffic.updates.map((update, i) => {
    return { update, at: i + (random.chance(disorder) ? random.below(40) : 0) }
  })
  late.sort((a, b) => a.at - b.at)
  const sofar: Uint8Array[] = []
  for (const { update } of late) {
    sofar.push(update)
    if (random.chance(0.08))
      yield variant(random, update, random.chance(disorder) ? traffic.updates : sofar)
    yield update
    if (random.chance(0.08)) yield random.pick(sofar)
    if (random.chance(0.02)) yield everything(traffic.gc, sofar)
  }
}

function variant(
  random: SeededRandom,
  update: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  const kind = random.below(3)
  if (kind === 0) return Y.mergeUpdates([update, random.pick(others), random.pick(others)])
  if (kind === 1) return Y.diffUpdate(update, Y.encodeStateVectorFromUpdate(random.pick(others)))
  const merged = Y.mergeUpdates([update, random.pick(others)])
  return Y.diffUpdate(merged, Y.encodeStateVectorFromUpdate(random.pick(others)))
}

function everything(gc: boolean, updates: readonly Uint8Array[]): Uint8Array {
  const doc = new Y.Doc({ gc, guid: 'everything' })
  for (const update of updates) Y.applyUpdate(doc, update)
  const all = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return all
}

/** `update` with one to three small injuries. */
export function mutated(random: SeededRandom, update: Uint8Array): Uint8Array {
  let bytes = [...update]
  for (let injuries = 1 + random.below(3); injuries > 0; injuries--) {
    const at = random.below(bytes.length)
    const byte = bytes[at] ?? 0
    const kind = random.below(6)
    if (kind === 0) bytes[at] = byte ^ (1 << random.below(8))
    else if (kind === 1) bytes[at] = random.below(256)
    else if (kind === 2) bytes[at] = (byte + random.pick([1, 2, 255])) & 255
    else if (kind === 3) bytes.splice(at, 1)
    else if (kind === 4) bytes.splice(at, 0, random.below(256))
    else bytes = bytes.map((b, i) => (i > at ? (bytes[i - at] ?? b) : b))
  }
  return Uint8Array.from(bytes)
}
