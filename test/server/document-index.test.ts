import { defaultLimits, UpdateScan, walkUpdate } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { DocumentIndex, type Judgement } from '../../server/src/rooms/document-index.js'
import { count } from '../support/count.js'
import { filler, item, section, text, type, update, type Id } from '../support/forge.js'
import { hostileUpdates } from '../support/hostile-corpus.js'
import { StoredDocumentModel } from '../support/index-model.js'
import { seededRandom } from '../support/random.js'

const SEED = count('COSCRIBE_SEED', 11)

const scan = new UpdateScan()

function scanOf(bytes: Uint8Array): UpdateScan {
  const fault = walkUpdate(bytes, scan)
  if (fault !== null) throw new Error(fault.message)
  return scan
}

function judge(index: DocumentIndex, bytes: Uint8Array): Judgement {
  return index.judge(scanOf(bytes))
}

function add(index: DocumentIndex, bytes: Uint8Array): void {
  index.add(scanOf(bytes))
}

function stateOf(index: DocumentIndex): Record<string, number> {
  return Object.fromEntries(Y.decodeStateVector(index.stateVector()))
}

/** One character of `client` at `clock`, behind `origin` if given. */
function character(client: number, clock: number, origin?: Id): Uint8Array {
  return update([section(client, clock, [item(text('x'), origin === undefined ? {} : { origin })])])
}

/** An update that names the root types r<from> to before r<to>. */
function roots(from: number, to: number): Uint8Array {
  const names = Array.from({ length: to - from }, (_, i) =>
    item(text('x'), { root: `r${from + i}` }),
  )
  return update([section(from + 1, 0, names)])
}

function deletes(index: DocumentIndex): unknown {
  return [...index.deletes()].map(([client, set]) => [client, [...set]])
}

/** Clients of one character each, of which every one needs the next, and the last one that nobody has. */
function chain(clients: number): Uint8Array {
  return update(
    Array.from({ length: clients }, (_, i) =>
      section(clients - i, 0, [item(text('x'), { origin: [clients - i + 1, 0] })]),
    ),
  )
}

describe('judging', () => {
  it('[U5] tells new from known, and changes nothing', () => {
    const index = new DocumentIndex()
    const first = character(1, 0)
    expect(judge(index, first)).toEqual({
      kind: 'new',
      wholly: true,
      waits: false,
      newStructs: 1,
      newDeletes: 0,
      newClients: 1,
    })
    expect(stateOf(index)).toEqual({})
    add(index, first)
    expect(stateOf(index)).toEqual({ 1: 1 })
    expect(judge(index, first)).toEqual({ kind: 'known' })
    expect(judge(index, Uint8Array.of(0, 0))).toEqual({ kind: 'known' })
  })

  it('[U5] knows deletions by range, those of structs to come included', () => {
    const index = new DocumentIndex()
    add(index, update([section(1, 0, [item(text('abcdef'), {})])], [[1, 0, 3]]))
    expect(judge(index, update([], [[1, 0, 3]]))).toEqual({ kind: 'known' })
    expect(judge(index, update([], [[1, 1, 1]]))).toEqual({ kind: 'known' })
    expect(judge(index, update([], [[1, 2, 2]]))).toMatchObject({ newDeletes: 1, waits: false })
    const early = update([], [[7, 5, 5]])
    expect(judge(index, early)).toMatchObject({ newDeletes: 1, waits: true })
    add(index, early)
    expect(index.hasPending).toBe(true)
    expect(index.pendingBytes).toBeGreaterThan(0)
    expect(judge(index, early)).toEqual({ kind: 'known' })
  })

  it('[U6] tells an update that is known in part', () => {
    const index = new DocumentIndex()
    add(index, character(1, 0))
    const both = update([section(1, 0, [item(text('x'), {}), item(text('y'), { origin: [1, 0] })])])
    expect(judge(index, both)).toMatchObject({ wholly: false, newStructs: 1, newClients: 0 })
  })
})

