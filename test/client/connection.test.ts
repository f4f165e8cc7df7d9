import { describe, expect, it } from 'vitest'
import {
  closeCodes,
  decodeClientFrame,
  PROTOCOL_VERSION,
  reconnectBackoff,
  SUBPROTOCOL,
} from '@coscribe/shared'
import { connect } from '@coscribe/client'
import { ScriptedRoom } from '../support/scripted-room.js'
import { hello, SocketFactory } from '../support/scripted-socket.js'

/** Delays of the next `count` attempts of a server that cannot be reached. */
async function delays(scripted: ScriptedRoom, count: number): Promise<number[]> {
  const found: number[] = []
  for (let i = 0; i < count; i++) {
    scripted.socket.drop()
    const delayMs = (scripted.room.status.retryAt ?? Number.NaN) - scripted.clock.now()
    found.push(delayMs)
    await scripted.clock.advance(delayMs)
  }
  return found
}

describe('connecting', () => {
  it('[K3] asks for our subprotocol and opens the document with what it knows', () => {
    const scripted = new ScriptedRoom()
    expect(scripted.socket.url).toBe('ws://server.test/')
    expect(scripted.socket.protocols).toEqual([SUBPROTOCOL])
    expect(scripted.room.status.connection).toBe('connecting')
    scripted.socket.accept()
    expect(scripted.socket.received).toEqual([
      { ...open, documentId: 'document', secret: '', historyId: '', resume: null },
    ])
    scripted.socket.say(hello())
    expect(scripted.room.status.connection).toBe('connected')
  })

  const open = { type: 'open', version: PROTOCOL_VERSION }

  it('[K3] delays double from 1 s to 30 s under full jitter', async () => {
    const scripted = new ScriptedRoom()
    const ceilings = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, reconnectBackoff.maxMs]
    const found = await delays(scripted, ceilings.length)
    for (const [attempt, delay] of found.entries()) {
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThanOrEqual(ceilings[attempt] ?? 0)
    }
    expect(new Set(found).size).toBe(found.length)
    expect(scripted.room.status).toMatchObject({ connection: 'reconnecting', error: null })
  })

  it('[K3] only a session that was good for 10 s makes the next delay short again', async () => {
    const scripted = new ScriptedRoom()
    await delays(scripted, 6)
    for (const [lastsMs, ceiling] of [
      [9_000, 30_000],
      [10_000, 1_000],
    ] as const) {
      const found: number[] = []
      for (let i = 0; i < 8; i++) {
        scripted.socket.welcome()
        await scripted.clock.advance(lastsMs)
        found.push(...(await delays(scripted, 1)))
      }
      expect(Math.max(...found)).toBeLessThanOrEqual(ceiling)
      if (ceiling > 1_000) expect(Math.max(...found)).toBeGreaterThan(1_000)
    }
  })

  it('[K3] a server that goes away says when to come back', async () => {
    const scripted = new ScriptedRoom()
    scripted.socket.welcome()
    scripted.socket.say({ type: 'going-away', delayMs: 7_000 })
    expect(scripted.room.status.connection).toBe('connected')
    scripted.socket.drop(closeCodes.restarting.code)
    expect(scripted.room.status).toMatchObject({ retryAt: 7_000, error: null })
    await scripted.clock.advance(6_999)
    expect(scripted.factory.sockets).toHaveLength(1)
    await scripted.clock.advance(1)
    expect(scripted.factory.sockets).toHaveLength(2)
  })

  for (const { name, code, retry } of Object.values(closeCodes)) {
    it(`[K3] close code ${code} (${name}): ${retry ? 'tries again' : 'stops'}`, async () => {
      const scripted = new ScriptedRoom()
      scripted.socket.welcome()
      if (code % 2 === 0) scripted.socket.drop(code, name)
      else scripted.socket.say({ type: 'closed', code, reason: '' })
      const { error, connection } = scripted.room.status
      expect(connection).toBe(retry ? 'reconnecting' : 'closed')
      if (name !== 'restarting') expect(error).toMatchObject({ code: name, retryable: retry })
      expect(error?.message).not.toBe('')
      await scripted.clock.advance(60_000)
      expect(scripted.factory.sockets.length > 1).toBe(retry)
      if (!retry) expect(scripted.clock.waiting).toBe(0)
    })
  }

  it('[K3] unknown close codes are tried again, except those from 4400 to 4499', () => {
    for (const [code, status] of [
      [1005, 'reconnecting'],
      [4399, 'reconnecting'],
      [4500, 'reconnecting'],
      [4499, 'closed'],
    ] as const) {
      const scripted = new ScriptedRoom()
      scripted.socket.welcome()
      scripted.socket.drop(code)
      expect(scripted.room.status.connection).toBe(status)
    }
  })

  it('[K3] connect() after a lasting refusal, or while waiting, tries at once', () => {
    const scripted = new ScriptedRoom()
    scripted.socket.drop(closeCodes.forbidden.code)
    scripted.room.connect()
    expect(scripted.factory.sockets).toHaveLength(2)
    scripted.socket.drop()
    scripted.room.connect()
    scripted.room.connect()
    expect(scripted.factory.sockets).toHaveLength(3)
    scripted.socket.welcome()
    expect(scripted.room.status).toMatchObject({ connection: 'connected', error: null })
  })

  it('[K3] says offline without a network, and tries at once when it is back', async () => {
    const scripted = new ScriptedRoom()
    scripted.network.set(false)
    expect(scripted.room.status.connection).toBe('offline')
    scripted.socket.drop()
    scripted.network.set(true)
    expect(scripted.factory.sockets).toHaveLength(2)
    scripted.socket.welcome()
    // A machine can be wrong about its network: the server is asked instead of the socket being closed.
    scripted.network.set(false)
    expect(scripted.room.status.connection).toBe('connected')
    expect(scripted.socket.of('ping')).toHaveLength(1)
  })

  it('[K3] disconnect() stays away, connect() comes back', async () => {
    const scripted = new ScriptedRoom()
    scripted.socket.welcome()
    scripted.room.disconnect()
    expect(scripted.room.status.connection).toBe('offline')
    expect(scripted.socket.closedWith).toBe(1000)
    await scripted.clock.advance(120_000)
    expect(scripted.factory.sockets).toHaveLength(1)
    scripted.room.connect()
    expect(scripted.room.status.connection).toBe('reconnecting')
    scripted.socket.accept()
    expect(scripted.socket.of('open')).toMatchObject([{ secret: 'secret' }])
  })
})

