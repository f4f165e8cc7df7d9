import { describe, expect, it } from 'vitest'
import {
  Heartbeat,
  Liveness,
  type Activity,
  type Verdict,
} from '../../server/src/transport/heartbeat.js'
import { ManualClock } from '../support/manual-clock.js'

const quiet: Activity = { received: 100, enqueued: 50, unsent: 0, paused: false }
const VISIT_MS = 5_000

/** Verdicts of visits every five seconds; `activity` says what each of them sees. */
function visits(count: number, activity: (visit: number) => Partial<Activity>): Verdict[] {
  const liveness = new Liveness()
  const verdicts: Verdict[] = []
  for (let visit = 0; visit < count; visit++) {
    verdicts.push(liveness.look(visit * VISIT_MS, { ...quiet, ...activity(visit) }))
  }
  return verdicts
}

const MiB = 1024 * 1024

describe('the heartbeat', () => {
  it('[P32] visits each connection every five seconds from one timer', () => {
    const clock = new ManualClock()
    const heartbeat = new Heartbeat(clock)
    const visited: number[] = []
    heartbeat.start()
    expect(clock.waiting).toBe(1)
    clock.advance(2_000)
    heartbeat.add({ visit: (now) => visited.push(now) })
    clock.advance(15_000)
    expect(visited).toEqual([7_000, 12_000, 17_000])
    expect(clock.waiting).toBe(1)
    heartbeat.stop()
    expect(clock.waiting).toBe(0)
  })

  it('[P32] visits once within a second, and never what was deleted', () => {
    const clock = new ManualClock()
    const heartbeat = new Heartbeat(clock)
    heartbeat.start()
    let visited = 0
    const pulse = { visit: () => void visited++ }
    heartbeat.once(pulse)
    heartbeat.once(pulse)
    clock.advance(10_000)
    expect(visited).toBe(1)
    heartbeat.add(pulse)
    heartbeat.addEveryTick(pulse)
    heartbeat.once(pulse)
    heartbeat.delete(pulse)
    clock.advance(20_000)
    expect(visited).toBe(1)
  })
})

describe('liveness', () => {
  it('[P32] pings a silent peer after 25 and 50 seconds and gives up after 75', () => {
    const verdicts = visits(16, () => ({}))
    expect(
      verdicts.flatMap((verdict, visit) => (verdict === 'fine' ? [] : [[visit, verdict]])),
    ).toEqual([
      [5, 'ping'],
      [10, 'ping'],
      [15, 'dead'],
    ])
  })

  it('[P32] starts anew with every byte that arrives', () => {
    const answered = visits(40, (visit) => ({ received: Math.floor(visit / 6) }))
    expect(answered).toContain('ping')
    expect(answered).not.toContain('dead')
  })

  it('[P34] takes silence for nothing while this end does not read', () => {
    expect(new Set(visits(40, () => ({ paused: true })))).toEqual(new Set(['fine']))
  })

  it('[B4] calls a connection stuck when none of its unsent bytes go for 30 s', () => {
    const stuck = visits(7, (visit) => ({ received: visit, unsent: 10 }))
    expect(stuck).toEqual([...Array.from({ length: 6 }, () => 'fine'), 'stuck'])
    const slow = visits(40, (visit) => ({ received: visit, enqueued: 1_000, unsent: 900 - visit }))
    expect(slow).not.toContain('stuck')
  })

  it('[B4] waits for a steady reader of one large write, whose end alone is to be seen', () => {
    const liveness = new Liveness()
    const write = { received: 10, enqueued: 30 * MiB, unsent: 30 * MiB, paused: false }
    // At 490 KB/s it takes 64 s, in which no counter moves.
    for (let now = 0; now <= 65_000; now += 5_000) {
      expect(['fine', 'ping']).toContain(liveness.look(now, write))
    }
    expect(liveness.look(30_000 + 30 * 8_000, write)).toBe('stuck')
  })

  it('[B4] gives a connection 30 s from its first visit, however long the server has run', () => {
    const liveness = new Liveness()
    const started = 1_000_000
    const verdicts = Array.from({ length: 7 }, (_, visit) =>
      // Hello and the whole answer left in one write, of which nothing has been taken yet.
      liveness.look(started + visit * VISIT_MS, { ...quiet, received: visit, unsent: 50 }),
    )
    expect(verdicts).toEqual([...Array.from({ length: 6 }, () => 'fine'), 'stuck'])
  })

  it('[B4] does not take pings that pile up for bytes that go', () => {
    const stuck = visits(7, (visit) => ({ received: visit, unsent: 10 + 6 * visit }))
    expect(stuck.at(-1)).toBe('stuck')
  })

  it('[P32] asks for a message so early that no gap exceeds 20 s', () => {
    const liveness = new Liveness()
    let enqueued = 0
    let sentAt = 0
    let largestGap = 0
    // A message right after a visit is noticed latest.
    for (let now = VISIT_MS; now < 300_000; now += VISIT_MS) {
      liveness.look(now, { ...quiet, received: now, enqueued })
      if (!liveness.needsMessage(now)) continue
      largestGap = Math.max(largestGap, now - sentAt)
      enqueued++
      sentAt = now
    }
    expect(largestGap).toBeGreaterThan(0)
    expect(largestGap).toBeLessThanOrEqual(20_000)
  })
})
