import { decodeServerFrame, type ServerMessage } from '@coscribe/shared'
import { expect } from 'vitest'
import type { Peer, Receipt } from '../../server/src/rooms/peer.js'
import { UpdateBatch, type CatchUp } from '../../server/src/rooms/update-batch.js'
import { FlushTurn } from '../../server/src/transport/flush-turn.js'
import { SendQueue } from '../../server/src/transport/send-queue.js'
import { Session } from '../../server/src/transport/session.js'
import type { SessionRoom } from '../../server/src/transport/session-room.js'
import { UnsentBudget } from '../../server/src/transport/unsent-budget.js'
import { serverFrames } from './server-frames.js'
import { VirtualClock } from './virtual-clock.js'

/** The channel of the session on a {@link SessionBench}. */
export const CHANNEL = 3
const KiB = 1024
const bounds = {
  lagBytes: 10 * KiB,
  unsentBytes: 50 * KiB,
  budget: new UnsentBudget(1024 * KiB),
}
/** A room that says what a test tells it to, and remembers what it was told. */
class ScriptedRoom implements SessionRoom {
  readonly documentId = 'doc'
  readonly historyId = 'history'
  readonly incarnation = 'incarnation'
  readonly readOnly = null
  title = ''
  headSeq = 0
  durableSeq = 0
  receipt: Receipt = { outcome: 'accepted', seq: 0 }
  answers: Uint8Array[] = []
  readonly received: { update: Uint8Array; solicited: boolean }[] = []
  /** The number that the next update it receives takes, if it is a new one. */
  next: number | null = null
  peers = new Set<Peer>()
  resumable = true
  /** Not `null` while the snapshot is on disk only. */
  onDisk: ((here: boolean) => void) | null = null
  fetches = 0
  readonly presence = { receive: () => null, sendAll: () => {} }

  add(peer: Peer): void {
    this.peers.add(peer)
  }

  remove(peer: Peer): void {
    this.peers.delete(peer)
  }

  receive(_peer: Peer, update: Uint8Array, solicited: boolean): Receipt {
    this.received.push({ update, solicited })
    if (this.next !== null) this.take(this.next)
    this.next = null
    return this.receipt
  }

  answer(_stateVector?: Uint8Array): CatchUp | null {
    if (this.onDisk !== null) return null
    return { batches: [UpdateBatch.ofRecords(this.answers, this.headSeq)], seq: this.headSeq }
  }

  resume(): CatchUp | null {
    return this.resumable ? { batches: [], seq: this.headSeq } : null
  }

  /** The log: an update per number that says which it is. */
  after(seq: number): CatchUp | null {
    if (this.onDisk !== null) return null
    const missed = Array.from({ length: this.headSeq - seq }, (_, i) => record(seq + i + 1))
    return { batches: [UpdateBatch.ofRecords(missed, this.headSeq)], seq: this.headSeq }
  }

  fetch(): Promise<boolean> {
    this.fetches += 1
    return new Promise((resolve) => (this.onDisk = resolve))
  }

  /** The snapshot is there again, or will never be. */
  read(here: boolean): void {
    const resolve = this.onDisk
    this.onDisk = null
    resolve?.(here)
  }

  stateVector(): Uint8Array {
    return Uint8Array.of(0)
  }

  updateAt(seq: number): Uint8Array {
    return record(seq)
  }

  take(seq: number): void {
    this.headSeq = seq
    this.receipt = { outcome: 'accepted', seq }
  }

  commit(seq: number): void {
    this.durableSeq = seq
    for (const peer of this.peers) peer.durable(seq)
  }
}

/** A session over a socket that takes bytes when told to, and everything that was written to it. */
export class SessionBench {
  readonly room = new ScriptedRoom()
  readonly closes: string[] = []
  readonly refusals: string[] = []
  readonly session: Session
  readonly clock = new VirtualClock()
  readonly #visits = new Set<Session>()
  #written: Uint8Array[] = []
  readonly #queue: SendQueue
  #unsent = 0
  #keepsUp = true

