import { systemClock, type Cancel, type Clock } from '@coscribe/shared'
import process from 'node:process'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { count } from '../support/count.js'
import { eventually } from '../support/eventually.js'
import { startTestServer } from '../support/test-server.js'

const ROUNDS = count('COSCRIBE_GOINGS_ROUNDS', 8)
const PEOPLE = 40
const DOCUMENTS = 10

/** The system's clock, which knows how many timers have neither run nor been cancelled. */
class CountingClock implements Clock {
  readonly #waiting = new Set<object>()
  readonly now = (): number => systemClock.now()
  readonly wallTime = (): number => systemClock.wallTime()

  get timers(): number {
    return this.#waiting.size
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#counted((run) => systemClock.after(delayMs, run), callback)
  }

  soon(callback: () => void): Cancel {
    return this.#counted((run) => systemClock.soon(run), callback)
  }

  #counted(start: (run: () => void) => Cancel, callback: () => void): Cancel {
    const timer = {}
    this.#waiting.add(timer)
    const cancel = start(() => {
      this.#waiting.delete(timer)
      callback()
    })
    return () => {
      this.#waiting.delete(timer)
      cancel()
    }
  }
}

/** Joins, and goes: properly, without a word, or before it was let in. */
async function visit(url: string, documentId: string, way: number): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/${documentId}`)
  const closed = new Promise<void>((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })
  socket.on('open', () => {
    if (way === 0) return socket.terminate()
    socket.send(Uint8Array.of(0, 0, 1, 0))
  })
  socket.on('message', (data: Buffer) => {
    if (data[0] !== 0 || data[1] !== 1) return
    if (way === 1) socket.close()
    else socket.terminate()
  })
  await closed
}

function socketCount(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}

function listenerCount(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}

it(`[R15] people who come and go leave no timer, socket or listener behind (${ROUNDS} rounds)`, async () => {
  const clock = new CountingClock()
  const server = await startTestServer({ roomGraceMs: 0, clock })
  const before = { timers: clock.timers, sockets: socketCount(), listeners: listenerCount() }
  let most = 0
  for (let round = 0; round < ROUNDS; round++) {
    const visits = Array.from({ length: PEOPLE }, (_, i) =>
      visit(server.url, `doc-${i % DOCUMENTS}`, i % 3),
    )
    const watching = setInterval(() => (most = Math.max(most, clock.timers)), 1)
    await Promise.all(visits)
    clearInterval(watching)
    await eventually('everybody has left', () => server.connections === 0)
    await eventually('no timer is left', () => clock.timers <= before.timers)
    await eventually('no socket is left', () => socketCount() <= before.sockets)
  }
  expect(listenerCount()).toBe(before.listeners)
  // Control: timers were counted.
  expect(most).toBeGreaterThan(before.timers)
  await server.stop()
  await eventually('nothing is left', () => clock.timers === 0)
}, 300_000)
