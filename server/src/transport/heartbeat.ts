import type { Cancel, Clock } from '@coscribe/shared'

/** Anything that is looked at from time to time. */
export interface Pulse {
  /** @param now whole milliseconds of the heartbeat's clock; fractions would be an object each where they are kept */
  visit(now: number): void
}

const TICK_MS = 1_000
/** A connection is visited once in this many ticks. */
const SLOTS = 5

/**
 * One timer for all connections: a wheel with a slot per second. Timers of their own would cost every idle
 * connection more memory than the rest of its state.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #slots: readonly Set<Pulse>[] = Array.from({ length: SLOTS }, () => new Set<Pulse>())
  readonly #everyTick = new Set<Pulse>()
  #once = new Set<Pulse>()
  #slot = 0
  #cancel: Cancel | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(): void {
    this.#cancel ??= this.#clock.after(TICK_MS, this.#tick)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  /** Visits `pulse` every five seconds from now on. */
  add(pulse: Pulse): void {
    this.#slots[this.#slot]?.add(pulse)
  }

  /** Visits `pulse` every second from now on. */
  addEveryTick(pulse: Pulse): void {
    this.#everyTick.add(pulse)
  }

  /** Visits `pulse` once, within a second. */
  once(pulse: Pulse): void {
    this.#once.add(pulse)
  }

  /** Never visits `pulse` again. */
  delete(pulse: Pulse): void {
    for (const slot of this.#slots) slot.delete(pulse)
    this.#everyTick.delete(pulse)
    this.#once.delete(pulse)
  }

  readonly #tick = (): void => {
    this.#cancel = this.#clock.after(TICK_MS, this.#tick)
    this.#slot = (this.#slot + 1) % SLOTS
    const now = Math.floor(this.#clock.now())
    const once = this.#once
    this.#once = new Set()
    for (const pulse of once) pulse.visit(now)
    for (const pulse of this.#everyTick) pulse.visit(now)
    for (const pulse of this.#slots[this.#slot] ?? []) pulse.visit(now)
  }
}

/** What a visit to a connection calls for. */
export type Verdict = 'fine' | 'ping' | 'dead' | 'stuck'

/** Silence after which a peer is pinged, and again; it is dead after one more. */
const PING_AFTER_MS = 25_000
const PINGS = 2
/** How long unsent bytes may stand still. */
const STUCK_AFTER_MS = 30_000
/**
 * The slowest reader that is waited for, in bytes a second. A socket tells that a large write went
 * out only when all of it has, and what the peer sees of a ping waits behind it.
 */
const SLOWEST_READER = 128 * 1024
/**
 * A client of the y-websocket dialect gives up after 30 s without a message. A visit notices a message up to five
 * seconds late, so that 15 s here are at most 20 s there.
 */
const KEEP_ALIVE_AFTER_MS = 15_000

/** Counters of a connection; only whether they moved since the last visit matters. */
export interface Activity {
  /** Bytes received. */
  readonly received: number
  /** Bytes of messages sent or waiting to be sent; pings are not messages. */
  readonly enqueued: number
  /** Bytes waiting to be sent. */
  readonly unsent: number
  /** Whether this end has stopped reading, so that silence means nothing. */
  readonly paused: boolean
}

/** Less than any bytes sent, however many pings are unsent, and no fraction or infinity, which are objects. */
const NOTHING_SEEN = -(2 ** 30)

/** Tells from a connection's counters, visit by visit, whether the other side is there. */
export class Liveness {
  #received = -1
  #heardAt = 0
  #pings = 0
  #enqueued = -1
  #enqueuedAt = 0
  #sent = NOTHING_SEEN
  #movedAt = 0

  /** Call once per visit. */
  look(now: number, activity: Activity): Verdict {
    this.#note(now, activity)
    const sendingMs = Math.floor(activity.unsent / SLOWEST_READER) * 1_000
    if (activity.unsent > 0 && now - this.#movedAt >= STUCK_AFTER_MS + sendingMs) return 'stuck'
    const silentMs = now - this.#heardAt - sendingMs
    if (silentMs < PING_AFTER_MS * (this.#pings + 1)) return 'fine'
    if (this.#pings === PINGS) return 'dead'
    this.#pings++
    return 'ping'
  }

  /** Whether a peer that counts messages only needs one now; call after {@link look}. */
  needsMessage(now: number): boolean {
    return now - this.#enqueuedAt >= KEEP_ALIVE_AFTER_MS
  }

  #note(now: number, activity: Activity): void {
    if (activity.received !== this.#received || activity.paused) {
      this.#received = activity.received
      this.#heardAt = now
      this.#pings = 0
    }
    if (activity.enqueued !== this.#enqueued) {
      this.#enqueued = activity.enqueued
      this.#enqueuedAt = now
    }
    const sent = activity.enqueued - activity.unsent
    // Less than before means that pings are piling up, which are unsent too but no message.
    if (sent > this.#sent || activity.unsent === 0) {
      this.#sent = sent
      this.#movedAt = now
    }
  }
}
