import { expect, it } from 'vitest'
import { ArrivingMessage } from '../../server/src/transport/arriving-message.js'
import { InboundBudget } from '../../server/src/transport/inbound-budget.js'

const MiB = 1024 * 1024

it('[P26] what still comes after the last word is not read beyond the size of a message', () => {
  const calls: string[] = []
  const host = {
    isOpen: true,
    received: 0,
    expectsAnswer: false,
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    tooLarge: () => void calls.push('too large'),
  }
  const arriving = new ArrivingMessage(host, new InboundBudget(10 * MiB, MiB), MiB)
  host.received = 2 * MiB
  arriving.data()
  expect(calls.splice(0)).toEqual(['too large'])
  host.isOpen = false
  arriving.end()
  // What was on its way when the connection was closed, and the answer to the closing handshake behind it.
  host.received += MiB
  arriving.data()
  expect(calls).toEqual([])
  host.received += MiB
  arriving.data()
  expect(calls).toEqual(['pause'])
})
