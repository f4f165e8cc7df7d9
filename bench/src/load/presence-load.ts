import { Histogram } from '../measure/histogram.js'
import type { DialectName } from './dialects.js'
import { Session, type SessionListener } from './session.js'
import { TypingSchedule } from './typing-schedule.js'
import { pushString, pushVarUint, type WireCursor } from './wire.js'

/** People of one document who move their cursors. */
export interface PresencePlan {
  readonly port: number
  readonly dialect: DialectName
  readonly documentId: string
  readonly members: number
  /** Moves a second of each. */
  readonly rate: number
}

export interface PresenceFigures {
  readonly moves: number
  /** States that reached somebody, of those that are newer than what was known. */
  readonly seen: number
  readonly bytesIn: number
  readonly p50: number
  readonly p99: number
}

const FIRST_CLIENT = 0x5000_0000
const OPENING = 50
const CHECK_MS = 20

/** Everybody sees where everybody is; of two moves the later one is enough. */
export class PresenceLoad implements SessionListener {
  readonly #plan: PresencePlan
  readonly #latency = new Histogram()
  readonly #schedule: TypingSchedule
  /** When each member made each of its moves; the clock is the index. */
  readonly #movedAt: readonly number[][]
  /** The last clock that each member knows of each other, a row per receiver. */
  readonly #known: Int32Array
  #sessions: Session[] = []
  #turn = 0
  #moves = 0
  #seen = 0
  #before = { moves: 0, seen: 0, bytesIn: 0 }

  constructor(plan: PresencePlan) {
    this.#plan = plan
    this.#movedAt = Array.from({ length: plan.members }, () => [0])
    this.#known = new Int32Array(plan.members ** 2)
    this.#schedule = new TypingSchedule(plan.members * plan.rate, () => this.#moveNext())
  }

  async connect(): Promise<void> {
    const { members } = this.#plan
    while (this.#sessions.length < members) {
      const first = this.#sessions.length
      const count = Math.min(OPENING, members - first)
      const opening = Array.from({ length: count }, (_, i) =>
        new Session(this.#plan, this, first + i).ready(),
      )
      this.#sessions.push(...(await Promise.all(opening)))
    }
  }

  start(): void {
    this.#schedule.start()
  }

  mark(): PresenceFigures {
    const bytesIn = this.#sessions.reduce((sum, { socket }) => sum + socket.bytesIn, 0)
    const figures = {
      moves: this.#moves - this.#before.moves,
      seen: this.#seen - this.#before.seen,
      bytesIn: bytesIn - this.#before.bytesIn,
      p50: this.#latency.quantile(0.5),
      p99: this.#latency.quantile(0.99),
    }
    this.#before = { moves: this.#moves, seen: this.#seen, bytesIn }
    this.#latency.clear()
    return figures
  }

  /** Nobody moves any more. Returns how many do not know where somebody is when `patienceMs` are over. */
  async finish(patienceMs: number): Promise<number> {
    this.#schedule.stop()
    const deadline = performance.now() + patienceMs
    while (this.#stale > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS))
    }
    return this.#stale
  }

  presence(session: Session, cursor: WireCursor): void {
    for (let left = cursor.varUint(); left > 0; left--) {
      const owner = cursor.varUint() - FIRST_CLIENT
      const clock = cursor.varUint()
      cursor.skip(cursor.varUint())
      this.#see(session, owner, clock)
    }
  }

  #see(session: Session, owner: number, clock: number): void {
    const movedAt = this.#movedAt[owner]?.[clock]
    const cell = session.index * this.#plan.members + owner
    if (movedAt === undefined || owner === session.index || clock <= (this.#known[cell] ?? 0)) {
      return
    }
    this.#known[cell] = clock
    this.#seen++
    this.#latency.add(session.socket.arrivedAt - movedAt)
  }

  get #stale(): number {
    const { members } = this.#plan
    let stale = 0
    for (let receiver = 0; receiver < members; receiver++) {
      for (let owner = 0; owner < members; owner++) {
        const last = (this.#movedAt[owner]?.length ?? 1) - 1
        if (owner !== receiver && this.#known[receiver * members + owner] !== last) stale++
      }
    }
    return stale
  }

  #moveNext(): void {
    const session = this.#sessions[this.#turn]
    const times = this.#movedAt[this.#turn]
    if (session === undefined || times === undefined) return
    const clock = times.push(performance.now()) - 1
    session.socket.sendFrames(session.presenceFrame(stateUpdate(this.#turn, clock)))
    this.#turn = (this.#turn + 1) % this.#sessions.length
    this.#moves++
  }
}

/** An awareness update about one person, as editors send it with each move. */
export function stateUpdate(member: number, clock: number): Uint8Array {
  const client = FIRST_CLIENT + member
  const place = { type: null, tname: 't', item: { client, clock: 1_000 + clock }, assoc: 0 }
  const state = {
    user: { name: `Person ${member}`, color: '#30bced', colorLight: '#30bced33' },
    cursor: { anchor: place, head: place },
  }
  const bytes = [1]
  pushVarUint(bytes, client)
  pushVarUint(bytes, clock)
  pushString(bytes, JSON.stringify(state))
  return Uint8Array.from(bytes)
}
