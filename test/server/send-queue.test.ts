import { describe, expect, it } from 'vitest'
import { FlushTurn } from '../../server/src/transport/flush-turn.js'
import { SendQueue, type SendOwner, type Wire } from '../../server/src/transport/send-queue.js'
import { UnsentBudget } from '../../server/src/transport/unsent-budget.js'
import { VirtualClock } from '../support/virtual-clock.js'

/** A socket whose operating system takes bytes only when a test says so. */
class StuckWire implements Wire {
  readonly writes: Uint8Array[] = []
  corked = 0
  writableLength = 0

  write(bytes: Uint8Array): void {
    this.writes.push(bytes)
    this.writableLength += bytes.length
  }

  cork(): void {
    this.corked++
  }

  uncork(): void {
    this.corked--
  }

  drain(bytes = this.writableLength): void {
    this.writableLength -= bytes
  }

  get sent(): number {
    return this.writes.reduce((sum, bytes) => sum + bytes.length, 0)
  }
}

const bounds = { lagBytes: 1_000, unsentBytes: 5_000, budget: new UnsentBudget(1_000_000_000) }
const bytes = (length: number): Uint8Array => new Uint8Array(length)
const turn = (): Promise<void> => Promise.resolve()

interface Owner extends SendOwner {
  writable: boolean
  overflows: number
  collect: () => void
}

function setUp(): { wire: StuckWire; queue: SendQueue; owner: Owner } {
  const wire = new StuckWire()
  const owner: Owner = {
    writable: true,
    overflows: 0,
    collect: () => {},
    overflowed: () => {
      owner.overflows++
      owner.writable = false
    },
    giveUp: () => {},
  }
  return {
    wire,
    owner,
    queue: new SendQueue(wire, bounds, new FlushTurn(new VirtualClock()), owner),
  }
}

