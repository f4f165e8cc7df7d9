import { Histogram } from '../measure/histogram.js'
import { insertUpdate, readRuns } from './edits.js'
import { Session, type Address, type SessionListener } from './session.js'
import { TypingSchedule } from './typing-schedule.js'
import type { WireCursor } from './wire.js'

/** Two people write in one document. */
export interface PairPlan {
  /** Where each of them comes in. */
  readonly addresses: readonly [Address, Address]
  readonly editsPerSecond: number
}

/** What became of their edits; times in milliseconds. */
export interface PairReport {
  readonly p50: number
  readonly p99: number
  readonly ackP99: number
  /** Edits that have not arrived, or were not acknowledged. */
  readonly missing: number
  readonly lost: number
}

const FIRST_CLIENT = 0x6000_0000
const PATIENCE_MS = 10_000
const CHECK_MS = 20

interface Person {
  readonly session: Session
  readonly sentAt: number[]
  /** Messages that had been sent when it began: acks count them too. */
  readonly before: number
  /** By clock. Who fell behind may be sent an edit once more, which is no second edit. */
  readonly arrived: Set<number>
  acked: number
}

export class PairLoad implements SessionListener {
  readonly #plan: PairPlan
  readonly #latency = new Histogram()
  readonly #acks = new Histogram()
  readonly #schedule: TypingSchedule
  #people: readonly Person[] = []
  #counts = false
  #lost = 0
  #turn = 0

  constructor(plan: PairPlan) {
    this.#plan = plan
    this.#schedule = new TypingSchedule(plan.editsPerSecond, () => this.#write())
  }

  async connect(): Promise<void> {
    const sessions = this.#plan.addresses.map((address, index) => new Session(address, this, index))
    await Promise.all(sessions.map((session) => session.ready()))
    this.#people = sessions.map((session) => ({
      session,
      sentAt: [],
      before: session.sent,
      arrived: new Set(),
      acked: 0,
    }))
    this.#schedule.start()
  }

  /** From now on it is measured. */
  mark(): void {
    this.#counts = true
  }

  /** Stops writing, waits for what is under way, and leaves. */
  async finish(): Promise<PairReport> {
    this.#schedule.stop()
    const deadline = performance.now() + PATIENCE_MS
    while (this.#missing() > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS))
    }
    const missing = this.#missing()
    for (const { session } of this.#people) session.close()
    return {
      p50: this.#latency.quantile(0.5),
      p99: this.#latency.quantile(0.99),
      ackP99: this.#acks.quantile(0.99),
      missing,
      lost: this.#lost,
    }
  }

  update(session: Session, cursor: WireCursor): void {
    const now = session.socket.arrivedAt
    readRuns(cursor, (client, clock, length) => {
      const author = this.#people[client - FIRST_CLIENT]
      if (author === undefined) return
      for (let at = clock; at < clock + length; at++) {
        if (author.arrived.has(at)) continue
        author.arrived.add(at)
        if (this.#counts) this.#latency.add(now - (author.sentAt[at] ?? now))
      }
    })
  }

  acknowledged(session: Session, count: number): void {
    const person = this.#people[session.index]
    if (person === undefined) return
    const now = session.socket.arrivedAt
    for (; person.acked < count - person.before; person.acked++) {
      if (this.#counts) this.#acks.add(now - (person.sentAt[person.acked] ?? now))
    }
  }

  lost(): void {
    this.#lost++
  }

  #missing(): number {
    const perPerson = this.#people.map(
      ({ sentAt, arrived, acked }) => 2 * sentAt.length - arrived.size - acked,
    )
    return perPerson.reduce((sum, missing) => sum + missing, 0)
  }

  #write(): void {
    const index = this.#turn++ % 2
    const person = this.#people[index]
    if (person === undefined) return
    const clock = person.sentAt.length
    person.sentAt.push(performance.now())
    person.session.sendUpdate(insertUpdate(FIRST_CLIENT + index, clock))
  }
}
