import { Histogram } from '../measure/histogram.js'
import { insertUpdate } from './edits.js'
import type { DialectName } from './dialects.js'
import type { LoadFigures, LoadReport } from './load.js'
import { RoomLedger, Tally } from './room-ledger.js'
import { Session, type SessionListener } from './session.js'
import { TypingSchedule } from './typing-schedule.js'
import type { WireCursor } from './wire.js'

/** Rooms in which everybody types one character after another. */
export interface FanOutPlan {
  readonly port: number
  readonly dialect: DialectName
  /** What all of them prove who they are by. */
  readonly token?: string
  /** Documents are called this and a number. */
  readonly prefix: string
  readonly rooms: number
  readonly members: number
  /** Characters a second of each. */
  readonly rate: number
}

/** Connections that are being opened at the same time. */
const OPENING = 50
/** Client ids of five bytes, as nearly all are. */
const FIRST_CLIENT = 0x5000_0000
const CLIENTS_A_ROOM = 0x1_0000
const CHECK_MS = 20

/** Everybody of all rooms, typing at a given rate; every character is followed to every receiver. */
export class FanOutLoad implements SessionListener {
  readonly #plan: FanOutPlan
  readonly #tally = new Tally()
  readonly #ledgers: readonly RoomLedger[]
  readonly #acks = new Histogram()
  readonly #lost: string[] = []
  #sessions: Session[] = []
  /** When each session sent what is not acknowledged yet, oldest first. */
  #awaited: number[][] = []
  #acknowledged: number[] = []
  #schedule: TypingSchedule
  #started = false
  #turn = 0
  #sent = 0
  #mark = { at: 0, cpu: process.cpuUsage(), sent: 0, delivered: 0, bytesIn: 0 }

  constructor(plan: FanOutPlan) {
    this.#plan = plan
    this.#ledgers = Array.from(
      { length: plan.rooms },
      (_, room) => new RoomLedger(FIRST_CLIENT + room * CLIENTS_A_ROOM, plan.members, this.#tally),
    )
    this.#schedule = this.#scheduleAt(plan.rate)
  }

  /** Resolves when everybody is there. */
  async connect(): Promise<void> {
    const { rooms, members, port, dialect, prefix, token } = this.#plan
    const proof = token === undefined ? {} : { token }
    for (let index = 0; index < rooms * members; index += OPENING) {
      const opening: Promise<Session>[] = []
      for (let i = index; i < Math.min(index + OPENING, rooms * members); i++) {
        // Neighbours are in different rooms, so that nobody's turn comes right behind a room mate's.
        const documentId = `${prefix}${i % rooms}`
        opening.push(new Session({ port, dialect, documentId, ...proof }, this, i).ready())
      }
      this.#sessions.push(...(await Promise.all(opening)))
    }
    this.#awaited = this.#sessions.map(() => [])
    this.#acknowledged = this.#sessions.map(({ sent }) => sent)
  }

  start(): void {
    this.#started = true
    this.#schedule.start()
  }

  /** From now on everybody types at another rate. */
  changeRate(rate: number): void {
    this.#schedule.stop()
    this.#schedule = this.#scheduleAt(rate)
    this.#schedule.start()
  }

  /** What happened since the last mark. */
  mark(): LoadFigures {
    const before = this.#mark
    const cpu = process.cpuUsage()
    const at = performance.now()
    const bytesIn = this.#sessions.reduce((sum, { socket }) => sum + socket.bytesIn, 0)
    this.#mark = { at, cpu, sent: this.#sent, delivered: this.#tally.delivered, bytesIn }
    const used = cpu.user + cpu.system - before.cpu.user - before.cpu.system
    const figures = {
      seconds: (at - before.at) / 1_000,
      sent: this.#sent - before.sent,
      delivered: this.#tally.delivered - before.delivered,
      bytesIn: bytesIn - before.bytesIn,
      p50: this.#tally.latency.quantile(0.5),
      p99: this.#tally.latency.quantile(0.99),
      ackP50: this.#acks.quantile(0.5),
      ackP99: this.#acks.quantile(0.99),
      generatorCores: used / 1_000 / (at - before.at),
    }
    this.#tally.latency.clear()
    this.#acks.clear()
    return figures
  }

  /** Nobody types any more. Resolves when all has arrived, nothing has for `patienceMs`, or `limitMs` are over. */
  async finish(patienceMs: number, limitMs = Infinity): Promise<LoadReport> {
    this.#schedule.stop()
    const deadline = performance.now() + limitMs
    let progressAt = performance.now()
    for (let delivered = -1; this.#missing > 0;) {
      if (this.#tally.delivered !== delivered) progressAt = performance.now()
      delivered = this.#tally.delivered
      if (performance.now() > Math.min(deadline, progressAt + patienceMs)) break
      if (this.#lost.length > 0) break
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS))
    }
    return {
      missing: this.#missing,
      duplicates: this.#tally.duplicates,
      foreign: this.#tally.foreign,
      typed: this.#ledgers.map(({ typed }) => typed),
      firstClients: this.#ledgers.map(({ clients }) => clients[0] ?? 0),
      lost: this.#lost.slice(0, 10),
    }
  }

  /** Resolves when all that was sent is acknowledged; returns how many edits are not when `patienceMs` are over. */
  async acknowledgedAll(patienceMs: number): Promise<number> {
    const deadline = performance.now() + patienceMs
    const open = (): number => this.#awaited.reduce((sum, { length }) => sum + length, 0)
    while (open() > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS))
    }
    return open()
  }

  close(): void {
    this.#schedule.stop()
    for (const session of this.#sessions) session.close()
  }

  // --- the sessions' calls

  update(session: Session, cursor: WireCursor): void {
    // What was in the document before is nobody's delivery.
    if (!this.#started) return
    const { rooms } = this.#plan
    const ledger = this.#ledgers[session.index % rooms]
    ledger?.receive(Math.floor(session.index / rooms), cursor, session.socket.arrivedAt)
  }

  acknowledged(session: Session, count: number): void {
    const awaited = this.#awaited[session.index]
    if (awaited === undefined) return
    const done = count - (this.#acknowledged[session.index] ?? 0)
    if (done <= 0) return
    this.#acknowledged[session.index] = count
    for (const sentAt of awaited.splice(0, done)) this.#acks.add(session.socket.arrivedAt - sentAt)
  }

  lost(_session: Session, reason: string): void {
    this.#lost.push(reason)
  }

  // --- inside

  get #missing(): number {
    return this.#ledgers.reduce((sum, ledger) => sum + ledger.missing, 0)
  }

  #scheduleAt(rate: number): TypingSchedule {
    const { rooms, members } = this.#plan
    return new TypingSchedule(rooms * members * rate, () => this.#typeNext())
  }

  #typeNext(): void {
    const { rooms } = this.#plan
    const session = this.#sessions[this.#turn]
    const ledger = this.#ledgers[this.#turn % rooms]
    if (session === undefined || ledger === undefined) return
    const author = Math.floor(this.#turn / rooms)
    this.#turn = (this.#turn + 1) % this.#sessions.length
    const now = performance.now()
    const clock = ledger.type(author, now)
    session.sendUpdate(insertUpdate(ledger.clients[author] ?? 0, clock))
    if (this.#plan.dialect === 'coscribe.v1') this.#awaited[session.index]?.push(now)
    this.#sent++
  }
}
