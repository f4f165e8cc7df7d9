import {
  checkDocumentId,
  CoscribeError,
  defaultLimits,
  UpdateScan,
  type Cancel,
  type Clock,
  type CloseName,
  type Limits,
  type Random,
} from '@coscribe/shared'
import type { DocumentStore, Snapshot } from '@coscribe/storage'
import type { Logger } from '../log.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Compactor } from '../persistence/compactor.js'
import type { InfoBook } from '../persistence/info-book.js'
import { loadDocument } from '../persistence/loader.js'
import type { OpenInfo } from '../persistence/open-info.js'
import type { GroupWriter } from '../persistence/writer.js'
import { Rate } from '../rate.js'
import { HeldSnapshots } from './held-snapshots.js'
import { LoadSlots } from './load-slots.js'
import { EmptyRooms, type EmptyNotes } from './empty-rooms.js'
import { IN_TRASH } from './refusals.js'
import type { RoomContext, RoomEvents, RoomStart } from './room-setup.js'
import { Room } from './room.js'
import { SliceAllowance } from './slice-allowance.js'
import { TurnEnd } from './turn-end.js'

export interface RegistrySetup {
  readonly store: Pick<DocumentStore, 'load'>
  readonly writer: GroupWriter
  readonly compactor: Compactor
  /** Keeps titles, and when documents were changed; nobody does when absent. */
  readonly infos?: InfoBook
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly limits?: Limits
  /** Presence states a second of each session; default 10. */
  readonly presenceRate?: number
  /** Counts what meets a limit. */
  readonly metrics?: Pick<Metrics, 'hit'>
  /** How long a room without sessions stays in memory, in milliseconds; default 30 s. */
  readonly graceMs?: number
  /** Stored bytes of rooms without sessions above which the ones left longest go at once; default 256 MiB. */
  readonly emptyBytes?: number
  /** Bytes of snapshots in memory above which those used longest ago are let go; default 512 MiB. */
  readonly snapshotBytes?: number
}

/** So many empty rooms stay for their grace, or visiting one document after the other would fill the memory. */
const MAX_EMPTY_ROOMS = 1_000
/** After a restart everybody comes at once, and reading hundreds of documents in one go serves the first of them late. */
const MAX_LOADS = 16
const MAX_EMPTY_BYTES = 256 * 1024 * 1024
const PRESENCE_RATE = 10
/** Seconds' worth of presence states that may come at once: an editor tells of a change of its own and of the caret. */
const PRESENCE_BURST = 2
const MAX_SNAPSHOT_BYTES = 512 * 1024 * 1024

interface Loading {
  readonly state: 'loading'
  readonly room: Promise<Room>
}

interface Open extends EmptyNotes {
  readonly state: 'open'
  readonly room: Room
  /** Somebody asked for the room since its retirement began. */
  touched: boolean
  retiring: boolean
  /** There are too many: it goes as soon as it is on disk, compacted or not. */
  hurried: boolean
  cancelHurry: Cancel | null
}

/**
 * The rooms of this process: each document is loaded once however many ask, admits nobody before it is loaded, and
 * leaves memory only when it is empty and everything of it is on disk.
 *
 *     (none) → loading → open ⇄ open, empty → (grace) → on disk, compacted → still empty? → (none)
 *
 * A room on its way out is the same room until the last step, which happens in one turn: whoever asks before that
 * gets it back, whoever asks after loads what it left on disk.
 */
export class RoomRegistry implements RoomEvents {
  readonly #setup: RegistrySetup
  readonly #context: RoomContext
  readonly #slots = new Map<string, Loading | Open>()
  readonly #loads = new LoadSlots(MAX_LOADS)
  readonly #empty: EmptyRooms<Open>
  #closed = false
  /** Documents of which something could not be saved when this was closed. */
  #unsaved = 0