describe('liveness', () => {
  it('[K4] pings after 25 s without a message and gives up 10 s later', async () => {
    const scripted = new ScriptedRoom()
    scripted.socket.welcome()
    const { socket } = scripted
    await scripted.clock.advance(24_000)
    socket.say({ type: 'resume-point', seq: 1 })
    await scripted.clock.advance(24_999)
    expect(socket.of('ping')).toHaveLength(0)
    await scripted.clock.advance(1)
    expect(socket.of('ping')).toHaveLength(1)
    socket.say({ type: 'pong' })
    await scripted.clock.advance(25_000)
    expect(socket.of('ping')).toHaveLength(2)
    await scripted.clock.advance(9_999)
    expect(socket.closedWith).toBeNull()
    await scripted.clock.advance(1)
    expect(socket.closedWith).toBe(1000)
    expect(scripted.room.status.connection).toBe('reconnecting')
  })

  it('[K4] answers pings, and gives an attempt 15 s to become a session', async () => {
    const scripted = new ScriptedRoom()
    await scripted.clock.advance(14_999)
    const { socket } = scripted
    expect(socket.closedWith).toBeNull()
    await scripted.clock.advance(1)
    expect(socket.closedWith).toBe(1000)
    await scripted.clock.advance(1_000)
    scripted.socket.welcome()
    scripted.socket.say({ type: 'ping' })
    expect(scripted.socket.of('pong')).toHaveLength(1)
  })
})

