import * as Y from 'yjs'
import { applyTogether } from '../apply-together.js'
import type { CopiedRoom, RoomCopy } from '../copy.js'
import { HeldEdits } from '../held-edits.js'
import type { RoomFault } from '../room-error.js'
import { canWrite } from '../sync-status.js'
import { CopyWriter } from './copy-writer.js'
import type { OfflineCopy, OfflineStore } from './offline-store.js'
import { RoomTabs } from './room-tabs.js'

/**
 * The copy of a room's document in a store: what it held goes into the document, what happens goes into it.
 *
 * Of several tabs with one document each writes what was written in it, so that this waits for nobody. All the rest
 * is written by one of them, the keeper; what another one has left out goes with the next that it writes.
 */
export class StoredCopy implements RoomCopy {
  readonly #store: OfflineStore
  readonly #room: CopiedRoom
  readonly #writer: CopyWriter
  readonly #tabs: RoomTabs | null
  /** Marks the transaction that brings what the copy knows already. */
  readonly #known = {}
  /** What was left to the keeper. */
  #left = new HeldEdits()
  #loading: Promise<void> | null = null
  #restored = false
  #reading = false
  #wasTelling = false
  #wasConnected = false
  #destroyed = false

  constructor(store: OfflineStore, room: CopiedRoom) {
    this.#store = store
    this.#room = room
    this.#writer = new CopyWriter(store, () => room.changed())
    this.#tabs = this.#tabsOf(store)
  }

  get error(): RoomFault | null {
    return this.#writer.error
  }

  get keepsAll(): boolean {
    return this.#writer.keepsAll
  }

  load(): Promise<void> {
    this.#loading ??= this.#restore()
    return this.#loading
  }

  record(update: Uint8Array, origin: unknown, isOwn: boolean): void {
    if (origin === this.#known) return
    const isKeeper = this.#tabs?.isKeeper ?? true
    if (!isOwn && !isKeeper) return this.#left.add(update)
    this.#write(update)
    if (isOwn) this.#tabs?.edited(update)
  }

  brought(origin: unknown): boolean {
    return origin === this.#known || this.#tabs?.brought(origin) === true
  }

  belongsTo(historyId: string): void {
    this.#writer.belongsTo(historyId)
    this.changed()
  }

  changed(): void {
    if (this.#destroyed) return
    const { connection, hasPending } = this.#room
    if (connection !== 'connected' && hasPending) this.#store.onlyHere?.()
    if (connection === 'connected' && !hasPending) this.#tabs?.saved()
    // From now on it is needed, and what it failed by may have passed.
    if (connection !== 'connected' && this.#wasConnected) void this.retry()
    this.#wasConnected = connection === 'connected'
    const isTelling = this.#mayTell()
    if (isTelling && !this.#wasTelling) this.#tabs?.ask()
    this.#wasTelling = isTelling
    if (connection === 'closed') this.#tabs?.leave()
    else if (this.#restored) this.#tabs?.join(this.#room.historyId)
  }

  raised(stateVector: Uint8Array): Uint8Array {
    return this.#tabs?.raised(stateVector) ?? stateVector
  }

  async retry(): Promise<void> {
    if (this.#writer.error !== null) await this.#readAgain()
  }

  destroy(): void {
    this.#destroyed = true
    this.#tabs?.leave()
    this.#writer.destroy()
  }

  forget(): Promise<void> {
    this.#destroyed = true
    this.#tabs?.leave()
    return this.#writer.forget()
  }

  #tabsOf({ tabs }: OfflineStore): RoomTabs | null {
    const { ydoc, hasToken } = this.#room
    // Nobody knows who the others are whose token is another one.
    if (tabs === null || (hasToken && tabs.user === undefined)) return null
    return new RoomTabs({
      tabs,
      ydoc,
      mayTell: () => this.#mayTell(),
      mayHear: () => this.#mayHear(),
      inherit: (bytes) => void this.#inherit(bytes),
      becameKeeper: () => {
        if (!this.#left.isEmpty) void this.#readAgain()
      },
    })
  }

  /** A server brings to all tabs what one of them wrote; and what may not be written is nobody's business. */
  #mayTell(): boolean {
    const { connection } = this.#room
    return connection !== 'connected' && this.#mayHear()
  }

  /** Who may only read takes nothing into the document that would be sent when that changes. */
  #mayHear(): boolean {
    const { connection, access, isRefused } = this.#room
    const mayWrite = access === null || canWrite(access)
    return mayWrite && !isRefused && connection !== 'closed' && !this.#destroyed
  }

  /** What other tabs wrote and have not sent is in the document, or in the copy only. */
  async #inherit(bytes: number): Promise<void> {
    await this.#readAgain()
    if (bytes > 0 && !this.#destroyed) this.#room.inherit(bytes)
  }

  #write(update: Uint8Array): void {
    const { historyId, ydoc } = this.#room
    if (this.#left.isEmpty) return this.#writer.record(update, historyId)
    this.#left.add(update)
    this.#writer.record(this.#left.updateOf(ydoc), historyId)
    this.#left = new HeldEdits()
  }

  async #restore(): Promise<void> {
    const copy = await this.#read()
    if (copy !== null && copy.updates.length > 0 && this.#merge(copy, this.#known)) {
      const bytes = copy.updates.reduce((sum, update) => sum + update.length, 0)
      this.#room.restored(bytes, copy.historyId)
    }
    this.#restored = !this.#destroyed
    this.changed()
  }

  /** What the copy holds after all is as new to the room, and to its server, as an edit; and what it lacks goes in. */
  async #readAgain(): Promise<void> {
    if (this.#reading || this.#destroyed) return
    this.#reading = true
    const copy = await this.#read()
    this.#reading = false
    if (copy === null) return
    if (!this.#room.mayJoin(copy.historyId)) {
      return this.#writer.fail('it is of a document that was replaced')
    }
    if (!this.#merge(copy, this)) return
    this.#left = new HeldEdits()
    this.#writer.restart(
      Y.encodeStateAsUpdate(this.#room.ydoc, vectorOf(copy)),
      this.#room.historyId,
    )
  }

  async #read(): Promise<OfflineCopy | null> {
    const copy = await this.#writer.load()
    return this.#destroyed ? null : copy
  }

  #merge({ updates }: OfflineCopy, origin: object): boolean {
    const { ydoc } = this.#room
    try {
      applyTogether(ydoc, updates, origin)
      return true
    } catch (error) {
      this.#writer.fail(error)
      return false
    }
  }
}

/** The state vector of what a copy holds; that of nothing where what it holds waits for something. */
function vectorOf({ updates }: OfflineCopy): Uint8Array {
  if (updates.length === 0) return EMPTY_VECTOR
  return Y.encodeStateVectorFromUpdate(Y.mergeUpdates([...updates]))
}

const EMPTY_VECTOR = Uint8Array.of(0)
