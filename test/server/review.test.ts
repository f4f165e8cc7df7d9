import { describe, expect, it } from 'vitest'
import type { Identity } from '../../server/src/auth/authenticator.js'
import { silentLogger } from '../../server/src/log.js'
import { Gate } from '../../server/src/transport/gate.js'
import { isRefusal, type Refusal } from '../../server/src/transport/refusal.js'
import type { Tenure } from '../../server/src/transport/tenure.js'
import { ManualClock } from '../support/manual-clock.js'

const SECOND = 1_000
const ada: Identity = {
  subject: 'ada',
  tokenId: '',
  expiresAt: 8e14,
  grants: { documents: new Map([['doc', 'write']]), prefixes: new Map() },
}

/** Time whose wall clock a test sets. */
class SetClock extends ManualClock {
  ahead = 0

  override wallTime(): number {
    return this.now() + this.ahead
  }
}

/** A gate whose authenticator is asked about documents, and sessions that renew as they are told. */
class World {
  readonly clock = new SetClock()
  /** What it answers to questions; they wait while it is `null`. */
  answer: (() => Promise<Identity>) | null = () => Promise.resolve(ada)
  asked = 0
  /** Questions that are not answered. */
  readonly open: (() => void)[] = []
  most = 0
  readonly ended: Refusal[] = []
  readonly gate = new Gate({
    authenticator: {
      authenticate: () => Promise.resolve(ada),
      authorize: () => this.#ask(),
    },
    clock: this.clock,
    logger: silentLogger,
  })

