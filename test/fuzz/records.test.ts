import { CoscribeError } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { expect, it } from 'vitest'
import { decodeAuthor } from '../../storage/src/author.js'
import { decodeManifest, SnapshotAssembler } from '../../storage/src/chunks.js'
import { Damage } from '../../storage/src/damage.js'
import { decodeGroup } from '../../storage/src/group.js'
import { decodeHead } from '../../storage/src/head.js'
import {
  authorKey,
  commitKey,
  groupKey,
  headKey,
  pieceKey,
  recordKey,
} from '../../storage/src/keys.js'
import { decodeCommit, Ledger, readGroupEntry } from '../../storage/src/ledger.js'
import { decodeRecord } from '../../storage/src/record.js'
import { CHECKSUM_BYTES, checksumOf, SealedReader } from '../../storage/src/sealed.js'
import {
  bounds,
  CAMPAIGN_TIMEOUT_MS,
  runCampaign,
  type FuzzTarget,
} from '../support/fuzz/campaign.js'
import {
  byte,
  bytesOf,
  counted,
  injure,
  injureRaw,
  number,
  plain,
  sequence,
  sized,
  text,
  type ListField,
} from '../support/fuzz/fields.js'
import { UpdateForge } from '../support/fuzz/forged-updates.js'
import type { SeededRandom } from '../support/random.js'
import { RoomWorld } from '../support/room-world.js'

const ID = 'doc'
/** Of a snapshot; part of the format. */
const CHUNK_BYTES = 256 * 1024

interface Kind {
  readonly key: Uint8Array
  readonly body: (random: SeededRandom) => ListField
  readonly decode: (key: Uint8Array, value: Uint8Array) => unknown
}

const checksum = (random: SeededRandom): ListField => sequence(plain(random.bytes(CHECKSUM_BYTES)))
const few = <Item>(random: SeededRandom, make: () => Item): Item[] =>
  Array.from({ length: 1 + random.below(4) }, make)
const someUpdate = (random: SeededRandom): Uint8Array => bytesOf(new UpdateForge(random).update())

/** Every value that a store reads, as trees of what it consists of. */
const kinds: Readonly<Record<string, Kind>> = {
  record: {
    key: recordKey(ID, 7),
    body: (random) => {
      const updates = few(random, () => someUpdate(random))
      const lengths = counted(updates.map(({ length }) => number(length)))
      return sequence(byte(1), checksum(random), lengths, ...updates.map(plain))
    },
    decode: decodeRecord,
  },
  head: {
    key: headKey(ID),
    body: (random) =>
      sequence(
        byte(1),
        plain(random.bytes(16)),
        ...[9, 7, 1, 400].map(number),
        ...[0, 1, 2].map(() => checksum(random)),
        byte(random.below(2)),
        plain(Buffer.from('why')),
      ),
    decode: decodeHead,
  },
  group: {
    key: groupKey(3),
    body: (random) => {
      const appends = few(random, () => {
        const history = random.chance(0.5) ? [] : [plain(random.bytes(16))]
        const updates = few(random, () => sized(plain(someUpdate(random))))
        const append = [...history, number(7), counted(updates)]
        if (random.chance(0.5)) return sequence(text(ID), byte(history.length), ...append)
        const authors = few(random, () => sequence(number(random.below(2 ** 32)), text('ada')))
        return sequence(text(ID), byte(history.length + 2), ...append, counted(authors))
      })
      return sequence(byte(1), checksum(random), counted(appends))
    },
    decode: decodeGroup,
  },
  manifest: {
    key: pieceKey(ID, 2, 0),
    body: (random) => {
      const lengths = few(random, () => number(random.below(300_000)))
      const chunks = Math.ceil(lengths.reduce((sum, { value }) => sum + value, 0) / CHUNK_BYTES)
      const sums = Array.from({ length: chunks }, () => checksum(random))
      return sequence(byte(1), number(7), counted(lengths), counted(sums))
    },
    decode: (key, value) => {
      const pinned = Buffer.from(value.slice(-CHECKSUM_BYTES)).toString('hex')
      // Its chunks are missing.
      new SnapshotAssembler(decodeManifest(key, value, pinned)).finish()
    },
  },
  commit: {
    key: commitKey,
    body: (random) => {
      const buckets = few(random, () => sequence(number(random.below(4_096)), checksum(random)))
      const lost = few(random, () => number(random.below(4_096)))
      return sequence(
        byte(2),
        plain(random.bytes(16)),
        number(9),
        checksum(random),
        number(3),
        checksum(random),
        counted(lost),
        counted(buckets),
      )
    },
    decode: (_key, value) => new Ledger().take(decodeCommit(value).entry),
  },
  journal: {
    key: Buffer.from('store 1'),
    body: (random) => sequence(number(3), checksum(random), counted(few(random, () => number(5)))),
    decode: (key, value) => {
      const reader = new SealedReader(key, value)
      new Ledger().takeGroup(readGroupEntry(reader))
      reader.end()
    },
  },
  author: {
    key: authorKey(ID, 7, 9),
    body: (random) => sequence(byte(1), plain(random.bytes(16)), text('ada')),
    decode: (key, value) => {
      // To its document it is nobody then.
      if (decodeAuthor(key, value) === null) throw new Damage('an author is damaged')
    },
  },
}

