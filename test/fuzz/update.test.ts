import { decodeStateVector, structKinds, UpdateScan, walkUpdate } from '@coscribe/shared'
import { expect, it, vi } from 'vitest'
import * as Y from 'yjs'
import { RecordOffsets } from '../../server/src/rooms/record-offsets.js'
import { sliceRecord } from '../../server/src/rooms/slices.js'
import { count } from '../support/count.js'
import { contentOf, rootedDoc } from '../support/editing-crowd.js'
import { expectEqual } from '../support/equal.js'
import { StoredDocumentModel } from '../support/index-model.js'
import { seededRandom, type SeededRandom } from '../support/random.js'
import { delivered, editingTraffic, mutated, type Traffic } from '../support/traffic.js'

const UPDATES = count('COSCRIBE_FUZZ_UPDATES', 50_000)
const SEED = count('COSCRIBE_SEED', 20_261_122)
const TIMEOUT_MS = 180_000 + UPDATES * 10

/** Runs `round` with one seed after the other until `updates` were delivered, and names the seed that fails. */
function untilDelivered(updates: number, round: (random: SeededRandom) => number): void {
  // yjs tells on the console when an update continues the client id of the copy it is applied to.
  const silenced = vi.spyOn(console, 'info').mockImplementation(() => undefined)
  const logged = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    for (let seed = SEED, sofar = 0; sofar < updates; seed++) {
      try {
        sofar += round(seededRandom(seed))
      } catch (error) {
        throw new Error(`COSCRIBE_SEED=${seed}`, { cause: error })
      }
    }
  } finally {
    silenced.mockRestore()
    logged.mockRestore()
  }
}

function hasPending(doc: Y.Doc): boolean {
  return doc.store.pendingStructs !== null || doc.store.pendingDs !== null
}

/**
 * Offers a copy what it holds back once more. Every few hundred thousand updates yjs misses the moment: of several
 * things that wait for each other it notes one lack only, and does not look again when another is made up for.
 */
function lookAgain(doc: Y.Doc): void {
  const pending = doc.store.pendingStructs
  if (pending === null) return
  doc.store.pendingStructs = null
  Y.applyUpdateV2(doc, pending.update)
}

function sameState(model: StoredDocumentModel, doc: Y.Doc): boolean {
  const stateVector = Buffer.from(model.index.stateVector())
  return stateVector.equals(Y.encodeStateVector(doc)) && model.index.hasPending === hasPending(doc)
}

const scan = new UpdateScan()

/** What the walk found, in the form in which yjs decodes it. */
function walked(update: Uint8Array): unknown {
  expectEqual(walkUpdate(update, scan), null)
  const structs: unknown[] = []
  for (let section = 0; section < scan.sectionCount; section++) {
    for (let row = scan.sectionRows[section]!; row < scan.sectionEndRow(section); row++) {
      structs.push({
        kind: scan.kinds[row],
        client: scan.sectionClients[section],
        clock: scan.clocks[row],
        length: scan.lengths[row],
        origin: id(scan.originClients[row]!, scan.originClocks[row]!),
        right: id(scan.rightClients[row]!, scan.rightClocks[row]!),
        parent: id(scan.parentClients[row]!, scan.parentClocks[row]!),
      })
    }
  }
  const deletes = Array.from({ length: scan.deleteCount }, (_, row) => {
    return [scan.deleteClients[row], scan.deleteClocks[row], scan.deleteLengths[row]]
  })
  return { structs, deletes }
}

function id(client: number, clock: number): { client: number; clock: number } | null {
  return clock < 0 ? null : { client, clock }
}

function decodedByYjs(update: Uint8Array): unknown {
  const { structs, ds } = Y.decodeUpdate(update)
  return {
    structs: structs.map((struct) => {
      const item = struct instanceof Y.Item ? struct : null
      return {
        kind: item
          ? item.content.getRef()
          : struct instanceof Y.GC
            ? structKinds.gc
            : structKinds.skip,
        client: struct.id.client,
        clock: struct.id.clock,
        length: struct.length,
        origin: plainId(item?.origin),
        right: plainId(item?.rightOrigin),
        parent: plainId(item?.parent),
      }
    }),
    deletes: [...ds.clients].flatMap(([client, ranges]) => {
      return ranges.map(({ clock, len }) => [client, clock, len])
    }),
  }
}

function plainId(from: unknown): { client: number; clock: number } | null {
  return from instanceof Y.ID ? { client: from.client, clock: from.clock } : null
}

