import { Histogram } from '../measure/histogram.js'
import type { DialectName } from './dialects.js'
import { readRuns } from './edits.js'
import { Session, type SessionListener } from './session.js'
import type { WireCursor } from './wire.js'

/** People who come, get what they lack of a document with a single author, and go or stay. */
export interface JoinPlan {
  readonly port: number
  readonly dialect: DialectName
  /** What all of them prove who they are by. */
  readonly token?: string
  readonly documentIds: readonly string[]
  /** How many characters a document ever had, deleted ones included; `null` when that is not to be checked. */
  readonly characters: number | null
  /** How many of them they have already. */
  readonly known: number
  /** Their state vector and their answer to the server's, in base64. */
  readonly stateVector: string
  readonly offer: string
  /** Whether they stay. */
  readonly stay: boolean
}

export interface JoinReport {
  readonly seconds: number
  /** From connecting to having everything, in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly bytesIn: number
  /** Who was told to be in step before everything had come. */
  readonly partial: number
  readonly failed: readonly string[]
}

const PATIENCE_MS = 30_000

/** Joins of many, one after another or at once. */
export class JoinLoad implements SessionListener {
  readonly #plan: JoinPlan
  readonly #stateVector: Uint8Array
  readonly #offer: Uint8Array
  readonly #times = new Histogram()
  readonly #failed: string[] = []
  readonly #arrivals: Arrival[] = []
  readonly #sessions: Session[] = []
  #next = 0
  #partial = 0
  #bytesIn = 0

  constructor(plan: JoinPlan) {
    this.#plan = plan
    this.#stateVector = Buffer.from(plan.stateVector, 'base64')
    this.#offer = Buffer.from(plan.offer, 'base64')
  }

  /** @param atOnce how many are joining at the same time */
  async join(count: number, atOnce: number): Promise<JoinReport> {
    const before = performance.now()
    const last = this.#next + count
    const lanes = Array.from({ length: atOnce }, async () => {
      while (this.#next < last) await this.#joinOne(this.#next++)
    })
    await Promise.all(lanes)
    return {
      seconds: (performance.now() - before) / 1_000,
      p50: this.#times.quantile(0.5),
      p99: this.#times.quantile(0.99),
      bytesIn: this.#bytesIn,
      partial: this.#partial,
      failed: this.#failed.slice(0, 5),
    }
  }

  /** Everybody goes. */
  leave(): void {
    for (const session of this.#sessions.splice(0)) session.close()
  }

  update(session: Session, cursor: WireCursor): void {
    const arrival = this.#arrivals[session.index]
    if (arrival !== undefined) readRuns(cursor, arrival.take)
  }

  async #joinOne(index: number): Promise<void> {
    const { port, dialect, token, documentIds, characters, known, stay } = this.#plan
    const documentId = documentIds[index % documentIds.length] ?? ''
    const arrival = new Arrival(characters ?? 0, (characters ?? 0) - known)
    this.#arrivals[index] = arrival
    const before = performance.now()
    const address = { port, dialect, documentId, ...(token === undefined ? {} : { token }) }
    const session = new Session(address, this, index, this.#stateVector, this.#offer)
    if (stay) this.#sessions.push(session)
    try {
      await session.ready()
      if (characters !== null && !arrival.isWhole) {
        this.#partial++
        await arrival.whole(PATIENCE_MS)
      }
      this.#times.add(performance.now() - before)
    } catch (error) {
      this.#failed.push(error instanceof Error ? error.message : String(error))
    }
    this.#bytesIn += session.socket.bytesIn
    if (!stay) session.close()
  }
}

/** What one joiner has received. */
class Arrival {
  readonly #end: number
  readonly #least: number
  #count = 0
  #reached = 0
  #whenWhole: (() => void) | null = null

  /**
   * @param end the clock behind the last character
   * @param least how many characters have to come
   */
  constructor(end: number, least: number) {
    this.#end = end
    this.#least = least
  }

  get isWhole(): boolean {
    return this.#reached === this.#end && this.#count >= this.#least
  }

  readonly take = (_client: number, clock: number, length: number): void => {
    this.#count += length
    this.#reached = Math.max(this.#reached, clock + length)
    if (this.isWhole) this.#whenWhole?.()
  }

  /** Resolves when everything is there. Rejects after `patienceMs`. */
  whole(patienceMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const missing = new Error(`has ${this.#count} of ${this.#least} characters`)
      const timer = setTimeout(() => reject(missing), patienceMs)
      this.#whenWhole = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
