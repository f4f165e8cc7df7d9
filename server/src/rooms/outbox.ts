import { FlushSchedule, presenceWindows, updateWindows, type Flushed } from './flush-schedule.js'
import type { RoomMembers } from './room-members.js'
import type { RoomContext } from './room-setup.js'
import { UpdateBatch, type BatchedUpdate } from './update-batch.js'

/** What the outbox needs of its room. */
export interface OutboxRoom {
  readonly presence: {
    /** Tells every member what changed since the last flush; returns whether anything did. */
    flush(): boolean
  }
}

/** What a room is about to tell its members, and when. */
export class Outbox implements Flushed {
  readonly #room: OutboxRoom
  readonly #members: RoomMembers
  readonly #context: RoomContext
  #updates: BatchedUpdate[] = []
  /** Once there were updates. */
  #schedule: FlushSchedule | null = null
  /** Once presence changed. */
  #presenceSchedule: FlushSchedule | null = null

  constructor(room: OutboxRoom, members: RoomMembers, context: RoomContext) {
    this.#room = room
    this.#members = members
    this.#context = context
  }

  get memberCount(): number {
    return this.#members.size
  }

  add(update: BatchedUpdate): void {
    const { clock, turnEnd } = this.#context
    this.#updates.push(update)
    this.#schedule ??= new FlushSchedule(clock, turnEnd, this, updateWindows)
    this.#schedule.touch()
  }

  presenceTouched(): void {
    const { clock, turnEnd } = this.#context
    this.#presenceSchedule ??= new FlushSchedule(clock, turnEnd, this, presenceWindows)
    this.#presenceSchedule.touch()
  }

  flush(): void {
    const updates = this.#updates
    if (updates.length > 0) {
      this.#updates = []
      const batch = new UpdateBatch(updates)
      this.#members.each((peer) => peer.deliver(batch))
      this.#schedule?.done()
    }
    if (this.#room.presence.flush()) this.#presenceSchedule?.done()
  }

  /** Takes back what is planned. */
  stop(): void {
    this.#schedule?.stop()
    this.#presenceSchedule?.stop()
  }
}
