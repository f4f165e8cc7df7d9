import { describe, expect, it } from 'vitest'
import type { EncodedState } from '../../server/src/rooms/peer.js'
import { encodeEntry, encodePresence } from '../../server/src/rooms/presence-codec.js'
import { encodeMessage, STOCK_FRAMING } from '../../server/src/transport/encodings.js'
import { PresenceFrame } from '../../server/src/transport/presence-frame.js'

const CHANNEL = 1

/** People with states of different sizes; more of them need a longer count and a longer frame head. */
function people(count: number): EncodedState[] {
  return Array.from({ length: count }, (_, clientId) => {
    const state = new Uint8Array(clientId % 7).fill(0x20)
    return { clientId, encoded: encodeEntry({ clientId, clock: 3, state }) }
  })
}

function written(states: readonly EncodedState[], framing: number, own: number | null): string {
  return Buffer.concat(new PresenceFrame(states, framing).without(own)).toString('hex')
}

/** The same people in a message made for one receiver. */
function alone(states: readonly EncodedState[], framing: number): string {
  const update = encodePresence(states.map(({ encoded }) => encoded))
  return Buffer.concat(encodeMessage({ type: 'presence', update }, framing)).toString('hex')
}

describe('[R23] a frame of presence', () => {
  for (const framing of [STOCK_FRAMING, CHANNEL]) {
    it(`is one message of everybody but the owner it goes to, framing ${framing}`, () => {
      for (const count of [1, 2, 20, 128, 129, 9_000]) {
        const states = people(count)
        expect(written(states, framing, null)).toBe(alone(states, framing))
        expect(written(states, framing, count)).toBe(alone(states, framing))
        for (const own of new Set([0, count >> 1, count - 1])) {
          const others = states.filter(({ clientId }) => clientId !== own)
          const expected = others.length === 0 ? '' : alone(others, framing)
          expect(written(states, framing, own)).toBe(expected)
        }
      }
    })
  }

  it('is put together once for all, also for those who are left out', () => {
    const frame = new PresenceFrame(people(20), STOCK_FRAMING)
    expect(frame.without(null)[0]).toBe(frame.without(null)[0])
    expect(frame.without(3)[1]?.buffer).toBe(frame.without(12)[2]?.buffer)
  })

  it('says nothing when there is nobody to speak of', () => {
    expect(new PresenceFrame([], STOCK_FRAMING).without(null)).toEqual([])
  })
})
