import { decodeServerFrame, type ServerMessage } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import type { Peer, PresenceSource, Receipt } from '../../server/src/rooms/peer.js'
import { UpdateBatch, type CatchUp } from '../../server/src/rooms/update-batch.js'
import { AckLedger } from '../../server/src/transport/ack-ledger.js'
import { batchFor, STOCK_FRAMING } from '../../server/src/transport/encodings.js'
import { FlushTurn } from '../../server/src/transport/flush-turn.js'
import { SendQueue } from '../../server/src/transport/send-queue.js'
import { Session } from '../../server/src/transport/session.js'
import type { SessionRoom } from '../../server/src/transport/session-room.js'
import { SeededRandom } from '../support/random.js'
import { serverFrames } from '../support/server-frames.js'
import { UnsentBudget } from '../../server/src/transport/unsent-budget.js'
import { VirtualClock } from '../support/virtual-clock.js'

const CHANNEL = 3
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
  headSeq = 0
  durableSeq = 0
  receipt: Receipt = { outcome: 'accepted', seq: 0 }
  answers: Uint8Array[] = []
  readonly received: { update: Uint8Array; solicited: boolean }[] = []
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
class Bench {
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

  constructor(acknowledges = true, messageBytes = 100) {
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
        close: (name) => void this.closes.push(name),
      },
      voice: {
        acknowledges,
        refused: (_session, count, code) => void this.refusals.push(`${count} ${code}`),
        writable: () => {},
        ended: (_session, name) => void this.closes.push(name),
      },
      messageBytes,
    })
  }

  /** Joined, with its first step 1 answered. */
  static async joined(): Promise<Bench> {
    const bench = new Bench()
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

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function record(seq: number): Uint8Array {
  return Uint8Array.of(seq)
}

function batch(...entries: [seq: number, author: string | null][]): UpdateBatch {
  return new UpdateBatch(entries.map(([seq, author]) => ({ seq, author, update: record(seq) })))
}

describe('acks', () => {
  it('[P28] wait for the disk', async () => {
    const bench = await Bench.joined()
    bench.room.take(1)
    bench.edit()
    expect(await bench.types()).toEqual([])
    bench.room.commit(1)
    expect(await bench.said()).toContainEqual({ type: 'ack', count: 1 })
  })

  it('[P28] are cumulative: one for all that one commit made durable', async () => {
    const bench = await Bench.joined()
    for (let seq = 1; seq <= 5; seq++) {
      bench.room.take(seq)
      bench.edit()
    }
    bench.room.commit(4)
    expect(await bench.said()).toContainEqual({ type: 'ack', count: 4 })
    bench.room.commit(5)
    const said = await bench.said()
    expect(said.filter(({ type }) => type === 'ack')).toEqual([{ type: 'ack', count: 5 }])
  })

  it('[P28] count a known update when the position of the log at its receipt is on disk', async () => {
    const bench = await Bench.joined()
    bench.room.take(7)
    bench.edit()
    bench.edit()
    expect(await bench.types()).toEqual([])
    bench.room.commit(7)
    expect(await bench.said()).toContainEqual({ type: 'ack', count: 2 })
    bench.edit()
    expect(await bench.said()).toEqual([{ type: 'ack', count: 3 }])
  })

  it('[P28] travel with edits of others while those come, and wait for them 33 ms at most', async () => {
    const bench = await Bench.joined()
    bench.room.headSeq = 1
    bench.session.deliver(batch([1, 'other']))
    await bench.said()
    bench.room.take(2)
    bench.edit()
    bench.room.commit(2)
    expect(await bench.types()).toEqual([])
    bench.room.headSeq = 3
    bench.session.deliver(batch([3, 'other']))
    expect(await bench.types()).toEqual(['update', 'ack', 'resume-point'])
    bench.room.take(4)
    bench.edit()
    bench.room.commit(4)
    expect(await bench.types()).toEqual([])
    await bench.clock.advance(33)
    expect(await bench.types()).toEqual(['ack', 'resume-point'])
  })

  it('[P28] count rejected messages, after those before them', async () => {
    const bench = await Bench.joined()
    bench.room.take(1)
    bench.edit()
    bench.room.receipt = { outcome: 'refused', code: 'read-only', message: 'no' }
    bench.edit()
    expect(bench.refusals).toEqual(['2 read-only'])
    expect(await bench.types()).toEqual([])
    bench.room.commit(1)
    expect(await bench.said()).toContainEqual({ type: 'ack', count: 2 })
    bench.edit()
    expect(bench.refusals).toEqual(['2 read-only', '3 read-only'])
    expect(await bench.said()).toEqual([{ type: 'ack', count: 3 }])
  })

  it('[P28] never run ahead of the disk, in any order of edits, refusals and commits', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new SeededRandom(seed)
      const ledger = new AckLedger()
      /** Per message the position it waits for; 0 for a refused one. */
      const messages: number[] = []
      let head = 0
      let durable = 0
      for (let step = 0; step < 60; step++) {
        const dice = random.fraction()
        if (dice < 0.4) messages.push(ledger.accepted(++head, durable) === 0 ? -1 : head)
        else if (dice < 0.55) messages.push(ledger.accepted(head, durable) === 0 ? -1 : head)
        else if (dice < 0.7) messages.push(ledger.refused() === 0 ? -1 : 0)
        else ledger.durable((durable += random.below(head - durable + 1)))
        const unsettled = messages.findIndex((seq) => seq > durable)
        expect(ledger.acked, `seed ${seed}`).toBe(unsettled < 0 ? messages.length : unsettled)
      }
    }
  })
})

