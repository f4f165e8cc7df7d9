import { Histogram } from '../measure/histogram.js'
import { insertUpdate } from './edits.js'
import { Session, type SessionListener } from './session.js'

/** Writers who send the next edit when an earlier one is on disk. Speaks coscribe.v1: nobody else tells. */
export interface AckPlan {
  readonly port: number
  readonly prefix: string
  readonly rooms: number
  /** Edits of each writer that may be on their way. */
  readonly window: number
}

export interface AckFigures {
  readonly seconds: number
  readonly edits: number
  readonly p50: number
  readonly p99: number
}

const AUTHOR = 0x5200_0000

interface Writer {
  readonly session: Session
  readonly sentAt: number[]
  acknowledged: number
  clock: number
}

/** One writer a room, each with a window of edits that are not acknowledged yet. */
export class AckLoad implements SessionListener {
  readonly #plan: AckPlan
  readonly #latency = new Histogram()
  readonly #writers: Writer[] = []
  #edits = 0
  #before = { at: 0, edits: 0 }
  #running = false

  constructor(plan: AckPlan) {
    this.#plan = plan
  }

  async connect(): Promise<void> {
    const { port, prefix, rooms } = this.#plan
    for (let room = 0; room < rooms; room++) {
      const address = { port, dialect: 'coscribe.v1', documentId: `${prefix}${room}` } as const
      const session = await new Session(address, this, room).ready()
      this.#writers.push({ session, sentAt: [], acknowledged: session.sent, clock: 0 })
    }
  }

  start(): void {
    this.#running = true
    for (const writer of this.#writers) this.#send(writer, this.#plan.window)
  }

  mark(): AckFigures {
    const at = performance.now()
    const figures = {
      seconds: (at - this.#before.at) / 1_000,
      edits: this.#edits - this.#before.edits,
      p50: this.#latency.quantile(0.5),
      p99: this.#latency.quantile(0.99),
    }
    this.#before = { at, edits: this.#edits }
    this.#latency.clear()
    return figures
  }

  stop(): void {
    this.#running = false
  }

  acknowledged(session: Session, count: number): void {
    const writer = this.#writers[session.index]
    if (writer === undefined) return
    const done = Math.max(0, count - writer.acknowledged)
    writer.acknowledged += done
    this.#edits += done
    for (const sentAt of writer.sentAt.splice(0, done)) {
      this.#latency.add(session.socket.arrivedAt - sentAt)
    }
    if (this.#running) this.#send(writer, done)
  }

  #send(writer: Writer, count: number): void {
    const now = performance.now()
    const frames: Buffer[] = []
    for (let i = 0; i < count; i++) {
      frames.push(writer.session.updateFrame(insertUpdate(AUTHOR, writer.clock++)))
      writer.sentAt.push(now)
    }
    writer.session.sent += count
    writer.session.socket.sendFrames(Buffer.concat(frames))
  }
}
