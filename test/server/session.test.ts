import { describe, expect, it } from 'vitest'
import type { PresenceSource } from '../../server/src/rooms/peer.js'
import { UpdateBatch } from '../../server/src/rooms/update-batch.js'
import { batchFor, STOCK_FRAMING } from '../../server/src/transport/encodings.js'
import { batch, CHANNEL, range, record, SessionBench } from '../support/session-bench.js'

const KiB = 1024

/** What a session receives of a batch by several authors. */
function hexFor(sessionId: string): string {
  const shared = batch([1, 'a'], [2, 'b'], [3, 'a'], [4, null])
  return Buffer.concat(batchFor(shared, STOCK_FRAMING, sessionId)).toString('hex')
}

describe('a session', () => {
  it('[P22] takes step 2s as asked for only as often as the server asked', () => {
    const bench = new SessionBench()
    bench.session.join(bench.room)
    bench.session.greet()
    for (let i = 0; i < 2; i++) {
      bench.session.receive({ type: 'sync-step-2', update: Uint8Array.of(0, 0) })
    }
    expect(bench.room.received.map(({ solicited }) => solicited)).toEqual([true, false])
  })

  it('[P26] refuses large messages nobody asked for, and takes the one that was asked for', () => {
    const bench = new SessionBench()
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
    const one = (index: number): string =>
      all.subarray(index * frames, (index + 1) * frames).toString('hex')
    expect(whole.length).toBe(1)
    expect(hexFor('a')).toBe(one(1) + one(3))
    expect(hexFor('b')).toBe(one(0) + one(2) + one(3))
    expect(batchFor(batch([1, 'a']), STOCK_FRAMING, 'a')).toEqual([])
  })

  it('[P23] never receives its own updates, however large they are or slowly it reads', async () => {
    const bench = await SessionBench.joined()
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
    const bench = await SessionBench.joined()
    let state = 0
    const source: PresenceSource = {
      states: (ids) => [...ids].map((clientId) => ({ clientId, encoded: Uint8Array.of(state) })),
    }
    bench.stall()
    await bench.fill()
    for (state = 1; state < 50; state++) {
      bench.session.presenceChanged([state % 3], null, source)
    }
    bench.room.take(2)
    bench.edit()
    bench.room.commit(2)
    expect(await bench.types()).toEqual([])
    await bench.drain()
    const said = await bench.said()
    expect(said.map(({ type }) => type)).toEqual(['presence', 'ack', 'resume-point'])
    expect(said[0]).toMatchObject({ update: Uint8Array.of(3, 50, 50, 50) })
  })

  it('[B1] that has much to catch up with hears of its acks each time it has drained', async () => {
    const bench = await SessionBench.joined()
    bench.stall()
    await bench.fill()
    const source: PresenceSource = { states: () => [{ clientId: 9, encoded: Uint8Array.of(9) }] }
    bench.session.presenceChanged([9], null, source)
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
    const bench = await SessionBench.joined()
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
    const bench = await SessionBench.joined()
    bench.room.answers = Array.from({ length: 8 }, () => new Uint8Array(20 * KiB))
    bench.stall()
    bench.step1()
    const seen: string[][] = []
    for (let i = 0; i < 9; i++) {
      seen.push(await bench.types())
      await bench.read()
    }
    expect(seen.slice(0, 7)).toEqual(Array.from({ length: 7 }, () => ['update']))
    // The end goes with the last piece.
    expect(seen.slice(7)).toEqual([['update', 'sync-step-2'], []])
    expect(await bench.types()).toEqual([])
  })

  it('[B3] answers the last of several step 1s when it has read the answer before', async () => {
    const bench = await SessionBench.joined()
    bench.room.answers = [new Uint8Array(200 * KiB)]
    bench.stall()
    bench.step1()
    expect(await bench.types()).toEqual(['update', 'sync-step-2'])
    for (let i = 0; i < 10; i++) bench.step1()
    expect(await bench.types()).toEqual([])
    expect(bench.closes).toEqual([])
    await bench.drain()
    expect(await bench.types()).toEqual(['update', 'sync-step-2'])
  })

  it.each([true, false])(
    '[B7] answers five step 1s in ten seconds at once, and the last of all others together (acks: %s)',
    async (acknowledges) => {
      const bench = new SessionBench(acknowledges)
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
    const bench = new SessionBench(false)
    bench.session.join(bench.room)
    bench.step1()
    await bench.said()
    bench.room.take(1)
    bench.edit()
    bench.room.commit(1)
    expect(await bench.types()).toEqual([])
  })

  it('[P33] hears nothing more from a room it has left', () => {
    const bench = new SessionBench()
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
  const bench = new SessionBench()
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
  const bench = new SessionBench(true, 200 * KiB)
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
  const bench = new SessionBench()
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
  const bench = await SessionBench.joined()
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
  const bench = new SessionBench()
  bench.room.onDisk = () => {}
  bench.session.join(bench.room)
  bench.step1()
  bench.room.read(false)
  await bench.said()
  expect(bench.closes).toEqual(['document-unavailable'])
  expect(bench.room.peers.size).toBe(0)
  expect(bench.session.open).toBe(false)
})
