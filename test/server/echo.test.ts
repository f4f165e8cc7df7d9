import { describe, expect, it } from 'vitest'
import { Echo } from '../../server/src/transport/echo.js'
import { range, record, SessionBench } from '../support/session-bench.js'

const whole = { updateAt: record }

function taken(echo: Echo, log: Parameters<Echo['next']>[0] = whole): number[] {
  const seqs: number[] = []
  for (let update = echo.next(log); update !== null; update = echo.next(log)) seqs.push(update[0]!)
  return seqs
}

/** The session writes so many updates, each of which takes a number. */
function write(bench: SessionBench, count: number): void {
  for (let seq = bench.room.headSeq + 1; count > 0; seq++, count--) {
    bench.room.next = seq
    bench.edit()
  }
}

describe('an echo', () => {
  it('[P35] sends back what is on disk, in order and once', () => {
    const echo = new Echo()
    for (const seq of [1, 2, 5, 7]) echo.wrote(seq)
    expect(taken(echo)).toEqual([])
    expect(echo.durable(1)).toBe(true)
    expect(taken(echo)).toEqual([1])
    expect(echo.durable(1)).toBe(false)
    expect(echo.durable(6)).toBe(true)
    expect(taken(echo)).toEqual([2, 5])
    expect(echo.durable(7)).toBe(true)
    expect(taken(echo)).toEqual([7])
    expect(echo.durable(9)).toBe(false)
  })

  it('[P35] passes over what the log no longer has', () => {
    const echo = new Echo()
    for (const seq of [1, 2, 3, 5]) echo.wrote(seq)
    echo.durable(5)
    expect(taken(echo, { updateAt: (seq) => (seq > 2 ? record(seq) : undefined) })).toEqual([3, 5])
  })

  it('[P35] keeps 64 stretches of the log and takes what lies between them when there are more', () => {
    const echo = new Echo()
    for (let seq = 1; seq <= 200; seq += 2) echo.wrote(seq)
    echo.durable(200)
    const firsts = range(1, 63).map((n) => 2 * n - 1)
    expect(taken(echo)).toEqual([...firsts, ...range(127, 199)])
  })
})

describe('a session that is sent its own updates back', () => {
  it('[P35] gets them when they are on disk, and never what it repeated', async () => {
    const bench = new SessionBench(false, 100, true)
    bench.session.join(bench.room)
    write(bench, 3)
    bench.edit()
    expect(await bench.types()).toEqual([])
    bench.room.commit(2)
    expect(await bench.said()).toEqual(
      range(1, 2).map((seq) => ({ type: 'update', update: record(seq) })),
    )
    bench.room.commit(4)
    expect(await bench.said()).toEqual([{ type: 'update', update: record(3) }])
  })

  it('[P35] gets nothing while it does not read, and is not closed for it', async () => {
    const bench = new SessionBench(false, 100, true)
    bench.session.join(bench.room)
    bench.stall()
    await bench.fill()
    write(bench, 100)
    bench.room.commit(101)
    expect(await bench.types()).toEqual([])
    await bench.drain()
    expect((await bench.types()).filter((type) => type === 'update')).toHaveLength(100)
    expect(bench.closes).toEqual([])
  })

  it('[P35] control: without being asked for, nothing is sent back', async () => {
    const bench = new SessionBench(false)
    bench.session.join(bench.room)
    write(bench, 3)
    bench.room.commit(3)
    expect(await bench.types()).toEqual([])
  })
})
