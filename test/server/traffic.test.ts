import { describe, expect, it } from 'vitest'
import { Metrics } from '../../server/src/metrics/metrics.js'
import { resolveOptions, type Options } from '../../server/src/options.js'
import { Rate } from '../../server/src/rate.js'
import { FrameCounter } from '../../server/src/transport/frame-counter.js'
import { Headcount } from '../../server/src/transport/headcount.js'
import { Strangers } from '../../server/src/transport/strangers.js'
import { Intake, Traffic, type Limited } from '../../server/src/transport/traffic.js'
import type { User } from '../../server/src/transport/users.js'
import { ManualClock } from '../support/manual-clock.js'
import { SeededRandom } from '../support/random.js'
import { clientFrame } from '../support/raw-socket.js'

const KiB = 1024
const MiB = 1024 * KiB

/** A connection that says whether it is read. */
class Line implements Limited {
  readonly intake = new Intake()
  readonly user: User | null
  pauses = 0
  /** What it sends as soon as it is read again. */
  next: (() => void) | null = null

  constructor(user: User | null = null) {
    this.user = user
  }

  pause(): void {
    this.pauses++
  }

  resume(): void {
    this.pauses--
    this.next?.()
  }
}

function world(given: Partial<Options> = {}) {
  const clock = new ManualClock()
  const metrics = new Metrics()
  const { options } = resolveOptions(given)
  return { clock, metrics, traffic: new Traffic(options, clock, metrics) }
}

function userOf(traffic: Traffic, subject = 'ada'): User {
  const user = traffic.users.enter(subject)
  if (user === null) throw new Error('too many connections')
  return user
}

const part = clientFrame(new Uint8Array(16 * KiB))
const read = Buffer.concat([part, part, part, part])

/** As many bytes as a socket brings with one read, in whole frames; or several times as many. */
function chunk(reads = 1): Buffer {
  return reads === 1 ? read : Buffer.concat(Array.from({ length: reads }, () => read))
}

describe('a rate', () => {
  it('[B34] allows its burst at once, and in the long run what it says', () => {
    const rate = new Rate(200, 2_000)
    let fullAt = 0
    let taken = 0
    // A minute of somebody who takes whatever they get.
    for (let now = 0; now < 60_000; now++) {
      while (rate.overdrawnMs(fullAt, now) === 0) {
        fullAt = rate.after(fullAt, 1, now)
        taken++
      }
    }
    expect(taken).toBeGreaterThan(2_000 + 59 * 200)
    expect(taken).toBeLessThan(2_000 + 60 * 200 + 10)
    // After a rest of ten seconds the burst is there again, and not more than that.
    const later = 60_000 + 3_600_000
    expect(rate.overdrawnMs(rate.after(fullAt, 2_000, later), later)).toBe(0)
    expect(rate.overdrawnMs(rate.after(fullAt, 2_001, later), later)).toBeCloseTo(5)
  })
})

describe('frames', () => {
  it('[B34] are counted wherever the bytes are cut', () => {
    const random = new SeededRandom(7)
    const sizes = [0, 1, 5, 125, 126, 200, 65_535, 65_536, 70_000, 3]
    const bytes = Buffer.concat(
      sizes.map((size, i) => clientFrame(new Uint8Array(size).fill(0x82), { fin: i % 3 === 0 })),
    )
    for (let round = 0; round < 12; round++) {
      const counter = new FrameCounter()
      let frames = 0
      for (let at = 0; at < bytes.length;) {
        const size = 1 + Math.floor(random.fraction() * (round < 5 ? 3 : 40_000))
        frames += counter.count(bytes.subarray(at, at + size))
        at += size
      }
      expect(frames).toBe(sizes.length)
      expect(counter.atStart).toBe(true)
    }
  })

  it('[B34] are at their start only between two of them', () => {
    const counter = new FrameCounter()
    const frame = clientFrame(new Uint8Array(300))
    counter.count(frame.subarray(0, 3))
    expect(counter.atStart).toBe(false)
    counter.count(frame.subarray(3, 200))
    expect(counter.atStart).toBe(false)
    counter.count(frame.subarray(200))
    expect(counter.atStart).toBe(true)
  })
})

describe('a connection', () => {
  it('[B34] is left unread for as long as it sends too much, and loses nothing', () => {
    const { clock, metrics, traffic } = world()
    const line = new Line()
    let sent = 0
    const send = (): void => {
      while (line.pauses === 0) {
        const bytes = chunk()
        sent += bytes.length
        traffic.received(line, bytes)
      }
    }
    line.next = send
    send()
    expect(sent).toBeGreaterThan(7 * MiB)
    expect(sent).toBeLessThan(9 * MiB)
    const burst = sent
    clock.advance(60_000)
    const perSecond = (sent - burst) / 60
    // Frames count beside their bytes.
    expect(perSecond).toBeGreaterThan(0.85 * MiB)
    expect(perSecond).toBeLessThan(1.05 * MiB)
    expect(metrics.registry.print()).toMatch(/limit_hits_total\{limit="inbound-bytes"\} [1-9]/)
    expect(metrics.registry.print()).toMatch(/throttled_milliseconds_total [56]\d{4}\n/)
    line.next = null
    clock.advance(1_000)
    expect(line.pauses).toBe(0)
    // One timer while somebody waits, and none afterwards.
    expect(clock.waiting).toBe(0)
    clock.advance(30_000)
    expect(line.intake.isOver(clock.now())).toBe(true)
  })

  it('[B34] may send 2,000 updates at once, and 200 a second', () => {
    const { clock, traffic } = world()
    const line = new Line(userOf(traffic))
    let updates = 0
    const send = (): void => {
      while (line.pauses === 0) {
        traffic.updated(line)
        updates++
      }
    }
    line.next = send
    send()
    expect(updates).toBe(2_001)
    clock.advance(10_000)
    expect(updates).toBeGreaterThan(2_001 + 1_900)
    expect(updates).toBeLessThan(2_001 + 2_100)
  })

  it('[B34] gets nowhere by tiny pieces and pings', () => {
    const { clock, traffic } = world()
    const line = new Line()
    let frames = 0
    const pings = Buffer.concat(
      Array.from({ length: 100 }, () => clientFrame(new Uint8Array(0), { opcode: 9 })),
    )
    const send = (): void => {
      while (line.pauses === 0) {
        traffic.received(line, pings)
        frames += 100
      }
    }
    line.next = send
    send()
    clock.advance(10_000)
    expect(frames).toBeLessThan(8_192 + 10 * 1_024 + 200)
  })

  it('[B34] that is over is not read again', () => {
    const { clock, traffic } = world({ inboundBurstBytes: 64 * KiB })
    const line = new Line()
    traffic.received(line, chunk(16))
    expect(traffic.throttled).toBe(1)
    traffic.forget(line)
    clock.advance(60_000)
    expect(line.pauses).toBe(1)
    expect(traffic.throttled).toBe(0)
    expect(clock.waiting).toBe(0)
  })
})

