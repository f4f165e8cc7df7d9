import { describe, expect, it } from 'vitest'
import { AckLedger } from '../../server/src/transport/ack-ledger.js'
import { SeededRandom } from '../support/random.js'
import { batch, SessionBench } from '../support/session-bench.js'

describe('acks', () => {
  it('[P28] wait for the disk', async () => {
    const bench = await SessionBench.joined()
    bench.room.take(1)
    bench.edit()
    expect(await bench.types()).toEqual([])
    bench.room.commit(1)
    expect(await bench.said()).toContainEqual({ type: 'ack', count: 1 })
  })

  it('[P28] are cumulative: one for all that one commit made durable', async () => {
    const bench = await SessionBench.joined()
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
    const bench = await SessionBench.joined()
    bench.room.take(7)
    bench.edit()
    bench.edit()
    expect(await bench.types()).toEqual([])
    bench.room.commit(7)
    expect(await bench.said()).toContainEqual({ type: 'ack', count: 2 })
    bench.edit()
    expect(await bench.said()).toEqual([{ type: 'ack', count: 3 }])
  })

  it('[P28] travel with edits of others while those come, and wait for them 50 ms at most', async () => {
    const bench = await SessionBench.joined()
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
    await bench.clock.advance(24)
    expect(await bench.types()).toEqual([])
    await bench.clock.advance(26)
    expect(await bench.types()).toEqual(['ack'])
  })

  it('[P28] that have travelled with an edit are not waited for any more', async () => {
    const bench = await SessionBench.joined()
    bench.session.deliver(batch([1, 'other']))
    await bench.said()
    bench.room.take(2)
    bench.edit()
    bench.room.commit(2)
    await bench.clock.advance(20)
    bench.session.deliver(batch([3, 'other']))
    expect(await bench.types()).toEqual(['update', 'ack', 'resume-point'])
    bench.room.take(4)
    bench.edit()
    bench.room.commit(4)
    // The time of the first is over now; that of the second is not.
    await bench.clock.advance(10)
    expect(await bench.types()).toEqual([])
    await bench.clock.advance(40)
    expect(await bench.types()).toEqual(['ack'])
  })

  it('[P28] count rejected messages, after those before them', async () => {
    const bench = await SessionBench.joined()
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

  it('[R99] wait for a message that is held, and what came meanwhile with it; a refusal names it', async () => {
    const bench = await SessionBench.joined()
    const message = { count: 0 }
    bench.room.receipt = { outcome: 'held', message }
    bench.edit()
    bench.room.take(1)
    bench.edit()
    bench.room.commit(1)
    expect(await bench.types()).toEqual([])
    bench.room.take(2)
    const no = { outcome: 'refused', code: 'forged', message: 'no' } as const
    bench.session.decided(message, no)
    expect(bench.refusals).toEqual(['1 forged'])
    // Somebody else's edit was received meanwhile; nobody looks closer than that.
    expect(await bench.types()).toEqual([])
    bench.room.commit(2)
    expect(await bench.said()).toContainEqual({ type: 'ack', count: 2 })
    bench.session.leave()
    bench.session.decided(message, no)
    expect(bench.refusals).toEqual(['1 forged'])
  })

  it('[R99] come for everything when nothing is held any more and the disk has it, and not before', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed)
      const ledger = new AckLedger()
      const messages: number[] = []
      const held: number[] = []
      let head = 0
      let durable = 0
      const decide = (): void => {
        const at = random.below(held.length)
        messages[held[at]!] = head
        held.splice(at, 1)
        ledger.decided(head)
        ledger.durable(durable)
      }
      for (let step = 0; step < 60; step++) {
        const dice = random.fraction()
        if (dice < 0.3) messages.push(ledger.accepted(++head, durable) && head)
        else if (dice < 0.4) messages.push(ledger.refused() && 0)
        else if (dice < 0.55) messages[held[held.push(ledger.held() - 1) - 1]!] = Infinity
        else if (dice < 0.7 && held.length > 0) decide()
        else ledger.durable((durable += random.below(head - durable + 1)))
        const unsettled = messages.findIndex((seq) => seq > durable)
        const most = unsettled < 0 ? messages.length : unsettled
        expect(ledger.acked, `seed ${seed}`).toBeLessThanOrEqual(most)
      }
      while (held.length > 0) decide()
      ledger.durable(head)
      expect(ledger.acked, `seed ${seed}`).toBe(messages.length)
    }
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
  it('[P29] come with the first ack, then not with each, but with the next visit', async () => {
    const bench = await SessionBench.joined()
    for (const seq of [1, 2]) {
      bench.room.take(seq)
      bench.edit()
      bench.session.deliver(batch([seq, 'me']))
      bench.room.commit(seq)
      // Whoever says "saved" has to know in which history.
      expect(await bench.types()).toEqual(seq === 1 ? ['ack', 'resume-point'] : ['ack'])
    }
    bench.visit()
    expect(await bench.said()).toEqual([{ type: 'resume-point', seq: 2 }])
  })

  it('[P29] travel with edits of others while those come', async () => {
    const bench = await SessionBench.joined()
    bench.room.headSeq = 2
    bench.session.deliver(batch([1, 'other']))
    await bench.said()
    bench.room.commit(1)
    bench.visit()
    expect(await bench.types()).toEqual([])
    bench.session.deliver(batch([2, 'other']))
    expect(await bench.types()).toEqual(['update', 'resume-point'])
  })

  it('[P29] come after what they cover was sent and when it is on disk', async () => {
    const bench = await SessionBench.joined()
    bench.room.headSeq = 2
    bench.session.deliver(batch([1, 'other'], [2, null]))
    expect(await bench.types()).toEqual(['update', 'update'])
    bench.room.commit(1)
    await bench.clock.advance(1_000)
    bench.visit()
    expect(await bench.said()).toEqual([{ type: 'resume-point', seq: 1 }])
    bench.visit()
    expect(await bench.said()).toEqual([])
    bench.room.commit(2)
    bench.visit()
    expect(await bench.said()).toEqual([{ type: 'resume-point', seq: 2 }])
  })

  it('[P29] do not exist before the first answer', async () => {
    const bench = new SessionBench()
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
    const bench = new SessionBench()
    bench.session.join(bench.room)
    bench.room.resumable = false
    const point = { historyId: 'history', incarnation: 'incarnation', seq: 3 }
    expect(bench.session.resume(point)).toBe(false)
  })

  it('[P29] send what was missed after hello, which is said in the same turn', async () => {
    const bench = new SessionBench()
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
