import type { TokenReason, TokenRequest } from '@coscribe/client'
import { describe, expect, it } from 'vitest'
import { ScriptedRoom } from '../support/scripted-room.js'
import { hello } from '../support/scripted-socket.js'

/** A token that says from when until when it is good, as far as a client reads it. */
function tokenUntil(ms: number, issuedAt?: number): string {
  const claims = { exp: ms / 1_000, ...(issuedAt === undefined ? {} : { iat: issuedAt / 1_000 }) }
  return `head.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`
}

/** A source that brings what a test puts into it, when it does. */
class Source {
  readonly asked: PromiseWithSettlers[] = []
  readonly reasons: TokenReason[] = []
  readonly signals: AbortSignal[] = []

  readonly bring = (reason: TokenReason, { signal }: TokenRequest): Promise<string> => {
    this.reasons.push(reason)
    this.signals.push(signal)
    return new Promise((resolve, reject) => this.asked.push({ resolve, reject }))
  }
}

interface PromiseWithSettlers {
  readonly resolve: (token: string) => void
  readonly reject: (error: Error) => void
}

function credentials(scripted: ScriptedRoom): string[] {
  return scripted.socket.of('auth').map(({ credential }) => credential)
}

describe('a token', () => {
  it('[K17] that is a text goes before open, in every session', async () => {
    const scripted = new ScriptedRoom({ token: 'mine' })
    scripted.socket.accept()
    expect(scripted.socket.received.map(({ type }) => type)).toEqual(['auth', 'open'])
    scripted.socket.say(hello())
    await scripted.reconnect()
    scripted.socket.accept()
    expect(scripted.socket.received.map(({ type }) => type)).toEqual(['auth', 'open'])
    expect(credentials(scripted)).toEqual(['mine'])
  })

  it('[K17] is asked for in every session; one that comes too late is for none', async () => {
    const source = new Source()
    const scripted = new ScriptedRoom({ token: source.bring })
    scripted.socket.accept()
    expect(scripted.socket.received).toEqual([])
    await scripted.reconnect()
    scripted.socket.accept()
    source.asked[0]?.resolve('late')
    await scripted.clock.settle()
    expect(scripted.socket.received).toEqual([])
    source.asked[1]?.resolve('fresh')
    await scripted.clock.settle()
    expect(credentials(scripted)).toEqual(['fresh'])
    expect(scripted.socket.of('open')).toHaveLength(1)
  })

  it.each(['rejects', 'brings nothing', 'takes too long'])(
    '[K17] whose source %s is asked for again, and the status says so',
    async (how) => {
      const source = new Source()
      const scripted = new ScriptedRoom({ token: source.bring })
      scripted.socket.accept()
      if (how === 'rejects') source.asked[0]?.reject(new Error('signed out'))
      if (how === 'brings nothing') source.asked[0]?.resolve('')
      await scripted.clock.advance(how === 'takes too long' ? 8_000 : 0)
      expect(scripted.room.status.error).toMatchObject({
        code: 'not-authenticated',
        retryable: true,
      })
      await scripted.clock.advance(1_000)
      scripted.socket.accept()
      source.asked[1]?.resolve('fresh')
      await scripted.clock.settle()
      expect(credentials(scripted)).toEqual(['fresh'])
    },
  )

  it('[K17, K27] is renewed in the session at four fifths of its life, and later if that fails', async () => {
    const source = new Source()
    const scripted = new ScriptedRoom({ token: source.bring })
    const start = scripted.clock.wallTime()
    scripted.socket.accept()
    const [first, second, third] = [600_000, 1_200_000, 1_800_000].map((ms) =>
      tokenUntil(start + ms),
    )
    source.asked[0]?.resolve(first ?? '')
    await scripted.clock.settle()
    scripted.socket.say(hello())
    const alive = async (ms: number): Promise<void> => {
      for (let at = 0; at < ms; at += 10_000) {
        await scripted.clock.advance(Math.min(10_000, ms - at))
        scripted.socket.say({ type: 'pong' })
      }
    }
    await alive(470_000)
    expect(source.asked).toHaveLength(1)
    await alive(10_000)
    expect(source.asked).toHaveLength(2)
    source.asked[1]?.resolve(second ?? '')
    await alive(560_000)
    expect(credentials(scripted)).toEqual([first, second])
    await alive(20_000)
    source.asked[2]?.reject(new Error('busy'))
    await alive(80_000)
    expect(source.asked).toHaveLength(4)
    source.asked[3]?.resolve(third ?? '')
    await alive(1_000)
    expect(credentials(scripted)).toEqual([first, second, third])
    expect(source.reasons).toEqual(['session', 'renewal', 'renewal', 'renewal'])
    expect(scripted.factory.sockets).toHaveLength(1)
  })

  it.each([
    ['an hour, and is new', 3_600_000, 0, 2_880_000],
    ['an hour, and is old', 3_600_000, 1_800_000, 1_080_000],
    ['four minutes', 240_000, 0, 180_000],
    ['a minute and a half', 90_000, 0, 45_000],
    ['an hour, and has nearly ended', 3_600_000, 3_500_000, 50_000],
  ])('[K27] that lives %s is renewed in time', async (_, lifeMs, ageMs, inMs) => {
    const source = new Source()
    const scripted = new ScriptedRoom({ token: source.bring })
    const issued = scripted.clock.wallTime() - ageMs
    scripted.socket.accept()
    source.asked[0]?.resolve(tokenUntil(issued + lifeMs, issued))
    await scripted.clock.settle()
    scripted.socket.say(hello())
    for (let at = 0; at < inMs - 5_000; at += 5_000) {
      await scripted.clock.advance(5_000)
      scripted.socket.say({ type: 'pong' })
      expect(source.asked).toHaveLength(1)
    }
    await scripted.clock.advance(10_000)
    expect(source.reasons).toEqual(['session', 'renewal'])
  })

  it('[K27] that nobody needs any more is told so by its signal', async () => {
    const source = new Source()
    const scripted = new ScriptedRoom({ token: source.bring })
    scripted.socket.accept()
    const aborted = () => source.signals.map((signal) => signal.aborted)
    expect(aborted()).toEqual([false])
    await scripted.reconnect()
    scripted.socket.accept()
    expect(aborted()).toEqual([true, false])
    await scripted.clock.advance(8_000)
    expect(aborted()).toEqual([true, true])
    await scripted.clock.advance(5_000)
    scripted.socket.accept()
    source.asked.at(-1)?.resolve('fresh')
    await scripted.clock.settle()
    scripted.socket.say(hello())
    expect(aborted().at(-1)).toBe(false)
    scripted.room.destroy()
    expect(aborted().at(-1)).toBe(true)
  })

  it('[K28] that its source refuses for good is not asked for again, and the room says why', async () => {
    const refusal = Object.assign(new Error('signed out'), { code: 'signed-out', retryable: false })
    const source = new Source()
    const scripted = new ScriptedRoom({ token: source.bring })
    scripted.socket.accept()
    source.asked[0]?.reject(refusal)
    await scripted.clock.settle()
    const closed = {
      connection: 'closed',
      error: { code: 'signed-out', message: 'signed out', retryable: false },
    }
    expect(scripted.room.status).toMatchObject(closed)
    await scripted.clock.advance(60_000)
    expect(source.asked).toHaveLength(1)
    scripted.room.connect()
    scripted.socket.accept()
    source.asked[1]?.resolve(tokenUntil(scripted.clock.wallTime() + 20_000))
    await scripted.clock.settle()
    scripted.socket.say(hello())
    await scripted.clock.advance(10_000)
    source.asked[2]?.reject(refusal)
    await scripted.clock.advance(9_000)
    expect(source.asked).toHaveLength(3)
    expect(scripted.room.status.connection).toBe('connected')
    scripted.socket.say({ type: 'closed', code: 4401, reason: 'the credential has expired' })
    expect(scripted.room.status).toMatchObject(closed)
  })

  it('[K29] that ended while there was no server is asked for as one that has ended', async () => {
    const source = new Source()
    const scripted = new ScriptedRoom({ token: source.bring })
    scripted.socket.accept()
    source.asked[0]?.resolve(tokenUntil(scripted.clock.wallTime() + 120_000))
    await scripted.clock.settle()
    scripted.socket.say(hello())
    scripted.room.disconnect()
    await scripted.type('meanwhile')
    await scripted.clock.advance(120_000)
    scripted.room.connect()
    scripted.socket.accept()
    expect(source.reasons).toEqual(['session', 'ended'])
    source.asked[1]?.resolve('fresh')
    await scripted.clock.settle()
    scripted.handshake()
    expect(scripted.uploaded().getText('content').toString()).toBe('meanwhile')
  })

  it('[K17] of another kind is not looked into', async () => {
    const scripted = new ScriptedRoom({ token: () => 'opaque' })
    scripted.socket.accept()
    await scripted.clock.settle()
    expect(credentials(scripted)).toEqual(['opaque'])
  })

  it('[K17] that has ended brings a new session with a new one, if there can be one', async () => {
    const renewing = new ScriptedRoom({ token: () => 'fresh' })
    renewing.socket.accept()
    await renewing.clock.settle()
    renewing.socket.say(hello())
    renewing.socket.say({ type: 'closed', code: 4401, reason: 'the credential has expired' })
    expect(renewing.room.status).toMatchObject({ connection: 'reconnecting' })
    const fixed = new ScriptedRoom({ token: 'mine' })
    fixed.socket.accept()
    fixed.socket.say(hello())
    fixed.socket.say({ type: 'closed', code: 4401, reason: 'the credential has expired' })
    expect(fixed.room.status).toMatchObject({
      connection: 'closed',
      error: { code: 'not-authenticated' },
    })
  })

  it('[K18] is asked for with what it is for', async () => {
    const reasons: TokenReason[] = []
    const bring = (reason: TokenReason): string => {
      reasons.push(reason)
      return 'fresh'
    }
    const scripted = new ScriptedRoom({ token: bring })
    const begin = async (): Promise<void> => {
      scripted.socket.accept()
      await scripted.clock.settle()
      scripted.socket.say(hello())
    }
    await begin()
    scripted.socket.say({ type: 'closed', code: 4401, reason: 'the credential has expired' })
    await scripted.clock.advance(1_000)
    await begin()
    await scripted.reconnect()
    await begin()
    expect(reasons).toEqual(['session', 'ended', 'session'])
  })

  it('[K17] that was never good is not tried again', async () => {
    const scripted = new ScriptedRoom({ token: () => 'bad' })
    scripted.socket.accept()
    await scripted.clock.settle()
    scripted.socket.say({ type: 'closed', code: 4401, reason: 'the credential is not valid' })
    expect(scripted.room.status.connection).toBe('closed')
  })
})