/** Brings a copy up to date with slices of the stored records, as a room does. */
function join(copy: Y.Doc, records: readonly Uint8Array[], random: SeededRandom): void {
  const stateVector = decodeStateVector(Y.encodeStateVector(copy)) as Map<number, number>
  for (const record of records) {
    const offsets = random.chance(0.5) ? new RecordOffsets(record) : undefined
    const slice = sliceRecord(record, stateVector, offsets)
    if (slice === null) continue
    expectEqual(walkUpdate(slice, scan), null)
    Y.applyUpdate(copy, slice)
  }
}

/** A new copy of the mirrored document that has some of it already. */
function someCopy(mirror: Y.Doc, records: readonly Uint8Array[], random: SeededRandom): Y.Doc {
  const copy = rootedDoc(mirror.gc)
  const known = random.below(records.length + 1)
  if (random.chance(0.7)) for (const record of records.slice(0, known)) Y.applyUpdate(copy, record)
  return copy
}

function expectJoinerEqual(
  mirror: Y.Doc,
  records: readonly Uint8Array[],
  random: SeededRandom,
  traffic: Traffic,
): void {
  const copy = someCopy(mirror, records, random)
  join(copy, records, random)
  lookAgain(copy)
  expectSame(copy, mirror, traffic)
}

function expectSame(copy: Y.Doc, mirror: Y.Doc, traffic: Traffic): void {
  expectEqual(Y.encodeStateVector(copy), Y.encodeStateVector(mirror))
  expectEqual(hasPending(copy), hasPending(mirror))
  // While something waits, one may have a struct as an item and the other as garbage: yjs takes what comes first, and
  // somewhere the deletion of its parent is still on its way.
  if (hasPending(mirror)) return
  const [ours, theirs] = [Y.snapshot(copy), Y.snapshot(mirror)]
  expectEqual(Y.equalSnapshots(ours, theirs), true)
  if (!traffic.splitsPairs) expectEqual(contentOf(copy), contentOf(mirror))
}

/** Every deletion the index knows is one of the mirror's, or still waits for its structs. */
function expectKnownDeletes(model: StoredDocumentModel, mirror: Y.Doc): void {
  const { ds } = Y.snapshot(mirror)
  for (const [client, ranges] of model.index.deletes()) {
    const state = Y.getState(mirror.store, client)
    for (const [start, end] of ranges) {
      for (let clock = start; clock < Math.min(end, state); clock++) {
        expectEqual(Y.isDeleted(ds, Y.createID(client, clock)), true)
      }
    }
  }
}

it(
  '[U1] [U4] [U5] [U6] [U7] what yjs emits, in any order, is read, indexed and sliced as yjs itself does',
  () => {
    const seen = { waiting: 0, known: 0, cut: 0, joins: 0 }
    let missed = 0
    untilDelivered(UPDATES * 0.6, (random) => {
      const traffic = editingTraffic(random)
      const mirror = rootedDoc(traffic.gc)
      const model = new StoredDocumentModel()
      let deliveries = 0
      for (const update of delivered(random, traffic)) {
        deliveries++
        if (random.chance(0.2)) expectEqual(walked(update), decodedByYjs(update))
        Y.applyUpdate(mirror, update)
        const stored = model.receive(update)
        if (stored === null) seen.known++
        else if (stored !== update) seen.cut++
        if (model.index.hasPending) seen.waiting++
        if (!sameState(model, mirror)) {
          missed++
          lookAgain(mirror)
        }
        expectEqual(model.index.stateVector(), Y.encodeStateVector(mirror))
        expectEqual(model.index.hasPending, hasPending(mirror))
        expectEqual(model.receive(update), null)
        if (!random.chance(0.02)) continue
        expectJoinerEqual(mirror, model.records, random, traffic)
      }
      seen.joins++
      expectJoinerEqual(mirror, model.records, random, traffic)
      expect(model.index.hasPending).toBe(false)
      expect(model.index.pendingBytes).toBe(0)
      expectKnownDeletes(model, mirror)
      return deliveries
    })
    expect(missed).toBeLessThanOrEqual(1 + UPDATES / 20_000)
    // The traffic was what it is meant to be.
    for (const occurrences of Object.values(seen))
      expect(occurrences).toBeGreaterThan(UPDATES / 1_000)
  },
  TIMEOUT_MS,
)

/** A document and its index, which take injured updates as well, as far as the walk lets them pass. */
class Target {
  readonly #gc: boolean
  readonly #good: Uint8Array[] = []
  doc: Y.Doc
  model = new StoredDocumentModel()

