import { UpdateScan, walkStructs, walkUpdate } from '@coscribe/shared'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import * as Y from 'yjs'
import type { ClockRange } from '../../server/src/rooms/record-offsets.js'
import { RecordOffsets } from '../../server/src/rooms/record-offsets.js'
import { RoomLog } from '../../server/src/rooms/room-log.js'
import { EditingCrowd } from '../support/editing-crowd.js'
import { FakePeer } from '../support/fake-peer.js'
import * as forge from '../support/forge.js'
import { SeededRandom } from '../support/random.js'
import { Author, docOf, RoomWorld, updatesOf } from '../support/room-world.js'

const SEEDS = 6
const STEPS = 80

/** What a crowd brought, in order, and what each of them has in the end. */
function crowd(seed: number): { updates: Uint8Array[]; wholes: Uint8Array[] } {
  const updates: Uint8Array[] = []
  const options = { people: 3, gc: seed % 2 === 0, splitsPairs: false }
  const people = new EditingCrowd(new SeededRandom(seed), options, (bytes) => {
    updates.push(Uint8Array.from(bytes))
  })
  for (let step = 0; step < STEPS; step++) people.step()
  const wholes = people.docs.map((doc) => Y.encodeStateAsUpdate(doc))
  people.destroy()
  return { updates, wholes }
}

describe('what comes a second time', () => {
  it(`[R115] is never refused to honest people, in whatever form, also after a compaction (${SEEDS} seeds)`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = await RoomWorld.open({ seed })
      const room = await world.room()
      const { updates, wholes } = crowd(seed)
      const bring = (all: readonly Uint8Array[]): void => {
        const peer = new FakePeer()
        room.add(peer)
        for (const update of all) {
          const receipt = room.receive(peer, Uint8Array.from(update), false)
          expect(receipt, `seed ${seed}`).toMatchObject({ outcome: 'accepted' })
        }
        room.remove(peer)
      }
      bring(updates)
      bring([...updates, ...wholes])
      await world.clock.settle()
      await world.compactor.compact(room)
      bring([...wholes, ...updates])
    }
  })

  it('[R115] nor to who changed an object in place, set it again, and could undo that', async () => {
    const world = await RoomWorld.open()
    const room = await world.room()
    const peer = new FakePeer()
    const author = new Author(1_001)
    const map = author.doc.getMap<{ done: boolean }>('map')
    const undo = new Y.UndoManager(map, { captureTimeout: 0 })
    onTestFinished(() => undo.destroy())
    room.add(peer)
    const todo = { done: false }
    map.set('todo', todo)
    room.receive(peer, Uint8Array.from(author.last), false)
    todo.done = true
    map.set('todo', todo)
    // As after a connection that broke before it was told that the first is saved.
    expect(room.receive(peer, author.answer(), true)).toMatchObject({ outcome: 'accepted' })
    const stored = docOf(updatesOf(room.answer(Uint8Array.of(0))))
    expect(stored.getMap('map').toJSON()).toEqual({ todo: { done: true } })
  })
})

describe('an object that its author changed in place and never set again', () => {
  it.each([
    ['is taken for what it was, from its author', 'ada', 'accepted'],
    ['control: is noticed of somebody of whom that is not known', 'ben', 'refused'],
  ])('[R115] %s', async (_, authorId, outcome) => {
    const world = await RoomWorld.open()
    const room = await world.room()
    const peer = new FakePeer({ authorId: 'ada', principal: 'ada' })
    const author = new Author(1_001)
    room.add(peer)
    const todo = { done: false }
    author.doc.getMap<{ done: boolean }>('map').set('todo', todo)
    room.receive(peer, Uint8Array.from(author.last), false)
    todo.done = true
    const again = new FakePeer({ authorId, principal: authorId })
    room.add(again)
    expect(room.receive(again, author.answer(), true)).toMatchObject({ outcome })
  })
})