describe('resume points', () => {
  it('[P29] come after what they cover was sent and when it is on disk', async () => {
    const bench = await Bench.joined()
    bench.room.headSeq = 2
    bench.session.deliver(batch([1, 'other'], [2, null]))
    expect(await bench.types()).toEqual(['update', 'update'])
    bench.room.commit(1)
    bench.visit()
    expect(await bench.said()).toEqual([{ type: 'resume-point', seq: 1 }])
    bench.visit()
    expect(await bench.said()).toEqual([])
    bench.room.commit(2)
    bench.visit()
    expect(await bench.said()).toEqual([{ type: 'resume-point', seq: 2 }])
  })

  it('[P29] do not exist before the first answer', async () => {
    const bench = new Bench()
    bench.session.join(bench.room)
    bench.room.headSeq = 1
    bench.session.deliver(batch([1, 'other']))
    bench.room.commit(1)
    bench.visit()
    expect(await bench.types()).toEqual(['update'])
    bench.step1()
    const said = await bench.said()
    expect(said.map(({ type }) => type)).toEqual(['sync-step-2', 'resume-point'])
    expect(said[1]).toEqual({ type: 'resume-point', seq: 1 })
  })

  it('[P29] are gone on from only when they are of this room', () => {
    const bench = new Bench()
    bench.session.join(bench.room)
    bench.room.resumable = false
    const point = { historyId: 'history', incarnation: 'incarnation', seq: 3 }
    expect(bench.session.resume(point)).toBe(false)
  })

  it('[P29] send what was missed after hello, which is said in the same turn', async () => {
    const bench = new Bench()
    bench.room.headSeq = 3
    bench.session.join(bench.room)
    const point = { historyId: 'history', incarnation: 'incarnation', seq: 3 }
    expect(bench.session.resume(point)).toBe(true)
    bench.room.headSeq = 4
    bench.session.deliver(batch([4, 'other']))
    bench.session.greet()
    expect(await bench.types()).toEqual(['sync-step-1', 'sync-step-2', 'update'])
  })
})

