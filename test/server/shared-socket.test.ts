import { describe, expect, it } from 'vitest'
import { UpdateBatch } from '../../server/src/rooms/update-batch.js'
import { FlushTurn } from '../../server/src/transport/flush-turn.js'
import { SendQueue } from '../../server/src/transport/send-queue.js'
import type { SessionRoom } from '../../server/src/transport/session-room.js'
import { Session } from '../../server/src/transport/session.js'
import { UnsentBudget } from '../../server/src/transport/unsent-budget.js'
import { VirtualClock } from '../support/virtual-clock.js'

const KiB = 1024
const LAG_BYTES = 10 * KiB

/** A room whose answer to a step 1 is far more than a peer may be behind. */
function largeRoom(): SessionRoom {
  return {
    documentId: 'doc',
    historyId: 'history',
    incarnation: 'incarnation',
    readOnly: null,
    title: '',
    headSeq: 0,
    durableSeq: 0,
    presence: { receive: () => null, sendAll: () => {} },
    add: () => {},
    remove: () => {},
    receive: () => ({ outcome: 'accepted', seq: 0 }),
    fetch: () => Promise.resolve(true),
    answer: () => ({
      batches: [UpdateBatch.ofRecords([new Uint8Array(20 * LAG_BYTES)], 0)],
      seq: 0,
    }),
    resume: () => null,
    after: () => ({ batches: [], seq: 0 }),
    stateVector: () => Uint8Array.of(0),
    updateAt: () => undefined,
  }
}

/** A socket with several sessions; it takes bytes when a test says so. */
class SharedSocket {
  readonly sessions: Session[] = []
  readonly #queue: SendQueue
  #unsent = 0

  constructor(channels: number) {
    const turn = new FlushTurn(new VirtualClock())
    const unsent = (): number => this.#unsent
    const wire = {
      write: (bytes: Uint8Array) => void (this.#unsent += bytes.length),
      cork: () => {},
      uncork: () => {},
      get writableLength() {
        return unsent()
      },
    }
    const owner = {
      writable: true,
      collect: () => this.sessions.forEach((session) => session.collect()),
      overflowed: () => {},
      giveUp: () => {},
    }
    const bounds = {
      lagBytes: LAG_BYTES,
      unsentBytes: 50 * KiB,
      budget: new UnsentBudget(1024 * KiB),
    }
    this.#queue = new SendQueue(wire, bounds, turn, owner)
    for (let channel = 1; channel <= channels; channel++) this.#join(channel, turn)
  }

  get unsent(): number {
    return this.#unsent
  }

  /** Everything written so far is taken. Resolves when what followed is written. */
  async drain(): Promise<void> {
    this.#unsent = 0
    this.#queue.schedule()
    await Promise.resolve()
    await Promise.resolve()
  }

  #join(channel: number, turn: FlushTurn): void {
    const session = new Session({
      sessionId: String(channel),
      principal: 'someone',
      access: 'write',
      framing: channel,
      link: {
        queue: this.#queue,
        turn,
        soon: () => {},
        probe: () => {},
        pause: () => {},
        resume: () => {},
        questions: 5,
        updated: () => {},
        brings: () => null,
        hit: () => {},
        close: () => {},
      },
      voice: { acknowledges: true, refused: () => {}, writable: () => {}, ended: () => {} },
      messageBytes: 100,
    })
    session.join(largeRoom())
    this.sessions.push(session)
  }
}

describe('sessions on one socket', () => {
  it('[B3] are answered one after another, each when the answer before has been read', async () => {
    const socket = new SharedSocket(10)
    for (const session of socket.sessions) {
      session.receive({ type: 'sync-step-1', stateVector: Uint8Array.of(0) })
    }
    const answer = 21 * LAG_BYTES
    let answers = 0
    for (; answers < 20; answers++) {
      await socket.drain()
      if (socket.unsent === 0) break
      expect(socket.unsent).toBeLessThan(answer)
    }
    expect(answers).toBe(10)
  })
})
