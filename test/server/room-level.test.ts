import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@coscribe/shared'
import { LevelStore } from '@coscribe/storage'
import { afterEach, expect, it } from 'vitest'
import { silentLogger } from '../../server/src/log.js'
import { Compactor } from '../../server/src/persistence/compactor.js'
import { DocumentTurns } from '../../server/src/persistence/document-turns.js'
import { WorkerRunner } from '../../server/src/persistence/fold-runner.js'
import { GroupWriter } from '../../server/src/persistence/writer.js'
import { RoomRegistry } from '../../server/src/rooms/room-registry.js'
import { eventually } from '../support/eventually.js'
import { FakePeer } from '../support/fake-peer.js'
import { Author, docOf, textOf } from '../support/room-world.js'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

function build(store: LevelStore) {
  const [clock, random, logger] = [systemClock, systemRandom, silentLogger]
  const turns = new DocumentTurns()
  const writer = new GroupWriter({ store, turns, clock, random, logger })
  const compactor = new Compactor({ store, turns, runner: new WorkerRunner({ clock }), logger })
  const rooms = new RoomRegistry({ store, writer, compactor, clock, random, logger, graceMs: 20 })
  return { rooms, compactor }
}

it('[R17] the real store, the real worker and real time: commits, compactions, unloads, another start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coscribe-room-'))
  folders.push(folder)
  const path = join(folder, 'data')
  const store = new LevelStore({ path, durability: 'fsync' })
  await store.open()
  const { rooms, compactor } = build(store)
  const authors = Array.from({ length: 5 }, () => new Author())
  for (const [number, author] of authors.entries()) {
    const room = await rooms.open(`doc ${number}`)
    const peer = new FakePeer()
    room.add(peer)
    for (let i = 0; i < 300; i++) {
      room.receive(peer, author.type('word '), false)
      if (i % 3 === 0) room.receive(peer, author.erase(2), false)
      if (i === 150) void compactor.compact(room)
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await eventually('everything is on disk', () => peer.durableSeq === room.headSeq)
    room.remove(peer)
  }
  await eventually('all rooms left memory', () => rooms.size === 0)
  expect((await store.stat('doc 0'))?.snapshotSeq).toBe(400)
  const late = await rooms.open('doc 0')
  const peer = new FakePeer()
  late.add(peer)
  late.receive(peer, authors[0]?.type('the end') ?? new Uint8Array(), false)
  expect(await rooms.close()).toBe(0)
  expect(peer.durableSeq).toBe(401)
  await store.close()

  const again = new LevelStore({ path, durability: 'fsync' })
  await again.open()
  for (const [number, author] of authors.entries()) {
    const stored = await again.load(`doc ${number}`)
    const updates = [...(stored?.snapshot?.parts ?? []), ...(stored?.tail ?? [])]
    expect(textOf(docOf(updates))).toBe(textOf(author.doc))
  }
  await again.close()
})