const names = [...Object.keys(kinds), 'update']

/** The first part of an input says of what kind it is, and the second is its body, which is sealed before it is read. */
const records: FuzzTarget = {
  name: 'records',
  // An update of two bytes is a view of a hundred.
  bounds: { ...bounds, memoryBytes: 2 ** 21, memoryPerByte: 100 },

  generate(random) {
    const which = random.below(names.length)
    const kind = kinds[names[which] ?? '']
    const tree = kind?.body(random) ?? new UpdateForge(random).update()
    if (random.chance(0.8)) injure(random, tree, [kind?.body(random) ?? tree])
    const bytes = bytesOf(tree)
    return [Uint8Array.of(which), random.chance(0.3) ? injureRaw(random, bytes) : bytes]
  },

  async run([which, body = new Uint8Array()], meter) {
    const name = names[which?.[0] ?? 0] ?? ''
    const kind = kinds[name]
    if (kind === undefined) return `${name}: ${await opened(body)}`
    const sum = Buffer.from(checksumOf(Buffer.concat([kind.key, body])), 'hex')
    const value = Buffer.concat([body, sum])
    // A bit anywhere without its checksum is noticed whatever it means.
    const flipped = Uint8Array.from(value)
    flipped[body.length >> 1]! ^= 4
    expect(() => kind.decode(kind.key, flipped)).toThrow(Damage)
    // A manifest's parts are taken at once, as large as the chunks that it names by their checksums.
    const stands = name === 'manifest' ? CHUNK_BYTES / CHECKSUM_BYTES : 1
    return `${name}: ${await meter.measured(value.length * stands, () => decoded(kind, value))}`
  },
}

function decoded({ key, decode }: Kind, value: Uint8Array): string {
  try {
    decode(key, value)
    return 'read'
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    return error.message
  }
}

/** A document that has these bytes for an update opens whole or not at all. */
async function opened(update: Uint8Array): Promise<string> {
  const store = new MemoryStore()
  await store.open()
  const honest = Uint8Array.of(0, 0)
  await store.append([
    { documentId: ID, historyId: '0'.repeat(32), firstSeq: 1, updates: [honest, update] },
  ])
  const world = await RoomWorld.open({ store })
  try {
    const room = await world.room(ID)
    expect(room.headSeq).toBe(2)
    room.stateVector()
    return 'opened'
  } catch (error) {
    if (!(error instanceof CoscribeError) || error.code !== 'document-unavailable') throw error
    return error.message.replaceAll(/\d+/g, 'N')
  } finally {
    await world.rooms.close(1_000)
  }
}

it(
  '[U27] stored values with injuries, also under a right checksum, are read as they are or called damaged',
  async () => {
    const report = await runCampaign(records)
    expect(report.outcomes).toBeGreaterThan(15)
  },
  CAMPAIGN_TIMEOUT_MS,
)
