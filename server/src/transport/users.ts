import type { Pulse } from './heartbeat.js'

/** Users that are not here any more and whose rates are still remembered; beyond it the oldest are forgotten. */
const MAX_ABSENT = 10_000

/** One user, however many connections they have: what they share. */
export class User {
  readonly subject: string
  connections = 0
  /** When each of their rates is whole again; as `Rate` has it. */
  bytesFullAt = 0
  updatesFullAt = 0
  clientsFullAt = 0

  constructor(subject: string) {
    this.subject = subject
  }

  /** The moment from which on nothing of what they did counts any more. */
  get restedAt(): number {
    return Math.max(this.bytesFullAt, this.updatesFullAt, this.clientsFullAt)
  }
}

/**
 * The users who are here, and those who have left lately: who has used up a rate does not get a new one by coming
 * back.
 */
export class Users implements Pulse {
  readonly #most: number
  readonly #users = new Map<string, User>()
  readonly #absent = new Set<User>()

  /** @param most connections of one user */
  constructor(most: number) {
    this.#most = most
  }

  /** Users who are here or remembered. */
  get size(): number {
    return this.#users.size
  }

  /** One more connection of this user, or `null` when they have too many; {@link leave} once for each. */
  enter(subject: string): User | null {
    let user = this.#users.get(subject)
    if (user === undefined) this.#users.set(subject, (user = new User(subject)))
    if (user.connections >= this.#most) return null
    user.connections++
    this.#absent.delete(user)
    return user
  }

  leave(user: User): void {
    user.connections--
    if (user.connections > 0) return
    this.#absent.add(user)
    const [oldest] = this.#absent
    if (this.#absent.size > MAX_ABSENT && oldest !== undefined) this.#forget(oldest)
  }

  visit(now: number): void {
    for (const user of this.#absent) if (user.restedAt <= now) this.#forget(user)
  }

  #forget(user: User): void {
    this.#absent.delete(user)
    this.#users.delete(user.subject)
  }
}