describe('waiting', () => {
  it('[U4] waits for clocks of the same client, and for origin, right origin and parent', () => {
    const lacking: readonly Uint8Array[] = [
      character(1, 3),
      update([section(1, 0, [item(text('x'), { origin: [2, 0] })])]),
      update([section(1, 0, [item(text('x'), { rightOrigin: [2, 0] })])]),
      update([section(1, 0, [item(text('x'), { parent: [2, 0] })])]),
    ]
    for (const bytes of lacking) {
      const index = new DocumentIndex()
      expect(judge(index, bytes)).toMatchObject({ kind: 'new', waits: true })
      add(index, bytes)
      expect(stateOf(index)).toEqual({})
      expect(index.hasPending).toBe(true)
      expect(index.pendingBytes).toBeGreaterThan(0)
      expect(judge(index, bytes)).toEqual({ kind: 'known' })
      const missing = [section(1, 0, [item(text('abc'), {})]), section(2, 0, [item(type(0), {})])]
      add(index, bytes === lacking[0] ? update([missing[0]!]) : update([missing[1]!]))
      expect(index.hasPending).toBe(false)
      expect(index.pendingBytes).toBe(0)
      expect(stateOf(index)[1]).toBeGreaterThan(0)
    }
  })

  it('[U4] integrates what depends on each other across clients in one update, and not a circle', () => {
    const crossed = update([
      section(2, 0, [item(text('x'), { origin: [1, 0] })]),
      section(1, 0, [item(text('x'), {}), item(text('x'), { origin: [2, 0] })]),
    ])
    const circle = update([
      section(2, 0, [item(text('x'), { origin: [1, 0] })]),
      section(1, 0, [item(text('x'), { origin: [2, 0] })]),
    ])
    for (const [bytes, waits] of [
      [crossed, false],
      [circle, true],
    ] as const) {
      const index = new DocumentIndex()
      const doc = new Y.Doc()
      expect(judge(index, bytes)).toMatchObject({ waits })
      add(index, bytes)
      Y.applyUpdate(doc, bytes)
      expect(index.stateVector()).toEqual(Y.encodeStateVector(doc))
      expect(index.hasPending).toBe(waits)
    }
  })

  it('[U4] takes up what was garbage-collected meanwhile, though the same clocks wait', () => {
    const index = new DocumentIndex()
    add(index, character(1, 0, [2, 0]))
    const collected = update([section(1, 0, [filler(0, 1)])])
    expect(judge(index, collected)).toMatchObject({ kind: 'new', wholly: true, waits: false })
    add(index, collected)
    expect(stateOf(index)).toEqual({ 1: 1 })
  })

  it('[U9] wakes only what an edit helps: a flood that waits costs later edits nothing', () => {
    const index = new DocumentIndex()
    const flood = Array.from({ length: 20_000 }, (_, i) => {
      return section(100_000 - i, 0, [item(text('x'), { origin: [1, 1_000_000 + i] })])
    })
    add(index, update(flood))
    const waiting = index.pendingBytes
    expect(waiting).toBeGreaterThan(20_000 * 256)
    for (let clock = 0; clock < 1_000; clock++) add(index, character(1, clock))
    expect(index.pendingBytes).toBe(waiting)
    add(index, update([section(1, 1_000, [filler(0, 1_100_000)])]))
    expect(index.hasPending).toBe(false)
    expect(index.pendingBytes).toBe(0)
    expect(Object.keys(stateOf(index))).toHaveLength(20_001)
  })
})