  constructor(gc: boolean) {
    this.#gc = gc
    this.doc = rootedDoc(gc)
  }

  /** Returns what yjs threw, if it did; the document has only good updates again then. */
  good(update: Uint8Array): unknown {
    const error = this.take(update)
    this.#good.push(update)
    if (error !== null) this.#apply(update)
    return error
  }

  /** As `good`, for bytes that are not necessarily so. */
  take(update: Uint8Array): unknown {
    try {
      this.#apply(update)
      Y.encodeStateAsUpdate(this.doc)
      return null
    } catch (error) {
      this.reset()
      return error
    }
  }

  /** Back to what good updates alone make. */
  reset(): void {
    this.doc.destroy()
    this.doc = rootedDoc(this.#gc)
    this.model = new StoredDocumentModel()
    for (const good of this.#good) this.#apply(good)
  }

  #apply(update: Uint8Array): void {
    const stored = this.model.receive(update)
    if (stored !== null) Y.applyUpdate(this.doc, stored)
  }
}

// What yjs throws at bytes that pass, all of it a matter of the document and not of the bytes: a struct known in part
// whose known part was garbage-collected; an item between neighbours in two types, one of which is then collected.
// Compaction meets these and stops before them.
const knownThrows = ["Cannot read properties of undefined (reading 'origin')", 'Unexpected case']

it(
  '[U11] injured traffic is refused, or yjs can integrate it and agrees about the clocks',
  () => {
    const seen = { refused: 0, passed: 0, threw: 0, compared: 0 }
    const integrated = (error: unknown): void => {
      if (error === null) return
      seen.threw++
      expect(knownThrows).toContain((error as Error).message)
    }
    untilDelivered(UPDATES * 0.4, (random) => {
      const traffic = editingTraffic(random)
      const target = new Target(traffic.gc)
      let tried = 0
      for (const update of traffic.updates) {
        integrated(target.good(update))
        for (let left = random.below(12); left > 0; left--) {
          tried++
          const bytes = mutated(random, random.chance(0.7) ? update : random.pick(traffic.updates))
          if (walkUpdate(bytes, scan) !== null) {
            seen.refused++
            continue
          }
          seen.passed++
          integrated(target.take(bytes))
          // With two forms of one struct waiting, yjs merges them and may drop what one of them waits for.
          if (target.model.index.hasPending || hasPending(target.doc)) {
            if (random.chance(0.3)) target.reset()
            continue
          }
          seen.compared++
          const stateVector = target.model.index.stateVector()
          expectEqual(stateVector, Y.encodeStateVector(target.doc))
        }
      }
      return tried
    })
    expect(seen.refused).toBeGreaterThan(UPDATES / 10)
    expect(seen.passed).toBeGreaterThan(UPDATES / 100)
    expect(seen.compared).toBeGreaterThan(UPDATES / 1_000)
    expect(seen.threw).toBeLessThan(UPDATES / 1_000)
  },
  TIMEOUT_MS,
)

/** Counts clocks and knows nothing of dependencies. */
class ClocksOnly {
  readonly states = new Map<number, number>()
  readonly #early: [client: number, from: number, to: number][] = []

  add(update: Uint8Array): void {
    walkUpdate(update, scan)
    for (let section = 0; section < scan.sectionCount; section++) {
      for (let row = scan.sectionRows[section]!; row < scan.sectionEndRow(section); row++) {
        if (scan.kinds[row] === structKinds.skip) continue
        const clock = scan.clocks[row]!
        this.#early.push([scan.sectionClients[section]!, clock, clock + scan.lengths[row]!])
      }
    }
    this.#early.sort(([, a], [, b]) => a - b)
    for (const [client, from, to] of this.#early) {
      const state = this.states.get(client) ?? 0
      if (from <= state && to > state) this.states.set(client, to)
    }
  }
}

it('[U4] control: an index that counts clocks and ignores dependencies drifts away from yjs', () => {
  let drifted = 0
  untilDelivered(6_000, (random) => {
    const traffic = editingTraffic(random)
    const mirror = rootedDoc(traffic.gc)
    const naive = new ClocksOnly()
    let deliveries = 0
    for (const update of delivered(random, traffic)) {
      deliveries++
      Y.applyUpdate(mirror, update)
      naive.add(update)
      const actual = Y.decodeStateVector(Y.encodeStateVector(mirror))
      for (const [client, state] of naive.states) if (state !== (actual.get(client) ?? 0)) drifted++
    }
    return deliveries
  })
  expect(drifted).toBeGreaterThan(20)
})