describe('a session', () => {
  it('[P22] takes step 2s as asked for only as often as the server asked', () => {
    const bench = new Bench()
    bench.session.join(bench.room)
    bench.session.greet()
    for (let i = 0; i < 2; i++) {
      bench.session.receive({ type: 'sync-step-2', update: Uint8Array.of(0, 0) })
    }
    expect(bench.room.received.map(({ solicited }) => solicited)).toEqual([true, false])
  })

  it('[P26] refuses large messages nobody asked for, and takes the one that was asked for', () => {
    const bench = new Bench()
    bench.session.join(bench.room)
    bench.session.greet()
    bench.session.receive({ type: 'sync-step-2', update: new Uint8Array(5_000) })
    expect(bench.closes).toEqual([])
    bench.session.receive({ type: 'sync-step-2', update: new Uint8Array(101) })
    bench.edit(101)
    bench.session.receive({ type: 'presence', update: new Uint8Array(101) })
    bench.session.receive({ type: 'sync-step-1', stateVector: new Uint8Array(101) })
    expect(bench.closes).toEqual(Array.from({ length: 4 }, () => 'too-large'))
    expect(bench.room.received.length).toBe(1)
  })

  it('[P23] never receives its own updates', () => {
    const whole = batchFor(batch([1, 'a'], [2, 'b'], [3, 'a'], [4, null]), STOCK_FRAMING, 'x')
    const all = Buffer.concat(whole)
    const frames = all.length / 4
    const hex = (sessionId: string): string =>
      Buffer.concat(
        batchFor(batch([1, 'a'], [2, 'b'], [3, 'a'], [4, null]), STOCK_FRAMING, sessionId),
      ).toString('hex')
    const one = (index: number): string =>
      all.subarray(index * frames, (index + 1) * frames).toString('hex')
    expect(whole.length).toBe(1)
    expect(hex('a')).toBe(one(1) + one(3))
    expect(hex('b')).toBe(one(0) + one(2) + one(3))
    expect(batchFor(batch([1, 'a']), STOCK_FRAMING, 'a')).toEqual([])
  })

  it('[P23] never receives its own updates, however large they are or slowly it reads', async () => {
    const bench = await Bench.joined()
    bench.room.headSeq = 1
    const update = new Uint8Array(300 * KiB)
    bench.session.deliver(new UpdateBatch([{ seq: 1, author: 'me', update }]))
    expect(await bench.types()).toEqual([])
    bench.stall()
    bench.room.headSeq = 2
    const large = { seq: 2, author: null, update: new Uint8Array(20 * KiB) }
    bench.session.deliver(new UpdateBatch([large]))
    expect(await bench.types()).toEqual(['update'])
    bench.room.headSeq = 3
    bench.session.deliver(batch([3, 'me']))
    bench.room.headSeq = 4
    bench.session.deliver(batch([4, 'other']))
    await bench.drain()
    const said = await bench.said()
    expect(said).toEqual([{ type: 'update', update: record(4) }])
  })

  it('[P23] frames a batch once for all sessions with the same framing', () => {
    const shared = batch([1, 'a'], [2, 'b'])
    const [first] = batchFor(shared, STOCK_FRAMING, 'x')
    expect(batchFor(shared, STOCK_FRAMING, 'y')[0]).toBe(first)
    expect(batchFor(shared, STOCK_FRAMING, 'b')[0]?.buffer).toBe(first?.buffer)
    expect(batchFor(shared, CHANNEL, 'x')[0]).not.toBe(first)
  })

  it('[B1] that lags is sent nothing, and when it has drained presence in its latest state', async () => {
    const bench = await Bench.joined()
    let state = 0
    const source: PresenceSource = { encode: () => Uint8Array.of(1, state) }
    bench.stall()
    await bench.fill()
    for (state = 1; state < 50; state++) bench.session.presenceChanged([state % 3], source)
    bench.room.take(2)
    bench.edit()
    bench.room.commit(2)
    expect(await bench.types()).toEqual([])
    await bench.drain()
    const said = await bench.said()
    expect(said.map(({ type }) => type)).toEqual(['presence', 'ack', 'resume-point'])
    expect(said[0]).toMatchObject({ update: Uint8Array.of(1, 50) })
  })

  it('[B1] that has much to catch up with hears of its acks each time it has drained', async () => {
    const bench = await Bench.joined()
    bench.stall()
    await bench.fill()
    const source: PresenceSource = { encode: () => Uint8Array.of(1, 9) }
    bench.session.presenceChanged([9], source)
    bench.room.after = (seq) => {
      const missed = range(seq + 1, bench.room.headSeq).map(() => new Uint8Array(20 * KiB))
      return { batches: [UpdateBatch.ofRecords(missed, bench.room.headSeq)], seq: 10 }
    }
    bench.room.take(2)
    bench.edit()
    bench.room.take(10)
    bench.session.deliver(batch([2, 'me'], [10, 'other']))
    bench.room.commit(2)
    await bench.read()
    expect(await bench.types()).toEqual(['update', 'presence', 'ack', 'resume-point'])
    bench.edit()
    bench.room.commit(10)
    await bench.read()
    expect(await bench.said()).toContainEqual({ type: 'ack', count: 2 })
  })

  it('[B2] that lags keeps its place in the log, and takes up from there exactly once', async () => {
    const bench = await Bench.joined()
    bench.stall()
    await bench.fill()
    for (let seq = 2; seq <= 100; seq++) {
      bench.room.headSeq = seq
      bench.session.deliver(batch([seq, 'other']))
    }
    expect(await bench.types()).toEqual([])
    await bench.drain()
    const missed = (await bench.said()).filter(({ type }) => type === 'update')
    expect(missed).toEqual(range(2, 100).map((seq) => ({ type: 'update', update: record(seq) })))
    bench.room.headSeq = 101
    bench.session.deliver(batch([101, 'other']))
    expect(await bench.said()).toEqual([{ type: 'update', update: record(101) }])
  })

  it('[B2] takes a long way in pieces, each when the one before was read', async () => {
    const bench = await Bench.joined()
    bench.room.answers = Array.from({ length: 8 }, () => new Uint8Array(20 * KiB))
    bench.stall()
    bench.step1()
    const seen: string[][] = []
    for (let i = 0; i < 9; i++) {
      seen.push(await bench.types())
      await bench.read()
    }
    expect(seen.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => ['update']))
    expect(await bench.types()).toEqual([])
    expect(seen[8]).toEqual(['sync-step-2'])
  })

  it('[B3] answers the last of several step 1s when it has read the answer before', async () => {
    const bench = await Bench.joined()
    bench.room.answers = [new Uint8Array(200 * KiB)]
    bench.stall()
    bench.step1()
    expect(await bench.types()).toEqual(['update'])
    for (let i = 0; i < 10; i++) bench.step1()
    expect(await bench.types()).toEqual([])
    expect(bench.closes).toEqual([])
    await bench.drain()
    expect(await bench.types()).toEqual(['update', 'sync-step-2'])
  })

  it.each([true, false])(
    '[B7] answers five step 1s in ten seconds at once, and the last of all others together (acks: %s)',
    async (acknowledges) => {
      const bench = new Bench(acknowledges)
      const answers = async (): Promise<number> =>
        (await bench.types()).filter((type) => type === 'sync-step-2').length
      bench.session.join(bench.room)
      for (let i = 0; i < 5; i++) {
        bench.step1()
        expect(await answers()).toBe(1)
      }
      for (let i = 0; i < 20; i++) bench.step1()
      for (let second = 0; second < 10; second++) {
        bench.visit()
        expect(await answers()).toBe(0)
        await bench.clock.advance(1_000)
      }
      expect(bench.closes).toEqual([])
      bench.visit()
      expect(await answers()).toBe(1)
      bench.visit()
      expect(await answers()).toBe(0)
      bench.step1()
      expect(await answers()).toBe(1)
    },
  )

  it('[P27] says nothing of acks in the y-websocket dialect', async () => {
    const bench = new Bench(false)
    bench.session.join(bench.room)
    bench.step1()
    await bench.said()
    bench.room.take(1)
    bench.edit()
    bench.room.commit(1)
    expect(await bench.types()).toEqual([])
  })

  it('[P33] hears nothing more from a room it has left', () => {
    const bench = new Bench()
    bench.session.join(bench.room)
    bench.session.leave()
    expect(bench.room.peers.size).toBe(0)
    bench.edit()
    bench.step1()
    expect(bench.room.received).toEqual([])
    expect(bench.session.open).toBe(false)
  })
})