describe('the send queue', () => {
  it('[P23] writes what is enqueued in one turn at once, in order', async () => {
    const { wire, queue } = setUp()
    queue.enqueue(Uint8Array.of(1))
    queue.enqueue(Uint8Array.of(2, 3))
    expect(wire.writes).toEqual([])
    await turn()
    expect(wire.writes).toEqual([Buffer.of(1, 2, 3)])
    queue.enqueue(Uint8Array.of(4))
    await turn()
    expect(wire.writes.length).toBe(2)
  })

  it('[P23] hands a lone frame and large ones over without a copy', async () => {
    const { wire, queue } = setUp()
    const [shared, large] = [bytes(10), bytes(20_000)]
    queue.enqueue(shared)
    await turn()
    expect(wire.writes[0]).toBe(shared)
    queue.enqueue(bytes(10), true)
    queue.enqueue(large, true)
    await turn()
    expect(wire.writes[2]).toBe(large)
    expect(wire.corked).toBe(0)
  })

  it('[B1] asks for presence and acks only when the peer keeps up', async () => {
    const { wire, queue, owner } = setUp()
    let asked = 0
    owner.collect = () => void asked++
    queue.enqueue(bytes(1_200))
    await turn()
    expect(asked).toBe(0)
    expect(queue.lagging).toBe(true)
    queue.schedule()
    await turn()
    expect(asked).toBe(0)
    wire.drain()
    queue.schedule()
    await turn()
    expect(asked).toBe(1)
  })

  it('[P23] puts what was collected into the same write', async () => {
    const { wire, queue, owner } = setUp()
    owner.collect = () => queue.enqueue(Uint8Array.of(9))
    queue.schedule()
    queue.enqueue(Uint8Array.of(1))
    await turn()
    await turn()
    expect(wire.writes).toEqual([Buffer.of(1, 9)])
  })

  it('[P23] collects only when that was asked for, and with the next write if it may wait', async () => {
    const { wire, queue, owner } = setUp()
    owner.collect = () => queue.enqueue(Uint8Array.of(9))
    queue.enqueue(Uint8Array.of(1))
    await turn()
    expect(wire.writes).toEqual([Uint8Array.of(1)])
    queue.scheduleLater()
    await turn()
    expect(wire.writes).toHaveLength(1)
    queue.enqueue(Uint8Array.of(2))
    await turn()
    expect(wire.writes[1]).toEqual(Buffer.of(2, 9))
  })

  it('[B2] leaves a connection alone that is being closed, whatever there was to collect', async () => {
    const { queue, owner } = setUp()
    let looks = 0
    Object.defineProperty(owner, 'writable', {
      get: () => {
        // Flushing it again and again would be a turn that never ends, and no test could say so.
        if (++looks > 100) throw new Error('looked at for ever')
        return false
      },
    })
    queue.schedule()
    for (let i = 0; i < 200; i++) await turn()
    expect(looks).toBeLessThan(10)
  })

  it('[B2] goes on collecting until nothing is left, or the socket is full', async () => {
    const { wire, queue, owner } = setUp()
    const takes = [true, true]
    wire.write = (frames) => {
      wire.writes.push(frames)
      if (takes.pop() !== true) wire.writableLength += frames.length
    }
    let left = 5
    owner.collect = () => {
      if (left-- > 0) queue.enqueue(bytes(1_001), true)
    }
    queue.schedule()
    for (let i = 0; i < 10; i++) await turn()
    expect(wire.writes).toHaveLength(3)
    wire.drain()
    queue.schedule()
    await turn()
    expect(wire.writes).toHaveLength(4)
  })

  it('[B10] gives up a peer past the bound, once, and drops what was waiting', async () => {
    const { wire, queue, owner } = setUp()
    queue.enqueue(bytes(3_000))
    await turn()
    queue.enqueue(bytes(2_000))
    expect(owner.overflows).toBe(0)
    queue.enqueue(bytes(1))
    expect(owner.overflows).toBe(1)
    queue.enqueue(bytes(1_000))
    await turn()
    expect(owner.overflows).toBe(1)
    expect(wire.sent).toBe(3_000)
    expect(queue.unsent).toBe(3_000)
  })

  it('[B10] does not count the document, however large, but counts what follows it', async () => {
    const { wire, queue, owner } = setUp()
    queue.enqueue(bytes(1_000_000), true)
    await turn()
    queue.enqueue(bytes(4_900))
    await turn()
    expect(owner.overflows).toBe(0)
    wire.drain(990_000)
    queue.enqueue(bytes(50))
    await turn()
    expect(owner.overflows).toBe(0)
    queue.enqueue(bytes(100))
    expect(owner.overflows).toBe(1)
  })

  it('[B10] stays within the bound whatever is enqueued: the control without it grows', async () => {
    const { queue, owner } = setUp()
    const unbounded = new SendQueue(
      new StuckWire(),
      { ...bounds, unsentBytes: Number.POSITIVE_INFINITY },
      new FlushTurn(new VirtualClock()),
      { writable: true, collect: () => {}, overflowed: () => {}, giveUp: () => {} },
    )
    for (let i = 0; i < 100; i++) {
      queue.enqueue(bytes(777))
      unbounded.enqueue(bytes(777))
      await turn()
    }
    expect(owner.overflows).toBe(1)
    expect(queue.unsent).toBeLessThanOrEqual(bounds.unsentBytes)
    expect(unbounded.unsent).toBeGreaterThan(bounds.unsentBytes)
  })

  it('[B10] with too much unsent in all, those that have not read for longest are dropped', async () => {
    const budget = new UnsentBudget(10_000)
    const dropped: number[] = []
    const wires = [0, 1, 2, 3].map((index) => {
      const { wire, owner } = setUp()
      const giveUp = (): void => void dropped.push(index)
      const shared = { ...bounds, budget }
      const turns = new FlushTurn(new VirtualClock())
      return { wire, queue: new SendQueue(wire, shared, turns, { ...owner, giveUp }) }
    })
    for (const { queue } of wires.slice(0, 3)) queue.enqueue(bytes(3_000))
    await turn()
    expect(budget.total).toBe(9_000)
    wires[0]?.wire.drain()
    wires[0]?.queue.schedule()
    wires[3]?.queue.enqueue(bytes(4_500))
    await turn()
    expect(dropped).toEqual([1])
    for (const { queue } of wires) queue.end()
    expect(budget.total).toBe(0)
  })

  it('[B10] who was dropped for what all have unsent is not counted again before its socket is gone', async () => {
    const budget = new UnsentBudget(10_000)
    const turns = new FlushTurn(new VirtualClock())
    const dropped: number[] = []
    const queues = [0, 1, 2].map((index) => {
      const owner: SendOwner = {
        writable: true,
        collect: () => {},
        overflowed: () => {},
        giveUp: () => {
          dropped.push(index)
          queues[index]?.end()
        },
      }
      return new SendQueue(new StuckWire(), { ...bounds, budget }, turns, owner)
    })
    for (const queue of queues) queue.enqueue(bytes(3_000))
    await turn()
    // Somebody moves a cursor: all are visited in one turn, also the one that is dropped in it.
    for (const queue of queues.toReversed()) queue.enqueue(bytes(1_200))
    await turn()
    expect(dropped).toEqual([0])
    expect(budget.total).toBe(8_400)
  })

  it('[P23] writes nothing once the connection is closing', async () => {
    const { wire, queue, owner } = setUp()
    queue.enqueue(bytes(10))
    owner.writable = false
    await turn()
    expect(wire.writes).toEqual([])
  })

  it('[B1] encodes what several peers receive in one turn once, and anew in the next', async () => {
    const flush = new FlushTurn(new VirtualClock())
    const key = [1, 2]
    let encoded = 0
    const encodings: (Uint8Array | null)[] = []
    const queues = [0, 0, 1].map((framing): SendQueue => {
      const owner: SendOwner = {
        writable: true,
        overflowed: () => {},
        giveUp: () => {},
        collect: () =>
          void encodings.push(flush.encodedOnce(key, framing, () => Uint8Array.of(++encoded))),
      }
      return new SendQueue(new StuckWire(), bounds, flush, owner)
    })
    for (const queue of queues) queue.schedule()
    await turn()
    expect(encodings).toEqual([Uint8Array.of(1), Uint8Array.of(1), Uint8Array.of(2)])
    queues[0]?.schedule()
    await turn()
    expect(encodings[3]).toEqual(Uint8Array.of(3))
  })
})