describe('what comes for the first time', () => {
  it('[R115] is not concerned: for a keystroke nothing of the log is read', async () => {
    const world = await RoomWorld.open()
    const room = await world.room()
    const peer = new FakePeer({ authorId: 'ada' })
    const author = new Author(1_001)
    room.add(peer)
    room.receive(peer, Uint8Array.from(author.type('a')), false)
    const log = vi.spyOn(RoomLog.prototype, 'newestFirst')
    onTestFinished(() => log.mockRestore())
    for (const letter of 'hello') {
      const receipt = room.receive(peer, Uint8Array.from(author.type(letter)), false)
      expect(receipt).toMatchObject({ outcome: 'accepted' })
    }
    expect(log).not.toHaveBeenCalled()
    room.receive(peer, author.answer(), false)
    expect(log).toHaveBeenCalledOnce()
  })

  it('[R115] nor is what says nothing, and nothing is read for it', async () => {
    const world = await RoomWorld.open()
    const room = await world.room()
    const author = new Author(1_001)
    const writer = new FakePeer({ authorId: 'ada' })
    room.add(writer)
    for (let i = 0; i < 20; i++) {
      room.receive(writer, Uint8Array.from(author.type('x'.repeat(512 * 1024))), false)
      await world.clock.advance(500)
    }
    const length = Y.getState(author.doc.store, 1_001)
    const ends = [
      forge.item(forge.text('x'), { root: 'text' }),
      forge.filler(0, length - 2),
      forge.item(forge.text('x'), { origin: [1_001, length - 2] }),
    ]
    const peer = new FakePeer()
    room.add(peer)
    for (let i = 0; i < 4; i++) {
      const receipt = room.receive(peer, forge.update([forge.section(1_001, 0, ends)]), false)
      expect(receipt).toMatchObject({ outcome: 'accepted' })
    }
    const log = vi.spyOn(RoomLog.prototype, 'newestFirst')
    onTestFinished(() => log.mockRestore())
    room.receive(peer, forge.update([forge.section(1_001, 0, [forge.filler(0, length)])]), false)
    expect(log).not.toHaveBeenCalled()
  })
})

describe('a part of a large record', () => {
  it('[R115] is all of the clocks that are wanted, and few besides', () => {
    const random = new SeededRandom(3)
    for (let seed = 1; seed <= SEEDS; seed++) {
      const record = crowd(seed).wholes[0]!
      const whole = new UpdateScan()
      walkUpdate(record, whole)
      const offsets = new RecordOffsets(record)
      for (let section = 0; section < whole.sectionCount; section++) {
        const client = whole.sectionClients[section]!
        const rows = rowsOf(whole, section)
        for (let i = 0; i < 20; i++) {
          const from = random.below(rows.at(-1)!.reach + 5)
          const range = { from, to: from + 1 + random.below(30) }
          const wanted = rows.filter(({ clock, reach }) => clock < range.to && reach > range.from)
          const found = within(offsets, record, client, range)
          const at = rows.findIndex(({ clock }) => clock === wanted[0]?.clock)
          expect(found.length).toBeLessThan(wanted.length + 9)
          if (wanted.length > 0) expect(rows.slice(at, at + found.length)).toEqual(found)
          expect(found.slice(0, wanted.length)).toEqual(wanted)
        }
      }
    }
  })

  it('[R115] is read once, however many of its clocks are wanted', () => {
    const random = new SeededRandom(5)
    const record = crowd(1).wholes[0]!
    const offsets = new RecordOffsets(record)
    const whole = new UpdateScan()
    walkUpdate(record, whole)
    for (let section = 0; section < whole.sectionCount; section++) {
      const client = whole.sectionClients[section]!
      const rows = rowsOf(whole, section)
      for (let i = 0; i < 20; i++) {
        const ranges: ClockRange[] = []
        for (let from = random.below(9); from < rows.at(-1)!.reach; from += 2 + random.below(99)) {
          ranges.push({ from, to: from + 1 })
        }
        const found = within(offsets, record, client, ...ranges).map(({ clock }) => clock)
        const wanted = rows.filter(({ clock, reach }) =>
          ranges.some(({ from }) => clock <= from && from < reach),
        )
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b))
        expect(found).toEqual(expect.arrayContaining(wanted.map(({ clock }) => clock)))
      }
    }
  })
})

interface Row {
  readonly clock: number
  readonly reach: number
}

function rowsOf(scan: UpdateScan, section: number): Row[] {
  const rows: Row[] = []
  for (let row = scan.sectionRows[section]!; row < scan.sectionEndRow(section); row++) {
    rows.push({ clock: scan.clocks[row]!, reach: scan.clocks[row]! + scan.lengths[row]! })
  }
  return rows
}

function within(
  offsets: RecordOffsets,
  record: Uint8Array,
  client: number,
  ...ranges: readonly ClockRange[]
): Row[] {
  const scan = new UpdateScan()
  return offsets
    .within((of) => (of === client ? ranges : null))
    .flatMap(({ clock, structs, start, end }) => {
      expect(walkStructs(record, start, client, clock, structs, scan)).toBe(end)
      return rowsOf(scan, 0)
    })
}
