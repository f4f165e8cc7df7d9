import { CoscribeError } from '@coscribe/shared'
import {
  MemoryStore,
  type Append,
  type DocumentInfo,
  type DocumentPage,
  type DocumentStat,
  type DocumentStore,
  type InfoEntry,
  type InfoListOptions,
  type InfoPage,
  type Snapshot,
  type StoredDocument,
} from '@coscribe/storage'
import type { SeededRandom } from '../support/random.js'
import type { ClockScope } from './sim-clock.js'

/** One change of the store; all of it happens, or nothing. */
interface Change {
  apply(store: MemoryStore): Promise<void>
  /** The updates it brings. */
  readonly updates: readonly StoredUpdate[]
}

/** An update on the disk. */
export interface StoredUpdate {
  readonly documentId: string
  readonly update: Uint8Array
}

/** Times in milliseconds. */
export interface DiskSpeed {
  readonly readMs: number
  readonly writeMs: number
  readonly syncMs: number
}

/**
 * A disk below a store: what was written is there for whoever reads, and lost with the power until it was synced. A
 * write is there as a whole or not at all, and never without those before it.
 */
export class SimDisk {
  readonly random: SeededRandom
  readonly speed: DiskSpeed
  /** Writes are refused; some of them are on the disk all the same. */
  full = false
  /** Reads fail. */
  unreadable = false
  #synced: Change[] = []
  #unsynced: Change[] = []
  /** What the synced changes make, while there are no others. */
  #safe: Promise<MemoryStore> | null = null
  readonly #onSynced: (updates: readonly StoredUpdate[]) => void

  /** @param onSynced hears of every update that is safe from now on */
  constructor(
    random: SeededRandom,
    speed: DiskSpeed,
    onSynced: (updates: readonly StoredUpdate[]) => void,
  ) {
    this.random = random
    this.speed = speed
    this.#onSynced = onSynced
  }

  /** The store, for one process. */
  async mount(scope: ClockScope): Promise<MountedStore> {
    this.sync()
    const view = await replay(this.#synced)
    return new MountedStore(this, view, scope)
  }

  /** What is safe now. */
  async safe(documentId: string): Promise<StoredDocument | undefined> {
    this.#safe ??= replay(this.#synced)
    return (await this.#safe).load(documentId)
  }

  write(change: Change): void {
    this.#unsynced.push(change)
  }

  /** Everything written so far is safe. */
  sync(): void {
    const changes = this.#unsynced.splice(0)
    if (changes.length > 0) this.#safe = null
    this.#synced.push(...changes)
    this.#onSynced(changes.flatMap((change) => change.updates))
  }

  /** The process ended: what it wrote is kept by the system, but for a write that had not begun. */
  processEnded(): void {
    if (this.random.chance(0.3)) this.#unsynced.pop()
  }

  /** The power went: the disk has some of what was not synced, the oldest of it. */
  powerLost(): void {
    this.#unsynced.length = this.random.below(this.#unsynced.length + 1)
  }

  /**
   * An operator puts back an earlier state, after this share of the changes. It has every document: one that began
   * anew would have another history.
   */
  restore(share: number): void {
    this.#safe = null
    this.#unsynced = []
    const begun = new Set<string>()
    let keep = 0
    for (const [index, { updates }] of this.#synced.entries()) {
      const before = begun.size
      for (const { documentId } of updates) begun.add(documentId)
      if (begun.size > before) keep = index + 1
    }
    this.#synced.length = Math.max(keep, Math.ceil(this.#synced.length * share))
  }
}

/** The store as one process sees it. Nothing comes back once that has ended. */
export class MountedStore implements DocumentStore {
  readonly #disk: SimDisk
  readonly #view: MemoryStore
  readonly #scope: ClockScope
  #lane: Promise<void> = Promise.resolve()

  constructor(disk: SimDisk, view: MemoryStore, scope: ClockScope) {
    this.#disk = disk
    this.#view = view
    this.#scope = scope
  }

  async open(): Promise<void> {
    await this.#sleep(this.#disk.speed.readMs)
  }

  async close(): Promise<void> {
    await this.#lane
  }

  async load(documentId: string): Promise<StoredDocument | undefined> {
    await this.#sleep(this.#disk.speed.readMs)
    if (this.#disk.unreadable) throw new Error('the disk cannot be read')
    const stored = await this.#view.load(documentId)
    // What was read may not be the newest any more when it is all there.
    await this.#sleep(this.#disk.speed.readMs)
    return stored
  }

  append(batch: readonly Append[]): Promise<void> {
    const kept = batch.map((append) => ({ ...append, updates: [...append.updates] }))
    const updates = kept.flatMap(({ documentId, updates: list }) =>
      list.map((update) => ({ documentId, update })),
    )
    return this.#inTurn({ apply: (store) => store.append(kept), updates })
  }

  compact(documentId: string, snapshot: Snapshot): Promise<void> {
    const updates = snapshot.parts.map((update) => ({ documentId, update }))
    return this.#inTurn({ apply: (store) => store.compact(documentId, snapshot), updates })
  }

  mark(documentId: string, readOnlyReason: string | null): Promise<void> {
    const apply = (store: MemoryStore) => store.mark(documentId, readOnlyReason)
    return this.#inTurn({ apply, updates: [] })
  }

  delete(documentId: string): Promise<void> {
    return this.#inTurn({ apply: (store) => store.delete(documentId), updates: [] })
  }

  list(): Promise<DocumentPage> {
    return this.#view.list()
  }

  stat(documentId: string): Promise<DocumentStat | undefined> {
    return this.#view.stat(documentId)
  }

  readInfo(documentId: string): Promise<DocumentInfo | undefined> {
    return this.#view.readInfo(documentId)
  }

  writeInfo(batch: readonly InfoEntry[]): Promise<void> {
    return this.#inTurn({ apply: (store) => store.writeInfo(batch), updates: [] })
  }

  listInfo(options: InfoListOptions): Promise<InfoPage> {
    return this.#view.listInfo(options)
  }

  /** One write after the other, as in any store with one lane. */
  #inTurn(change: Change): Promise<void> {
    const done = this.#lane.then(() => this.#write(change))
    this.#lane = done.catch(() => undefined)
    return done
  }

  async #write(change: Change): Promise<void> {
    const { speed, random } = this.#disk
    await this.#sleep(speed.writeMs)
    const refused = this.#disk.full
    if (refused && random.chance(0.5)) throw diskFull()
    await change.apply(this.#view)
    this.#disk.write(change)
    await this.#sleep(speed.syncMs)
    if (refused) throw diskFull()
    this.#disk.sync()
  }

  #sleep(most: number): Promise<void> {
    return this.#scope.sleep(this.#disk.random.fraction() * most)
  }
}

async function replay(changes: readonly Change[]): Promise<MemoryStore> {
  const store = new MemoryStore()
  await store.open()
  for (const change of changes) await change.apply(store)
  return store
}

function diskFull(): CoscribeError {
  return new CoscribeError('storage-unavailable', 'the disk is made to fail')
}