  constructor(setup: RegistrySetup) {
    this.#setup = setup
    const { clock, random, logger, writer, limits = defaultLimits, graceMs = 30_000 } = setup
    this.#empty = new EmptyRooms(clock, graceMs, (slot) => void this.#retire(slot))
    const scan = new UpdateScan()
    const { presenceRate = PRESENCE_RATE } = setup
    this.#context = {
      clock,
      turnEnd: new TurnEnd(clock),
      random,
      logger,
      limits,
      pace: {
        rate: new Rate(presenceRate, presenceRate * PRESENCE_BURST),
        met: () => setup.metrics?.hit('presence'),
      },
      scan,
      writer,
      events: this,
      refuses: (documentId) => setup.infos?.refuses(documentId) === true,
      slices: new SliceAllowance(clock),
      snapshots: new HeldSnapshots({
        clock,
        logger,
        maxBytes: setup.snapshotBytes ?? MAX_SNAPSHOT_BYTES,
        read: (documentId) => this.#readSnapshot(documentId),
      }),
    }
  }

  /** Documents open or being loaded. */
  get size(): number {
    return this.#slots.size
  }

  /**
   * The room of a document. The caller adds its session in the turn in which it is resumed.
   *
   * @throws CoscribeError `bad-document-id`, `document-unavailable` (asking again tries again), `trashed` or `closed`
   */
  async open(documentId: string): Promise<Room> {
    if (this.#closed) throw new CoscribeError('closed', 'the server is stopping')
    checkDocumentId(documentId)
    this.#checkAdmits(documentId)
    const slot = this.#slots.get(documentId)
    if (slot === undefined) return this.#startLoading(documentId)
    if (slot.state === 'open') slot.touched = true
    return slot.room
  }

  #checkAdmits(documentId: string): void {
    if (this.#context.refuses(documentId)) throw new CoscribeError('trashed', IN_TRASH)
  }

  /** Puts out whoever has a document open. */
  expel(documentId: string, name: CloseName, reason: string): void {
    const slot = this.#slots.get(documentId)
    if (slot?.state === 'open') slot.room.expel(name, reason)
  }

  /** Whether a document is in memory, or on its way there. */
  has(documentId: string): boolean {
    return this.#slots.has(documentId)
  }

  /**
   * Resolves when what was received till now for a document (empty: for all) is on disk, with `true`, or was given up,
   * with `false`; not while the storage fails.
   */
  async settled(documentId: string): Promise<boolean> {
    // Their rooms are gone, and an append of theirs may be under way.
    if (this.#unsaved > 0) return false
    const only = documentId === '' ? null : this.#slots.get(documentId)
    const slots = only === null ? this.#openSlots() : only?.state === 'open' ? [only] : []
    const waiting = slots.filter(({ room }) => room.queuedBytes > 0)
    const onDisk = await Promise.all(waiting.map(({ room }) => room.settled()))
    return onDisk.every(Boolean)
  }

  /**
   * Takes no more documents and edits and brings everything received to disk. Sessions that are still here learn what
   * became durable and nothing after that. Resolves, after `deadlineMs` at the latest, with the number of documents
   * of which something could not be saved.
   */
  async close(deadlineMs = 5_000): Promise<number> {
    this.#closed = true
    const open = this.#openSlots()
    this.#empty.stop()
    for (const slot of open) slot.cancelHurry?.()
    for (const { room } of open) room.flush()
    this.#setup.writer.hurry()
    await this.#settledWithin(open, deadlineMs)
    this.#unsaved = open.filter(({ room }) => room.queuedBytes > 0).length
    this.#setup.writer.close()
    for (const slot of open) this.#drop(slot)
    return this.#unsaved
  }

  // --- what the rooms say

  emptied(room: Room): void {
    const slot = this.#slotOf(room)
    if (slot !== null) this.#planRetirement(slot)
  }

  stored(room: Room): void {
    if (room.info !== null) this.#setup.infos?.edited(room.info)
    this.#setup.compactor.consider(room)
  }

  full(room: Room): void {
    this.#setup.compactor.relieve(room)
  }

  failed(room: Room): void {
    const slot = this.#slotOf(room)
    if (slot !== null) this.#drop(slot)
  }

  /** The slot of a room that is not over; the sessions of one that is leave it too. */
  #slotOf(room: Room): Open | null {
    const slot = this.#slots.get(room.documentId)
    return slot?.state === 'open' && slot.room === room ? slot : null
  }

  #startLoading(documentId: string): Promise<Room> {
    const room = this.#load(documentId)
    this.#slots.set(documentId, { state: 'loading', room })
    return room
  }

  async #load(documentId: string): Promise<Room> {
    await this.#loads.enter()
    let info: OpenInfo | null = null
    try {
      if (this.#closed) throw new CoscribeError('closed', 'the server is stopping')
      info = (await this.#setup.infos?.open(documentId)) ?? null
      this.#checkAdmits(documentId)
      const { limits } = this.#context
      const document = await loadDocument({ ...this.#setup, limits }, documentId)
      if (this.#closed) throw new CoscribeError('closed', 'the server is stopping')
      return this.#enter(documentId, { ...document, info })
    } catch (error) {
      if (info !== null) this.#setup.infos?.close(info)
      this.#slots.delete(documentId)
      throw error
    } finally {
      this.#loads.leave()
    }
  }

  async #readSnapshot(documentId: string): Promise<Snapshot | null> {
    await this.#loads.enter()
    try {
      return (await this.#setup.store.load(documentId))?.snapshot ?? null
    } finally {
      this.#loads.leave()
    }
  }

  #enter(documentId: string, document: RoomStart): Room {
    const room = new Room(this.#context, documentId, document)
    const slot: Open = {
      state: 'open',
      room,
      touched: true,
      retiring: false,
      hurried: false,
      bytes: 0,
      graceEndsAt: Infinity,
      cancelHurry: null,
    }
    this.#slots.set(documentId, slot)
    this.#context.snapshots.used(room)
    // Whoever asked may be gone by now.
    this.#planRetirement(slot)
    return room
  }

  #planRetirement(slot: Open): void {
    slot.cancelHurry?.()
    this.#empty.delete(slot)
    // The sessions of a room that is over leave it too.
    if (this.#closed || this.#slots.get(slot.room.documentId) !== slot) return
    const { snapshotBytes, tailBytes } = slot.room.log
    this.#empty.add(slot, snapshotBytes + tailBytes)
    slot.hurried = false
    for (const longest of this.#empty) {
      if (longest === slot || !this.#tooMuchIsEmpty()) return
      this.#hurry(longest)
    }
  }

  #tooMuchIsEmpty(): boolean {
    const { emptyBytes = MAX_EMPTY_BYTES } = this.#setup
    return this.#empty.size > MAX_EMPTY_ROOMS || this.#empty.bytes > emptyBytes
  }

  /** Compaction may be slower than visitors are, so the room does not wait for its turn. */
  #hurry(slot: Open): void {
    this.#empty.delete(slot)
    slot.hurried = true
    if (slot.retiring) return void this.#setup.compactor.withdraw(slot.room)
    slot.cancelHurry?.()
    // After this turn: who asked for the room in it is about to enter.
    slot.cancelHurry = this.#setup.clock.soon(() => void this.#retire(slot))
  }

  async #retire(slot: Open): Promise<void> {
    const { room } = slot
    const { compactor } = this.#setup
    slot.cancelHurry?.()
    slot.cancelHurry = null
    if (room.memberCount > 0) this.#empty.delete(slot)
    if (slot.retiring || room.memberCount > 0) return
    slot.retiring = true
    slot.touched = false
    await room.settled()
    await (slot.hurried ? compactor.withdraw(room) : compactor.finish(room))
    slot.retiring = false
    if (this.#slots.get(room.documentId) !== slot) return
    if (room.memberCount > 0) this.#empty.delete(slot)
    else if (slot.touched || room.queuedBytes > 0) this.#planRetirement(slot)
    else this.#drop(slot)
  }

  #drop(slot: Open): void {
    const { room } = slot
    slot.cancelHurry?.()
    this.#empty.delete(slot)
    if (this.#slots.get(room.documentId) !== slot) return
    this.#slots.delete(room.documentId)
    room.end()
    if (room.info !== null) this.#setup.infos?.close(room.info)
  }

  #openSlots(): Open[] {
    return [...this.#slots.values()].filter((slot) => slot.state === 'open')
  }

  async #settledWithin(slots: readonly Open[], deadlineMs: number): Promise<void> {
    const { clock, compactor } = this.#setup
    const settled = Promise.all([compactor.close(), ...slots.map(({ room }) => room.settled())])
    await new Promise<void>((resolve) => {
      const cancel = clock.after(deadlineMs, resolve)
      const done = (): void => {
        cancel()
        resolve()
      }
      // A worker that cannot be ended has nothing that is not on disk.
      settled.then(done, done)
    })
  }
}
