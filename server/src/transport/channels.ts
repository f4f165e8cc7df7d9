import type { Session } from './session.js'
import type { Tenure } from './tenure.js'

/** A document that is open on a connection. */
export interface Channel {
  readonly documentId: string
  readonly session: Session
  /** How long it has, where credentials are asked for. */
  readonly tenure: Tenure | null
}

/** The open channels of a connection, by the number that frames their sessions. Nearly always it is one. */
export class Channels implements Iterable<Channel> {
  #only: Channel | null = null
  /** All of them, once there were two. */
  #all: Map<number, Channel> | null = null

  get size(): number {
    return this.#all?.size ?? (this.#only === null ? 0 : 1)
  }

  get(channel: number): Channel | undefined {
    if (this.#all !== null) return this.#all.get(channel)
    return this.#only?.session.framing === channel ? this.#only : undefined
  }

  add(open: Channel): void {
    if (this.#all === null && this.#only === null) {
      this.#only = open
      return
    }
    this.#all ??= new Map()
    if (this.#only !== null) this.#all.set(this.#only.session.framing, this.#only)
    this.#only = null
    this.#all.set(open.session.framing, open)
  }

  delete(channel: number): Channel | undefined {
    const open = this.get(channel)
    if (open !== undefined && this.#all?.delete(channel) !== true) this.#only = null
    if (this.#all?.size === 0) this.#all = null
    return open
  }

  [Symbol.iterator](): Iterator<Channel> {
    if (this.#all !== null) return this.#all.values()
    return (this.#only === null ? [] : [this.#only]).values()
  }
}
