import { backoffDelayMs, type Cancel, type Clock, type Random } from '@coscribe/shared'
import { personOf } from '../codemirror/index.js'
import type { Room } from '../room.js'
import { lookFrom } from './user-look.js'
import type { ResolvedUsers, ResolveUsers, UserLook } from './resolved-users.js'

/** Who comes within so long is asked about together. */
const GATHER_MS = 50
/** Ids of one call. */
const MAX_ASKED = 100
/** An answer that takes longer is none. */
const ANSWER_MS = 10_000
/** People of whom something is known; of more, those who are not here are forgotten. */
const MAX_KNOWN = 1_000

export interface UserBookOptions {
  readonly room: Pick<Room, 'presence' | 'ydoc'>
  readonly clock: Clock
  readonly random: Random
  /** What is to be asked now. */
  readonly resolve: ResolveUsers
  /** Something else is known of these, or nothing will be for now. */
  readonly changed: (ids: readonly string[]) => void
  /** Told of the first of several failures in a row. */
  readonly failed: (error: unknown) => void
}

/** What an application says of the people at a document: asked once about each, many at a time, and remembered. */
export class UserBook {
  readonly #options: UserBookOptions
  /** `null` as long as nobody has answered, nor given up. */
  readonly #known = new Map<string, UserLook | null>()
  readonly #due = new Set<string>()
  #cancelLook: Cancel | null = null
  #cancelAsk: Cancel | null = null
  #asking: AbortController | null = null
  #cancelAnswer: Cancel | null = null
  #failures = 0

  constructor(options: UserBookOptions) {
    this.#options = options
    options.room.presence.awareness.on('change', this.#plan)
    this.#look()
  }

  /** What is known of somebody; empty when that is nothing. */
  of(id: string): UserLook {
    return this.#known.get(id) ?? nothing
  }

  isAwaited(id: string): boolean {
    // Who has just come may be asked about by others before it is time to look.
    if (this.#cancelLook !== null) this.#look()
    return this.#known.get(id) === null
  }

  /** Asks anew; until there is an answer, what was known stays. */
  refresh(ids: readonly string[] = [...this.#known.keys()]): void {
    for (const id of ids) if (this.#known.has(id)) this.#due.add(id)
    // What is planned is soon, but after a failure; who refreshes all the time must not put it off.
    if (this.#failures > 0) {
      this.#cancelAsk?.()
      this.#cancelAsk = null
    }
    this.#failures = 0
    this.#askIn(GATHER_MS)
  }

  stop(): void {
    this.#options.room.presence.awareness.off('change', this.#plan)
    this.#cancelLook?.()
    this.#cancelAsk?.()
    this.#cancelAnswer?.()
    this.#asking?.abort()
    this.#asking = null
    this.#due.clear()
  }

  /** Whoever moves a cursor tells of it by the same way as whoever comes. */
  readonly #plan = (): void => {
    this.#cancelLook ??= this.#options.clock.after(GATHER_MS, () => this.#look())
  }

  #look(): void {
    this.#cancelLook?.()
    this.#cancelLook = null
    const here = this.#here()
    for (const id of here) {
      if (this.#known.has(id)) continue
      this.#known.set(id, null)
      this.#due.add(id)
    }
    for (const id of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break
      if (!here.has(id)) this.#forget(id)
    }
    this.#askIn(0)
  }

  /** Everybody who says who they are. */
  #here(): ReadonlySet<string> {
    const { presence, ydoc } = this.#options.room
    const all = [...presence.others, { clientId: ydoc.clientID, state: presence.self ?? {} }]
    const named = all.flatMap(({ clientId, state }) => {
      const person = personOf(clientId, state)
      return person === personOf(clientId, {}) ? [] : [person]
    })
    return new Set(named.slice(0, MAX_KNOWN))
  }

  #forget(id: string): void {
    this.#known.delete(id)
    this.#due.delete(id)
  }

  #askIn(delayMs: number): void {
    if (this.#asking !== null || this.#due.size === 0) return
    this.#cancelAsk ??= this.#options.clock.after(delayMs, () => this.#ask())
  }

  #ask(): void {
    this.#cancelAsk = null
    const here = this.#here()
    // Who is gone again is asked about when they come again.
    for (const id of this.#due) if (!here.has(id) && this.of(id) === nothing) this.#forget(id)
    const ids = [...this.#due].slice(0, MAX_ASKED)
    if (ids.length === 0) return
    for (const id of ids) this.#due.delete(id)
    const { clock, resolve } = this.#options
    const asking = (this.#asking = new AbortController())
    const over = (what: () => void): void => {
      if (this.#asking !== asking) return
      this.#asking = null
      this.#cancelAnswer?.()
      what()
    }
    const failed = (error: unknown): void => over(() => this.#failed(ids, error))
    this.#cancelAnswer = clock.after(ANSWER_MS, () => {
      failed(new Error('resolveUsers does not answer'))
      asking.abort()
    })
    answer(resolve, ids, asking.signal).then(
      (users) => over(() => this.#answered(ids, users)),
      failed,
    )
  }

  #answered(ids: readonly string[], users: ResolvedUsers): void {
    this.#failures = 0
    for (const [i, id] of ids.entries()) this.#settle(id, lookFrom(users[i]))
    // First, since who is told may throw.
    this.#askIn(0)
    this.#options.changed(ids)
  }

  #failed(ids: readonly string[], error: unknown): void {
    const { random, changed, failed } = this.#options
    for (const id of ids) {
      this.#settle(id, this.of(id))
      if (this.#known.has(id)) this.#due.add(id)
    }
    const isFirst = this.#failures === 0
    this.#askIn(backoffDelayMs(this.#failures++, random))
    if (isFirst) failed(error)
    changed(ids)
  }

  #settle(id: string, look: UserLook): void {
    if (this.#known.has(id)) this.#known.set(id, look)
  }
}

const nothing: UserLook = {}

/** @throws whatever the application throws, and TypeError when it brings something else */
async function answer(
  resolve: ResolveUsers,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ResolvedUsers> {
  const users: unknown = await resolve(ids, { signal })
  // As many as were asked about, and now: what throws when it is read has brought nothing.
  if (Array.isArray(users)) return ids.map((_, i) => users[i] as ResolvedUsers[number])
  throw new TypeError(`resolveUsers brought ${typeof users}, not a list`)
}
