import type { Clock } from '@coscribe/shared'
import type { Metrics } from '../metrics/metrics.js'
import { FrameCounter } from './frame-counter.js'
import { Headcount } from './headcount.js'
import type { Heartbeat } from './heartbeat.js'
import { Rate } from '../rate.js'
import { Strangers } from './strangers.js'
import { Throttle, type Throttled } from './throttle.js'
import { Users, type User } from './users.js'

export interface TrafficBounds {
  readonly maxConnectionsPerAddress: number
  readonly maxConnectionsPerUser: number
  readonly maxStrangersPerAddress: number
  readonly inboundRateBytes: number
  readonly inboundBurstBytes: number
  readonly updateRate: number
  readonly updateBurst: number
  readonly userShare: number
  readonly newClientsPerMinute: number
}

/** What a frame costs beside its bytes: receiving one takes as long as reading about so many. */
const FRAME_BYTES = 1024
/** What opening a document costs, in bytes that could have been sent instead. */
const OPEN_BYTES = 32 * 1024
/** A document that somebody brings along may have so many minutes' worth of clients. */
const CLIENT_BURST_MINUTES = 20
const MINUTE_SECONDS = 60

/** What one connection has sent lately; there is none for one that is at rest. */
export class Intake {
  readonly frames = new FrameCounter()
  bytesFullAt = 0
  updatesFullAt = 0

  /** Whether nothing of it matters any more. */
  isOver(now: number): boolean {
    return this.frames.atStart && this.bytesFullAt <= now && this.updatesFullAt <= now
  }
}

/** A connection whose traffic is limited. */
export interface Limited extends Throttled {
  readonly intake: Intake
}

/**
 * What those may do who come from elsewhere, by address, connection and user. Who sends too much is read more slowly.
 * All of it is for servers with authentication, and none of it for this machine itself.
 */
export class Traffic {
  readonly addresses: Headcount
  readonly users: Users
  readonly strangers: Strangers
  readonly #clock: Clock
  readonly #metrics: Metrics
  readonly #throttle: Throttle
  readonly #bytes: Rate
  readonly #updates: Rate
  readonly #userBytes: Rate
  readonly #userUpdates: Rate
  readonly #clients: Rate

  constructor(bounds: TrafficBounds, clock: Clock, metrics: Metrics) {
    const { inboundRateBytes, inboundBurstBytes, updateRate, updateBurst, userShare } = bounds
    const clients = bounds.newClientsPerMinute
    this.#clock = clock
    this.#metrics = metrics
    this.addresses = new Headcount(bounds.maxConnectionsPerAddress)
    this.users = new Users(bounds.maxConnectionsPerUser)
    this.strangers = new Strangers(clock, bounds.maxStrangersPerAddress)
    this.#bytes = new Rate(inboundRateBytes, inboundBurstBytes)
    this.#updates = new Rate(updateRate, updateBurst)
    this.#userBytes = new Rate(inboundRateBytes * userShare, inboundBurstBytes * userShare)
    this.#userUpdates = new Rate(updateRate * userShare, updateBurst * userShare)
    this.#clients = new Rate(clients / MINUTE_SECONDS, clients * CLIENT_BURST_MINUTES)
    this.#throttle = new Throttle({
      clock,
      overdrawnMs: (user, now) => this.#overdrawnMs(user, now),
      waited: (ms) => metrics.throttled(ms),
    })
  }

  start(heartbeat: Heartbeat): void {
    heartbeat.addEveryTick(this.users)
    heartbeat.addEveryTick(this.strangers)
  }

  /** Connections that are not read at the moment. */
  get throttled(): number {
    return this.#throttle.size
  }

  /** These bytes came on a connection. */
  received(limited: Limited, bytes: Uint8Array): void {
    const frames = limited.intake.frames.count(bytes)
    this.#spendBytes(limited, bytes.length + frames * FRAME_BYTES)
  }

  /** A document is opened on a connection. */
  opens(limited: Limited): void {
    this.#spendBytes(limited, OPEN_BYTES)
  }

  /** An update came on a connection. */
  updated(limited: Limited): void {
    const now = this.#clock.now()
    const { intake, user } = limited
    intake.updatesFullAt = this.#updates.after(intake.updatesFullAt, 1, now)
    if (user !== null) user.updatesFullAt = this.#userUpdates.after(user.updatesFullAt, 1, now)
    const ownMs = this.#updates.overdrawnMs(intake.updatesFullAt, now)
    this.#holdIfNeeded(limited, ownMs, now, 'updates')
  }

  /** Who has sent too much before is not read on a new connection either. */
  identified(limited: Limited): void {
    this.#holdIfNeeded(limited, 0, this.#clock.now(), 'inbound-bytes')
  }

  /**
   * Whether a user may bring this many clients that a document has not seen; they count if so. Documents keep them for
   * ever, and each makes every later edit dearer for everybody's replica. Who brings many at once, with a document of
   * their own, may do so, and no more for a while.
   */
  brings(user: User, clients: number): boolean {
    const now = this.#clock.now()
    if (this.#clients.overdrawnMs(user.clientsFullAt, now) > 0) {
      this.#metrics.hit('new-clients')
      return false
    }
    user.clientsFullAt = this.#clients.after(user.clientsFullAt, clients, now)
    return true
  }

  /** In how many seconds a user may bring new clients again. */
  clientsInSeconds(user: User): number {
    return Math.ceil(this.#clients.overdrawnMs(user.clientsFullAt, this.#clock.now()) / 1_000)
  }

  /** Whether a connection is not read at the moment. */
  holds(throttled: Throttled): boolean {
    return this.#throttle.holds(throttled)
  }

  /** The connection is over. */
  forget(throttled: Throttled): void {
    this.#throttle.forget(throttled)
  }

  #spendBytes(limited: Limited, cost: number): void {
    const now = this.#clock.now()
    const { intake, user } = limited
    intake.bytesFullAt = this.#bytes.after(intake.bytesFullAt, cost, now)
    if (user !== null) user.bytesFullAt = this.#userBytes.after(user.bytesFullAt, cost, now)
    const ownMs = this.#bytes.overdrawnMs(intake.bytesFullAt, now)
    this.#holdIfNeeded(limited, ownMs, now, 'inbound-bytes')
  }

  #holdIfNeeded(
    limited: Limited,
    ownMs: number,
    now: number,
    limit: 'inbound-bytes' | 'updates',
  ): void {
    if (ownMs === 0 && (limited.user === null || this.#overdrawnMs(limited.user, now) === 0)) return
    if (this.#throttle.hold(limited, ownMs)) this.#metrics.hit(limit)
  }

  #overdrawnMs(user: User, now: number): number {
    return Math.max(
      this.#userBytes.overdrawnMs(user.bytesFullAt, now),
      this.#userUpdates.overdrawnMs(user.updatesFullAt, now),
    )
  }
}
