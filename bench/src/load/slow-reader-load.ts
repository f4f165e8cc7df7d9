import { createHash } from 'node:crypto'
import * as Y from 'yjs'
import { Histogram } from '../measure/histogram.js'
import { pushedRun, readRuns, ROOT } from './edits.js'
import { Session, type Address, type SessionListener } from './session.js'
import { TypingSchedule } from './typing-schedule.js'
import type { WireCursor } from './wire.js'

/** One writes much, others read; one of them perhaps does not. */
export interface SlowReaderPlan extends Address {
  /** How many of the readers do not read. */
  readonly slow: number
  readonly updateBytes: number
  readonly updatesPerSecond: number
  readonly updates: number
}

export interface SlowReaderReport {
  /** How long updates took to those who read, in milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Whether those who read got everything. */
  readonly fastComplete: boolean
}

const AUTHOR = 0x5000_0000
const WRITER = 0
const FAST = 1
const FIRST_SLOW = 2
const CHECK_MS = 20

/** Passes much text through a document that stays small: each update replaces the one before. */
export class SlowReaderLoad implements SessionListener {
  readonly #plan: SlowReaderPlan
  readonly #latency = new Histogram()
  readonly #sentAt: number[] = []
  readonly #schedule: TypingSchedule
  readonly #sessions: Session[] = []
  /** What the slow ones have received, to be put together in the end. */
  readonly #kept: Uint8Array[][] = []
  #fastReached = 0
  #closed = 0

  constructor(plan: SlowReaderPlan) {
    this.#plan = plan
    this.#schedule = new TypingSchedule(plan.updatesPerSecond, () => this.#write())
  }

  async connect(): Promise<void> {
    for (let index = 0; index < FIRST_SLOW + this.#plan.slow; index++) {
      this.#kept.push([])
      this.#sessions.push(await new Session(this.#plan, this, index).ready())
    }
    for (const session of this.#sessions.slice(FIRST_SLOW)) session.socket.pause()
  }

  /** Resolves when everything was written and has arrived at those who read, or `patienceMs` after the last was due. */
  async run(patienceMs: number): Promise<SlowReaderReport> {
    const { updates, updatesPerSecond, updateBytes } = this.#plan
    const deadline = performance.now() + (updates / updatesPerSecond) * 1_000 + patienceMs
    this.#schedule.start()
    const end = updates * updateBytes
    while (this.#fastReached < end && performance.now() < deadline) await tick()
    this.#schedule.stop()
    return {
      p50: this.#latency.quantile(0.5),
      p99: this.#latency.quantile(0.99),
      fastComplete: this.#fastReached === end,
    }
  }

  /**
   * The slow ones read on; one whose connection was closed comes again.
   *
   * @param sha256 of the text that everybody should have
   * @returns how many were closed, and how many end with another text
   */
  async readOn(sha256: string, patienceMs: number): Promise<{ closed: number; unequal: number }> {
    const deadline = performance.now() + patienceMs
    const waiting = new Set(this.#sessions.slice(FIRST_SLOW))
    for (const session of waiting) session.socket.resume()
    while (waiting.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      for (const session of waiting) {
        if (this.#hashAt(session.index) === sha256) waiting.delete(session)
      }
    }
    return { closed: this.#closed, unequal: waiting.size }
  }

  update(session: Session, cursor: WireCursor): void {
    if (session.index >= FIRST_SLOW) {
      this.#kept[session.index]?.push(Buffer.from(cursor.bytes.subarray(cursor.at, cursor.end)))
    } else if (session.index === FAST) {
      const now = session.socket.arrivedAt
      readRuns(cursor, (_client, clock, length) => {
        this.#fastReached = Math.max(this.#fastReached, clock + length)
        const sentAt = this.#sentAt[Math.floor(clock / this.#plan.updateBytes)]
        if (sentAt !== undefined) this.#latency.add(now - sentAt)
      })
    }
  }

  lost(session: Session): void {
    this.#closed++
    if (session.index < FIRST_SLOW) return
    // As a client does: it comes again, and tells what it has.
    const again = new Session(this.#plan, this, session.index)
    // One that is refused stays without the text, which is found in the end.
    again.ready().catch(() => {})
  }

  #hashAt(index: number): string {
    const doc = new Y.Doc()
    doc.transact(() => {
      for (const update of this.#kept[index] ?? []) Y.applyUpdate(doc, update)
    })
    // What was put together once need not be again.
    this.#kept[index] = [Y.encodeStateAsUpdate(doc)]
    return createHash('sha256').update(doc.getText(ROOT).toJSON()).digest('hex')
  }

  #write(): void {
    const { updates, updateBytes } = this.#plan
    const number = this.#sentAt.length
    if (number === updates) return
    this.#sentAt.push(performance.now())
    this.#sessions[WRITER]?.sendUpdate(pushedRun(AUTHOR, number, updateBytes))
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, CHECK_MS))
}
