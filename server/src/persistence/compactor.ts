import { unreachable } from '@coscribe/shared'
import type { DocumentStore, Snapshot } from '@coscribe/storage'
import type { Logger } from '../log.js'
import type { Room } from '../rooms/room.js'
import { isDue, isDueWhenFull, isDueWhenLeft, type LogSize } from './compaction-policy.js'
import type { DocumentTurns } from './document-turns.js'
import type { FoldRunner } from './fold-runner.js'

export interface CompactorSetup {
  readonly store: Pick<DocumentStore, 'compact' | 'mark'>
  readonly turns: DocumentTurns
  readonly runner: FoldRunner
  readonly logger: Logger
}

interface Job {
  readonly done: Promise<void>
  readonly finish: () => void
  withdrawn: boolean
}

function newJob(): Job {
  const resolvers: (() => void)[] = []
  const done = new Promise<void>((resolve) => resolvers.push(resolve))
  return { done, finish: () => resolvers.forEach((resolve) => resolve()), withdrawn: false }
}

/**
 * Folds the tails of rooms into their snapshots, one room at a time in the whole process.
 *
 * Edits go on meanwhile: what is folded is what was on disk when the job began, and the tail behind it stays. Nothing
 * is ever dropped: when yjs cannot integrate a record, or the result does not contain what went in, the log stays as
 * it is; in the first case the document becomes read-only until an operator decides.
 */
export class Compactor {
  readonly #setup: CompactorSetup
  readonly #jobs = new Map<Room, Job>()
  /** After a failure a room is tried again when its tail has doubled. */
  readonly #postponed = new WeakMap<Room, number>()
  #working = false
  #running: Room | null = null
  #closed = false

  constructor(setup: CompactorSetup) {
    this.#setup = setup
  }

  /** More of a room's log is on disk. */
  consider(room: Room): void {
    if (isDue(room.log) && this.#isReady(room)) void this.#request(room)
  }

  /** A room's document is at its limit: what was deleted since the snapshot may make room. */
  relieve(room: Room): void {
    if (isDueWhenFull(room.log, room.deletedUnits) && this.#isReady(room)) void this.#request(room)
  }

  /** A room was left: resolves when it is compacted, or need not be. */
  async finish(room: Room): Promise<void> {
    const pending = this.#jobs.get(room)
    if (pending !== undefined) await pending.done
    if (pending?.withdrawn === true) return
    if (isDueWhenLeft(room.log) && this.#isReady(room)) await this.#request(room)
  }

  /** A room is to leave memory without waiting for its turn: resolves at once, or when it has been compacted. */
  async withdraw(room: Room): Promise<void> {
    const pending = this.#jobs.get(room)
    if (pending === undefined) return
    if (this.#running === room) return pending.done
    this.#jobs.delete(room)
    pending.withdrawn = true
    pending.finish()
  }

  /** Compacts a room when its turn comes, due or not. Never rejects. */
  compact(room: Room): Promise<void> {
    return this.#request(room)
  }

  /** Gives up what waits and what runs. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#setup.runner.close()
    await Promise.all([...this.#jobs.values()].map((job) => job.done))
  }

  #isReady(room: Room): boolean {
    if (this.#closed || room.readOnly?.code === 'read-only') return false
    return weightOf(room.log) >= (this.#postponed.get(room) ?? 0)
  }

  #request(room: Room): Promise<void> {
    const pending = this.#jobs.get(room)
    if (pending !== undefined) return pending.done
    const job = newJob()
    this.#jobs.set(room, job)
    if (!this.#working) void this.#work()
    return job.done
  }

  async #work(): Promise<void> {
    this.#working = true
    for (const [room, job] of this.#jobs) {
      this.#running = room
      if (!this.#closed) await this.#run(room)
      this.#running = null
      this.#jobs.delete(room)
      job.finish()
    }
    this.#working = false
  }

  async #run(room: Room): Promise<void> {
    try {
      let before: number
      do {
        before = room.log.snapshotSeq
        await this.#fold(room)
        // What came meanwhile may be more than was folded, and the next edit that would bring it up may be long in coming.
      } while (room.log.snapshotSeq > before && isDue(room.log) && this.#isReady(room))
    } catch (error) {
      this.#postpone(room, error)
    }
  }

  async #fold(room: Room): Promise<void> {
    if (!(await room.fetch())) throw new Error('the snapshot cannot be read')
    const { records, upToSeq } = room.durableRecords()
    const snapshotSeq = room.log.snapshotSeq
    if (upToSeq === snapshotSeq) return
    const { documentId } = room
    this.#setup.logger.debug({ documentId, snapshotSeq, upToSeq }, 'compaction started')
    const result = await this.#setup.runner.fold(records)
    switch (result.kind) {
      case 'folded':
        return this.#store(room, { upToSeq, parts: result.parts }, result.derived)
      case 'unintegrable': {
        const firstOfTail = records.length - (upToSeq - snapshotSeq)
        const seq = snapshotSeq + 1 + result.record - firstOfTail
        const which = result.record < firstOfTail ? 'the snapshot' : `update ${seq}`
        return this.#setAside(room, `${which} cannot be integrated (${result.message})`)
      }
      case 'failed':
        return this.#postpone(room, new Error(result.message))
      default:
        return unreachable(result)
    }
  }

  /** That the parts contain what the document does was checked where they were made: nobody here has the time. */
  async #store(room: Room, snapshot: Snapshot, derived: Uint8Array | null): Promise<void> {
    const giveBack = await this.#setup.turns.take(room.documentId)
    try {
      await this.#setup.store.compact(room.documentId, snapshot)
      room.fold(snapshot, derived)
    } finally {
      giveBack()
    }
    this.#postponed.delete(room)
    const { documentId } = room
    this.#setup.logger.debug({ documentId, upToSeq: snapshot.upToSeq }, 'compaction ended')
  }

  async #setAside(room: Room, reason: string): Promise<void> {
    const { documentId } = room
    this.#setup.logger.error({ documentId, reason }, 'the document is read-only from now on')
    room.setReadOnly(reason)
    const giveBack = await this.#setup.turns.take(documentId)
    try {
      await this.#setup.store.mark(documentId, reason)
    } finally {
      giveBack()
    }
  }

  #postpone(room: Room, error: unknown): void {
    this.#postponed.set(room, weightOf(room.log) * 2)
    const { documentId } = room
    if (!this.#closed) this.#setup.logger.warn({ error, documentId }, 'compaction failed')
  }
}

/** One number for how long a tail is, which grows with its bytes and with its updates. */
function weightOf({ tailBytes, tailCount }: LogSize): number {
  return tailBytes + tailCount
}