it('[B10] the state vector of a document with very many clients is no reply that its peer must have read', async () => {
  const bench = new Bench()
  const stateVector = new Uint8Array(60 * KiB)
  bench.room.stateVector = () => stateVector
  bench.session.join(bench.room)
  bench.session.greet()
  expect(await bench.said()).toEqual([{ type: 'sync-step-1', stateVector }])
  expect(bench.closes).toEqual([])
  bench.stall()
  await bench.fill()
  // Whoever does not read is not sent one after the other for that.
  bench.session.send({ type: 'sync-step-1', stateVector })
  expect(bench.closes).toContain('overloaded')
})

it('[B7] keeps no large state vector while a step 1 waits: it is answered with the whole document', async () => {
  const vectors: number[] = []
  const bench = new Bench(true, 200 * KiB)
  const answer = bench.room.answer.bind(bench.room)
  bench.room.answer = (stateVector) => {
    vectors.push(stateVector?.length ?? 0)
    return answer()
  }
  bench.session.join(bench.room)
  const ask = (bytes: number): void => {
    bench.session.receive({ type: 'sync-step-1', stateVector: new Uint8Array(bytes) })
  }
  for (let i = 0; i < 5; i++) ask(100 * KiB)
  ask(100 * KiB)
  await bench.clock.advance(10_000)
  bench.visit()
  await bench.said()
  expect(vectors).toEqual([...Array.from({ length: 5 }, () => 100 * KiB), 1])
  for (let i = 0; i < 4; i++) ask(KiB)
  ask(10 * KiB)
  await bench.clock.advance(10_000)
  bench.visit()
  await bench.said()
  expect(vectors.at(-1)).toBe(10 * KiB)
})