  async #ask(): Promise<Identity> {
    this.asked += 1
    if (this.answer === null) {
      await new Promise<void>((resolve) => {
        this.open.push(resolve)
        this.most = Math.max(this.most, this.open.length)
      })
    }
    return this.answer?.() ?? ada
  }

  session(identity = ada): Tenure {
    const tenure = this.gate.tenure(
      {
        tenureOver: () => this.ended.push({ name: 'not-authenticated', reason: '' }),
        reviewed: (reviewed, verdict) => {
          if (!isRefusal(verdict)) return reviewed.renew(verdict)
          reviewed.end()
          this.ended.push(verdict)
        },
      },
      identity,
      'doc',
    )
    return tenure
  }

  /** Lets time pass as a heartbeat does. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += SECOND) {
      this.clock.advance(SECOND)
      this.gate.expiries.visit()
      await settled()
    }
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('what a session may do, where that is decided elsewhere,', () => {
  it('[A77] is asked every half minute for as long as it lasts', async () => {
    const world = new World()
    const tenure = world.session()
    await world.pass(29 * SECOND)
    expect(world.asked).toBe(0)
    await world.pass(92 * SECOND)
    expect(world.asked).toBe(4)
    tenure.end()
    await world.pass(60 * SECOND)
    expect(world.asked).toBe(4)
    expect(world.gate.expiries.size).toBe(0)
  })

  it('[A77] ends with what an answer says, and not with what the one before said', async () => {
    const world = new World()
    world.answer = () => Promise.resolve({ ...ada, expiresAt: 50 * SECOND })
    const tenure = world.session({ ...ada, expiresAt: 40 * SECOND })
    await world.pass(45 * SECOND)
    expect([tenure.over, world.ended]).toEqual([false, []])
    world.answer = () => Promise.reject(new Error('down'))
    await world.pass(10 * SECOND)
    expect([tenure.over, world.ended.map(({ name }) => name)]).toEqual([
      true,
      ['not-authenticated'],
    ])
  })

  it('[A77] counts for five minutes when nobody answers, and then people try again', async () => {
    const world = new World()
    world.answer = () => Promise.reject(new Error('down'))
    world.session()
    await world.pass(299 * SECOND)
    expect(world.ended).toEqual([])
    expect(world.asked).toBeGreaterThan(5)
    await world.pass(2 * SECOND)
    expect(world.ended.map(({ name }) => name)).toEqual(['internal'])
    expect(world.gate.expiries.size).toBe(0)

    const recovered = new World()
    recovered.answer = () => Promise.reject(new Error('down'))
    recovered.session()
    await recovered.pass(260 * SECOND)
    recovered.answer = () => Promise.resolve(ada)
    await recovered.pass(600 * SECOND)
    expect(recovered.ended).toEqual([])
  })

  it.each([-3_600, 360])('[A77] is asked on when the wall clock is set by %d s', async (by) => {
    const world = new World()
    world.session()
    await world.pass(10 * SECOND)
    world.clock.ahead = by * SECOND
    await world.pass(10 * SECOND)
    expect([world.asked, world.ended]).toEqual([0, []])
    await world.pass(42 * SECOND)
    expect([world.asked, world.ended]).toEqual([2, []])
    world.answer = () => Promise.resolve({ ...ada, expiresAt: 50 * SECOND })
    world.clock.ahead = 0
    await world.pass(32 * SECOND)
    expect(world.ended.map(({ name }) => name)).toEqual(['not-authenticated'])
  })

  it('[A77] counts on in a process that stood still, until it could be asked', async () => {
    for (const answers of [true, false]) {
      const world = new World()
      if (!answers) world.answer = () => Promise.reject(new Error('down'))
      world.session()
      world.clock.advance(600 * SECOND)
      world.gate.expiries.visit()
      expect(world.ended).toEqual([])
      await settled()
      expect(world.asked).toBe(1)
      expect(world.ended.map(({ name }) => name)).toEqual(answers ? [] : ['internal'])
      expect(world.gate.expiries.size).toBe(answers ? 2 : 0)
    }
  })

  it('[A77] counts half a minute more in a process that stood still, when nobody answers', async () => {
    const world = new World()
    world.answer = null
    for (let i = 0; i < 100; i++) world.session()
    world.clock.advance(600 * SECOND)
    await world.pass(29 * SECOND)
    expect([world.asked, world.ended.length]).toEqual([48, 32])
    await world.pass(4 * SECOND)
    expect(world.ended).toHaveLength(100)
    expect(world.gate.expiries.size).toBe(0)
  })

  it('[A77] is not asked about who was ended by something else in the same second', async () => {
    const world = new World()
    const owner = {
      tenureOver: (tenure: Tenure) => {
        tenure.end()
        world.ended.push({ name: 'not-authenticated' as const, reason: '' })
      },
      reviewed: () => {},
    }
    world.gate.tenure(owner, { ...ada, expiresAt: 30 * SECOND }, 'doc')
    await world.pass(40 * SECOND)
    expect([world.ended.length, world.asked, world.gate.expiries.size]).toEqual([1, 0, 0])
  })

  it('[A77] lapses once where the end of one session is the end of another', async () => {
    const world = new World()
    world.answer = () => Promise.reject(new Error('down'))
    const tenures: Tenure[] = []
    const closing = {
      tenureOver: () => {},
      reviewed: (_: Tenure, verdict: Identity | Refusal) => {
        if (isRefusal(verdict)) world.ended.push(verdict)
        for (const tenure of tenures) tenure.end()
      },
    }
    for (let i = 0; i < 2; i++) tenures.push(world.gate.tenure(closing, ada, 'doc'))
    await world.pass(310 * SECOND)
    expect(world.ended.map(({ name }) => name)).toEqual(['internal'])
    expect(world.gate.expiries.size).toBe(0)
  })

  it('[A77] is asked for sixteen at a time, and the others lapse no later for it', async () => {
    const world = new World()
    world.answer = null
    const tenures = Array.from({ length: 100 }, () => world.session())
    await world.pass(35 * SECOND)
    expect([world.asked, world.most]).toEqual([16, 16])
    for (let i = 0; i < 100; i++) {
      world.open.shift()?.()
      await settled()
    }
    expect([world.asked, world.most, world.open.length]).toEqual([100, 16, 0])
    await world.pass(31 * SECOND)
    expect(world.open.length).toBe(16)
    // The gate gives up waiting for an answer after ten seconds: not all have had their turn when they lapse.
    await world.pass(300 * SECOND)
    expect(world.ended.every(({ name }) => name === 'internal')).toBe(true)
    expect(world.ended).toHaveLength(tenures.length)
    expect(world.gate.expiries.size).toBe(0)
  })

  it('[A77] is not changed by an answer about a credential that was replaced meanwhile, or after the end', async () => {
    const world = new World()
    world.answer = null
    const [renewed, left] = [world.session(), world.session()]
    await world.pass(31 * SECOND)
    expect(world.open).toHaveLength(2)
    renewed.renew({ ...ada, expiresAt: 7e14 })
    left.end()
    world.answer = () => Promise.resolve({ ...ada, subject: 'ada', expiresAt: 1 })
    for (const answer of world.open.splice(0)) answer()
    await settled()
    expect([renewed.over, world.ended]).toEqual([false, []])
  })
})