describe('a server that breaks the protocol', () => {
  const hostile: Record<string, (scripted: ScriptedRoom) => void> = {
    'another subprotocol': ({ socket }) => socket.accept('something-else'),
    'a text frame': ({ socket }) => (socket.accept(), socket.raw('hello')),
    'broken bytes': ({ socket }) => (socket.accept(), socket.raw(Uint8Array.of(1, 0, 9).buffer)),
    'a channel nobody opened': ({ socket }) => {
      socket.welcome()
      socket.raw(Uint8Array.of(2, 0x5b, 0).buffer)
    },
    'content before hello': ({ socket }) => {
      socket.accept()
      socket.say({ type: 'sync-step-2', update: Uint8Array.of(0, 0) })
    },
    'a second hello': ({ socket }) => (socket.welcome(), socket.say(hello())),
    'an ack for what was not sent': ({ socket }) => {
      socket.welcome()
      socket.say({ type: 'ack', count: 1 })
    },
    'a refusal of what was not sent': ({ socket }) => {
      socket.welcome()
      socket.say({ type: 'rejected', count: 1, code: 'read-only', message: '' })
    },
    'a malformed state vector': ({ socket }) => {
      socket.welcome()
      socket.say({ type: 'sync-step-1', stateVector: Uint8Array.of(200) })
    },
    'a malformed update': ({ socket }) => {
      socket.welcome()
      socket.say({ type: 'sync-step-2', update: Uint8Array.of(1, 1, 1, 0, 132) })
    },
  }
  for (const [name, act] of Object.entries(hostile)) {
    it(`[K13] ${name}: the session ends, is never saved, and is tried again later`, async () => {
      const scripted = new ScriptedRoom()
      act(scripted)
      expect(scripted.room.status).toMatchObject({
        connection: 'reconnecting',
        save: 'loading',
        error: { code: expect.stringMatching(/^bad-/), retryable: true },
      })
      expect(scripted.factory.sockets[0]?.closedWith).toBe(1000)
      await scripted.clock.advance(1_000)
      scripted.socket.welcome()
      expect(scripted.room.status).toMatchObject({ connection: 'connected', error: null })
    })
  }

  it('[K13] presence that cannot be read is not shown, and changes nothing else', () => {
    const scripted = new ScriptedRoom()
    scripted.handshake()
    scripted.socket.say({ type: 'presence', update: Uint8Array.of(1, 5, 1, 2, 0x7b, 0x7b) })
    expect(scripted.room.status.connection).toBe('connected')
    expect(scripted.room.presence.others).toEqual([])
  })

  it('[K13] versions nobody has in common close the room', () => {
    for (const version of [0, PROTOCOL_VERSION + 1]) {
      const scripted = new ScriptedRoom()
      scripted.socket.welcome({ version })
      expect(scripted.room.status).toMatchObject({
        connection: 'closed',
        error: { code: 'unsupported-version', retryable: false },
      })
    }
  })
})

function Blocked(): never {
  throw new Error('blocked by the page')
}

describe('arguments', () => {
  const { WebSocket } = new SocketFactory()

  it('[K13] unusable ones are refused before anything is opened', () => {
    expect(() => connect({ url: 'nowhere', doc: 'a', WebSocket })).toThrow(TypeError)
    expect(() => connect({ url: 'ftp://a', doc: 'a', WebSocket })).toThrow(TypeError)
    expect(() => connect({ url: 'ws://a', doc: '', WebSocket })).toThrow('document id')
    expect(() => connect({ url: 'ws://a', doc: 'a\ud800', WebSocket })).toThrow('document id')
  })

  it('[K13] http addresses mean the same server', () => {
    for (const [url, expected] of [
      ['http://a.test:1234/base?x=1#y', 'ws://a.test:1234/base?x=1'],
      ['https://a.test', 'wss://a.test/'],
    ] as const) {
      const scripted = new ScriptedRoom({ url })
      expect(scripted.socket.url).toBe(expected)
    }
  })

  it('[K13] a socket that cannot even be made is an error in the status', () => {
    const scripted = new ScriptedRoom({ WebSocket: Blocked as never })
    expect(scripted.room.status).toMatchObject({
      connection: 'closed',
      error: { code: 'bad-option', retryable: false },
    })
  })

  it('[K3] what it sends the server can read', () => {
    const scripted = new ScriptedRoom({ doc: 'ärger/ 🦊' })
    scripted.socket.accept()
    expect(scripted.socket.of('open')).toMatchObject([{ documentId: 'ärger/ 🦊' }])
    expect(decodeClientFrame(new Uint8Array()).type).toBe('fault')
  })
})
