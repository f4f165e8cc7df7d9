import { describe, expect, it } from 'vitest'
import { Channels, type Channel } from '../../server/src/transport/channels.js'
import type { Session } from '../../server/src/transport/session.js'

function channel(framing: number): Channel {
  return { documentId: `document ${framing}`, session: { framing } as Session, tenure: null }
}

function numbersOf(channels: Channels): number[] {
  return [...channels].map(({ session }) => session.framing)
}

describe('[P33] the channels of a connection', () => {
  it('are found by their number, be they none, one or many', () => {
    const channels = new Channels()
    const opened = [4, 9, 2].map(channel)
    for (const [index, open] of opened.entries()) {
      expect([channels.size, channels.get(open.session.framing)]).toEqual([index, undefined])
      channels.add(open)
      expect(channels.get(open.session.framing)).toBe(open)
    }
    expect(numbersOf(channels)).toEqual([4, 9, 2])
    expect(channels.get(5)).toBeUndefined()
  })

  it('are free again when they were closed', () => {
    const channels = new Channels()
    for (const numbers of [[1], [1, 2, 3]]) {
      for (const number of numbers) channels.add(channel(number))
      expect(channels.delete(7)).toBeUndefined()
      for (const number of numbers) {
        expect(channels.delete(number)?.session.framing).toBe(number)
        expect(channels.delete(number)).toBeUndefined()
      }
      expect([channels.size, numbersOf(channels)]).toEqual([0, []])
    }
  })

  it('take turns: one that is closed and added again comes last, also while they are visited', () => {
    const channels = new Channels()
    const opened = [1, 2, 3].map(channel)
    for (const open of opened) channels.add(open)
    for (const open of channels) {
      if (channels.delete(open.session.framing) === open) channels.add(open)
      break
    }
    expect(numbersOf(channels)).toEqual([2, 3, 1])
    for (const { session } of channels) channels.delete(session.framing)
    expect(channels.size).toBe(0)
  })
})
