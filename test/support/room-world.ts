import { defaultLimits, type Limits } from '@coscribe/shared'
import { MemoryStore, type DocumentStore } from '@coscribe/storage'
import * as Y from 'yjs'
import { silentLogger, type Logger } from '../../server/src/log.js'
import { Compactor } from '../../server/src/persistence/compactor.js'
import { DocumentTurns } from '../../server/src/persistence/document-turns.js'
import { foldUpdates } from '../../server/src/persistence/fold.js'
import type { FoldRunner } from '../../server/src/persistence/fold-runner.js'
import { GroupWriter, type WriterSetup } from '../../server/src/persistence/writer.js'
import { RoomRegistry } from '../../server/src/rooms/room-registry.js'
import type { Room } from '../../server/src/rooms/room.js'
import { FaultyStore, storedUpdates } from './faulty-store.js'
import { SeededRandom } from './random.js'
import { VirtualClock } from './virtual-clock.js'

export interface WorldSetup {
  readonly store?: DocumentStore
  readonly limits?: Partial<Limits>
  readonly graceMs?: number
  readonly emptyBytes?: number
  readonly snapshotBytes?: number
  readonly runner?: FoldRunner
  readonly writer?: Partial<WriterSetup>
  readonly seed?: number
  readonly logger?: Logger
}

/** Folds on this thread: what a worker does, without its limits. */
const directRunner: FoldRunner = {
  fold: (records) => Promise.resolve(foldUpdates(records)),
  close: () => Promise.resolve(),
}

/** Rooms over a store that can be told to fail, in a time that passes when a test says so. */
export class RoomWorld {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  /** The disk underneath: what is in here is durable. */
  readonly disk: DocumentStore
  readonly store: FaultyStore
  readonly turns = new DocumentTurns()
  readonly writer: GroupWriter
  readonly compactor: Compactor
  readonly rooms: RoomRegistry

  private constructor(setup: WorldSetup) {
    const { clock, turns } = this
    this.random = new SeededRandom(setup.seed ?? 1)
    this.disk = setup.store ?? new MemoryStore()
    this.store = new FaultyStore(this.disk)
    const { random, store } = this
    const { logger = silentLogger } = setup
    this.writer = new GroupWriter({ store, turns, clock, random, logger, ...setup.writer })
    this.compactor = new Compactor({ store, turns, runner: setup.runner ?? directRunner, logger })
    this.rooms = new RoomRegistry({
      store,
      writer: this.writer,
      compactor: this.compactor,
      clock,
      random,
      logger,
      limits: { ...defaultLimits, ...setup.limits },
      ...(setup.graceMs === undefined ? {} : { graceMs: setup.graceMs }),
      ...(setup.emptyBytes === undefined ? {} : { emptyBytes: setup.emptyBytes }),
      ...(setup.snapshotBytes === undefined ? {} : { snapshotBytes: setup.snapshotBytes }),
    })
  }

  static async open(setup: WorldSetup = {}): Promise<RoomWorld> {
    const world = new RoomWorld(setup)
    await world.store.open()
    return world
  }

  room(documentId = 'doc'): Promise<Room> {
    return this.rooms.open(documentId)
  }

  /** What is on disk, loaded into a document by yjs. */
  async stored(documentId = 'doc'): Promise<Y.Doc> {
    return docOf(await storedUpdates(this.disk, documentId))
  }
}

export function docOf(updates: readonly Uint8Array[]): Y.Doc {
  // A random guid costs yjs 31 system calls, and a simulation makes such a document at every look.
  const doc = new Y.Doc({ guid: 'copy' })
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

export function textOf(doc: Y.Doc): string {
  return doc.getText('text').toString()
}

/** A document whose single updates are written down. */
export class Author {
  readonly doc = new Y.Doc()
  readonly updates: Uint8Array[] = []

  constructor(clientId?: number) {
    if (clientId !== undefined) this.doc.clientID = clientId
    this.doc.on('update', (update: Uint8Array) => this.updates.push(update))
  }

  /** Types at the end, and returns the update of it. */
  type(text: string): Uint8Array {
    const target = this.doc.getText('text')
    target.insert(target.length, text)
    return this.last
  }

  /** Deletes from the front, and returns the update of it. */
  erase(length: number): Uint8Array {
    this.doc.getText('text').delete(0, length)
    return this.last
  }

  get last(): Uint8Array {
    const update = this.updates.at(-1)
    if (update === undefined) throw new Error('nothing was written yet')
    return update
  }

  /** Everything, as the answer to a step 1 with this state vector; whole when absent. */
  answer(stateVector?: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc, stateVector)
  }
}

/** The updates of what a room gave for catching up, in order. */
export function updatesOf(catchUp: ReturnType<Room['answer']> | null): Uint8Array[] {
  if (catchUp === null || 'fault' in catchUp) throw new Error('there is nothing to catch up with')
  return catchUp.batches.flatMap((batch) => batch.updates.map(({ update }) => update))
}