  constructor(acknowledges = true, messageBytes = 100, echoes = false) {
    const turn = new FlushTurn(this.clock)
    this.#queue = this.#createQueue(turn)
    this.session = new Session({
      sessionId: 'me',
      principal: 'someone',
      access: 'write',
      framing: CHANNEL,
      link: {
        queue: this.#queue,
        turn,
        soon: (session) => void this.#visits.add(session),
        probe: () => {},
        pause: () => {},
        resume: () => {},
        questions: 5,
        updated: () => {},
        brings: () => null,
        hit: () => {},
        close: (name) => void this.closes.push(name),
      },
      voice: {
        acknowledges,
        refused: (_session, count, code) => void this.refusals.push(`${count} ${code}`),
        writable: () => {},
        ended: (_session, name) => void this.closes.push(name),
      },
      messageBytes,
      echoes,
    })
  }

  /** Joined, with its first step 1 answered. */
  static async joined(): Promise<SessionBench> {
    const bench = new SessionBench()
    bench.session.join(bench.room)
    bench.step1()
    await bench.said()
    return bench
  }

  step1(): void {
    this.session.receive({ type: 'sync-step-1', stateVector: Uint8Array.of(0) })
  }

  edit(bytes = 4): void {
    this.session.receive({ type: 'update', update: new Uint8Array(bytes) })
  }

  /** What was sent since the last call. */
  async said(): Promise<ServerMessage[]> {
    await Promise.resolve()
    await Promise.resolve()
    const frames = serverFrames(new Uint8Array(Buffer.concat(this.#written.splice(0))))
    return frames.map(({ payload }) => messageIn(payload))
  }

  async types(): Promise<string[]> {
    return (await this.said()).map((message) => message.type)
  }

  /** The heartbeat comes by. */
  visit(): void {
    const visits = [...this.#visits]
    this.#visits.clear()
    for (const session of visits) session.visit()
  }

  /** The other end stops reading. */
  stall(): void {
    this.#keepsUp = false
  }

  /** One update more than the other end takes now. */
  async fill(): Promise<void> {
    this.room.headSeq = 1
    const update = new Uint8Array(20 * KiB)
    this.session.deliver(new UpdateBatch([{ seq: 1, author: null, update }]))
    expect(await this.types()).toEqual(['update'])
  }

  /** It reads what there is, and then nothing more. */
  async read(): Promise<void> {
    this.#unsent = 0
    this.#queue.schedule()
    await Promise.resolve()
  }

  /** It reads again. */
  drain(): Promise<void> {
    this.#keepsUp = true
    return this.read()
  }

  #createQueue(turn: FlushTurn): SendQueue {
    const unsent = (): number => this.#unsent
    const wire = {
      write: (bytes: Uint8Array) => {
        if (!this.#keepsUp) this.#unsent += bytes.length
        this.#written.push(bytes)
      },
      cork: () => {},
      uncork: () => {},
      get writableLength() {
        return unsent()
      },
    }
    return new SendQueue(wire, bounds, turn, {
      writable: true,
      collect: () => this.session.collect(),
      overflowed: () => void this.closes.push('overloaded'),
      giveUp: () => {},
    })
  }
}

function messageIn(bytes: Uint8Array): ServerMessage {
  const decoded = decodeServerFrame(bytes)
  if (decoded.type === 'fault') throw new Error(decoded.reason)
  expect(decoded.channel).toBe(CHANNEL)
  return decoded.message
}

/** Whole numbers from one to another, both included. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** The update of a scripted log that has this number. */
export function record(seq: number): Uint8Array {
  return Uint8Array.of(seq)
}

/** A batch of such updates. */
export function batch(...entries: [seq: number, author: string | null][]): UpdateBatch {
  return new UpdateBatch(entries.map(([seq, author]) => ({ seq, author, update: record(seq) })))
}