describe('a user', () => {
  it('[B34] has four times as much for all connections together, and these take turns', () => {
    const { clock, traffic } = world()
    const user = userOf(traffic)
    const lines = Array.from({ length: 20 }, () => new Line(user))
    let sent = 0
    let reads = 0
    for (const line of lines) {
      line.next = () => {
        reads++
        while (line.pauses === 0) {
          traffic.received(line, chunk())
          sent += 64 * KiB
        }
      }
      line.next()
    }
    expect(sent).toBeLessThan(4 * 9 * MiB)
    const burst = sent
    reads = 0
    clock.advance(100)
    // One of twenty is read at a time.
    expect(reads).toBeLessThanOrEqual(2)
    clock.advance(30_000)
    expect((sent - burst) / 30).toBeLessThan(4.2 * MiB)
    expect((sent - burst) / 30).toBeGreaterThan(2.5 * MiB)
    // Somebody else is not concerned.
    const other = new Line(userOf(traffic, 'ben'))
    traffic.received(other, chunk(16))
    expect(other.pauses).toBe(0)
  })

  it('[B34] finds the rates as they left them, and is forgotten when these are whole', () => {
    const { clock, traffic } = world()
    const user = userOf(traffic)
    for (let i = 0; i < 600; i++) traffic.received(new Line(user), chunk())
    traffic.users.leave(user)
    traffic.users.visit(clock.now())
    const again = userOf(traffic)
    expect(again).toBe(user)
    const line = new Line(again)
    traffic.identified(line)
    expect(line.pauses).toBe(1)
    traffic.users.leave(again)
    clock.advance(600_000)
    traffic.users.visit(clock.now())
    expect(traffic.users.size).toBe(0)
  })

  it('[B32] has so many connections', () => {
    const { traffic } = world({ maxConnectionsPerUser: 2 })
    const [first] = [userOf(traffic), userOf(traffic)]
    expect(traffic.users.enter('ada')).toBeNull()
    expect(traffic.users.enter('ben')).not.toBeNull()
    traffic.users.leave(first)
    expect(traffic.users.enter('ada')).toBe(first)
  })

  it('[B37] brings 1,000 new client ids a minute, and a document of many at once', () => {
    const { clock, traffic } = world()
    const user = userOf(traffic)
    expect(traffic.brings(user, 5_000)).toBe(true)
    // And the next page they open.
    expect(traffic.brings(user, 1)).toBe(true)
    let brought = 5_001
    const minutes = 60
    for (let i = 0; i < minutes * 600; i++) {
      while (traffic.brings(user, 10)) brought += 10
      clock.advance(100)
    }
    expect(brought).toBeLessThan(20_000 + minutes * 1_000 + 20)
    expect(brought).toBeGreaterThan(20_000 + minutes * 1_000 - 1_000)
    clock.advance(60_000)
    expect(traffic.brings(user, 50_000)).toBe(true)
    expect(traffic.brings(user, 1)).toBe(false)
    expect(traffic.clientsInSeconds(user)).toBeGreaterThan(1_000)
    expect(traffic.brings(userOf(traffic, 'ben'), 1)).toBe(true)
  })
})

describe('an address', () => {
  it('[B32] has so many connections, and leaves nothing behind', () => {
    const addresses = new Headcount(2)
    expect([addresses.enter('a'), addresses.enter('a'), addresses.enter('a')]).toEqual([
      true,
      true,
      false,
    ])
    expect(addresses.enter('b')).toBe(true)
    addresses.leave('a')
    expect(addresses.enter('a')).toBe(true)
    for (const network of ['a', 'a', 'b']) addresses.leave(network)
    expect(addresses.size).toBe(0)
  })

  it('[B33] has so many strangers that stay, and the oldest go first', () => {
    const clock = new ManualClock()
    const strangers = new Strangers(clock, 20)
    const out: number[] = []
    const arrive = (network: string, i: number): void =>
      strangers.add(network, { crowdedOut: () => void out.push(i) })
    // A school comes back: nobody has to go who says soon whose it is.
    for (let i = 0; i < 100; i++) arrive('school', i)
    expect(out).toEqual([])
    expect(strangers.size).toBe(100)
    clock.advance(2_000)
    strangers.visit(clock.now())
    expect(out).toEqual(Array.from({ length: 80 }, (_, i) => i))
    arrive('elsewhere', 1_000)
    // One that comes later is not kept out by those that fill the places.
    arrive('school', 100)
    expect(out.at(-1)).toBe(80)
    expect(strangers.size).toBe(21)
  })
})