it('[R43] a step 1 waits for a snapshot that is on disk only, and is answered once when it is here', async () => {
  const bench = new Bench()
  bench.room.onDisk = () => {}
  bench.room.answers = [Uint8Array.of(0, 0)]
  bench.session.join(bench.room)
  bench.step1()
  bench.step1()
  expect(await bench.types()).toEqual([])
  expect(bench.room.fetches).toBe(1)
  bench.room.read(true)
  expect(await bench.types()).toEqual(['update', 'sync-step-2', 'resume-point'])
})

it('[R43] a reader that fell behind a snapshot on disk waits for it', async () => {
  const bench = await Bench.joined()
  bench.stall()
  await bench.fill()
  bench.room.take(3)
  bench.session.deliver(new UpdateBatch([{ seq: 3, author: null, update: record(3) }]))
  bench.room.onDisk = () => {}
  await bench.drain()
  expect(await bench.types()).toEqual([])
  bench.room.read(true)
  expect(await bench.types()).toContain('update')
})

it('[R43] a session whose document cannot be read again ends, and says so', async () => {
  const bench = new Bench()
  bench.room.onDisk = () => {}
  bench.session.join(bench.room)
  bench.step1()
  bench.room.read(false)
  await bench.said()
  expect(bench.closes).toEqual(['document-unavailable'])
  expect(bench.room.peers.size).toBe(0)
  expect(bench.session.open).toBe(false)
})