describe('limits that need the document', () => {
  const excessive = hostileUpdates.filter(({ outcome }) => outcome === 'refused')
  it.each(excessive)('[U8] refuses $name', ({ bytes }) => {
    const index = new DocumentIndex()
    expect(judge(index, bytes)).toMatchObject({ kind: 'refused', code: 'bad-update' })
    expect(stateOf(index)).toEqual({})
  })

  it('[U8] counts root names over all updates', () => {
    const index = new DocumentIndex()
    add(index, roots(0, 999))
    expect(index.rootNameCount).toBe(999)
    expect(judge(index, roots(999, 1_000))).toMatchObject({ kind: 'new' })
    expect(judge(index, roots(999, 1_001))).toMatchObject({ kind: 'refused' })
    expect(
      judge(index, update([section(7_000, 0, [item(text('x'), { root: 'r5' })])])),
    ).toMatchObject({ kind: 'new' })
  })

  it('[U8] follows the nesting of types through origins, over many updates', () => {
    const index = new DocumentIndex()
    let parent: Id | null = null
    // Each type stands behind a character in the type before: only the character names its parent.
    for (let depth = 1; depth <= defaultLimits.typeDepth; depth++) {
      const clock = (depth - 1) * 2
      const first: Uint8Array = item(text('x'), parent === null ? {} : { parent })
      const bytes = update([section(5, clock, [first, item(type(0), { origin: [5, clock] })])])
      expect(judge(index, bytes), `depth ${depth}`).toMatchObject({ kind: 'new', waits: false })
      add(index, bytes)
      parent = [5, clock + 1]
    }
    const place = { parent: parent! }
    const next = defaultLimits.typeDepth * 2
    expect(judge(index, update([section(5, next, [item(type(0), place)])]))).toMatchObject({
      kind: 'refused',
    })
    expect(judge(index, update([section(5, next, [item(text('x'), place)])]))).toMatchObject({
      kind: 'new',
    })
  })

  it('[R114] bounds the clients that wait, at once and one by one, and forgets those that waited', () => {
    expect(judge(new DocumentIndex(), chain(1_001))).toMatchObject({ code: 'pending-full' })
    const index = new DocumentIndex()
    add(index, chain(1_000))
    const more = update([section(9_000, 0, [item(text('x'), { origin: [1, 0] })])])
    expect(judge(index, more)).toMatchObject({ code: 'pending-full' })
    // Something else waits on, so that not all of it is forgotten at once.
    add(index, update([section(8_000, 0, [item(text('x'), { origin: [7_000, 0] })])]))
    add(index, update([section(1_001, 0, [item(text('x'), {})])]))
    expect(index.hasPending).toBe(true)
    const waits = update([section(9_000, 0, [item(text('x'), { origin: [6_000, 0] })])])
    expect(judge(index, waits)).toMatchObject({ kind: 'new', waits: true })
  })

  it('[U8] bounds the types that wait, whose depth nobody knows yet', () => {
    const index = new DocumentIndex()
    // Children before their parents: each one's parent is the next client's, which comes later.
    let refusedAt = 0
    for (let client = 1; client < 2_000 && refusedAt === 0; client++) {
      const bytes = update([section(client, 0, [item(type(0), { parent: [client + 1, 0] })])])
      const judgement = judge(index, bytes)
      if (judgement.kind === 'refused') {
        expect(judgement.code).toBe('pending-full')
        refusedAt = client
      } else add(index, bytes)
    }
    expect(refusedAt).toBe(1_001)
    const doc = new Y.Doc()
    for (let client = refusedAt; client > 0; client--) {
      const place = client === refusedAt ? {} : { parent: [client + 1, 0] as Id }
      Y.applyUpdate(doc, update([section(client, 0, [item(type(0), place)])]))
    }
    expect(() => doc.getArray('content').toJSON()).not.toThrow()
  })
})

describe('large documents', () => {
  it('[U9] 100,000 client ids: the state vector is written once per change, in the order of yjs', () => {
    const index = new DocumentIndex()
    const clients = seededRandom(SEED).shuffle(Array.from({ length: 100_000 }, (_, i) => i * 7 + 1))
    for (const client of clients) add(index, character(client, 0))
    expect(index.clientCount).toBe(100_000)
    const bytes = index.stateVector()
    expect(index.stateVector()).toBe(bytes)
    expect(judge(index, character(8, 0))).toEqual({ kind: 'known' })
    expect(index.stateVector()).toBe(bytes)
    expect(bytes).toEqual(Y.encodeStateVector(new Map(clients.map((client) => [client, 1]))))
    add(index, character(8, 1))
    expect(index.stateVector()).not.toBe(bytes)
  })

  it('[U9] is rebuilt from what was stored, in the order in which it was', () => {
    const random = seededRandom(SEED)
    const model = new StoredDocumentModel()
    const doc = new Y.Doc()
    doc.on('update', (bytes: Uint8Array) => model.receive(bytes))
    for (let i = 0; i < 500; i++) {
      const content = doc.getText('t')
      if (content.length > 10 && random.chance(0.3))
        content.delete(random.below(content.length - 3), 3)
      else content.insert(random.below(content.length + 1), 'some')
    }
    const rebuilt = new DocumentIndex()
    for (const record of model.records) add(rebuilt, record)
    expect(rebuilt.stateVector()).toEqual(model.index.stateVector())
    expect(deletes(rebuilt)).toEqual(deletes(model.index))
    expect(judge(rebuilt, Y.encodeStateAsUpdate(doc))).toEqual({ kind: 'known' })
  })
})
