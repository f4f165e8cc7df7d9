import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Identity } from '../../server/src/auth/authenticator.js'
import { Tickets } from '../../server/src/transport/tickets.js'
import { credentialsInQuery, takeQuery } from '../../server/src/transport/url-credentials.js'
import { ManualClock } from '../support/manual-clock.js'
import { SeededRandom } from '../support/random.js'

function identity(subject: string): Identity {
  const grants = { documents: new Map(), prefixes: new Map([['', 'admin' as const]]) }
  return { subject, tokenId: 'id', expiresAt: 1e15, grants }
}

function setUp(bounds = {}): { tickets: Tickets; clock: ManualClock } {
  const clock = new ManualClock()
  return { tickets: new Tickets({ clock, random: new SeededRandom(1), ...bounds }), clock }
}

describe('tickets', () => {
  it('[A55] are those of whoever asked, for one document, and once', () => {
    const { tickets } = setUp()
    const { ticket } = tickets.issue(identity('ada'), 'doc', 'read') ?? { ticket: '' }
    expect(tickets.take(`${ticket}x`)).toBeNull()
    expect(tickets.take(ticket)).toMatchObject({
      ...identity('ada'),
      grants: { documents: new Map([['doc', 'read']]), prefixes: new Map() },
    })
    expect(tickets.take(ticket)).toBeNull()
    expect(tickets.size).toBe(0)
  })

  it('[A55] are counted for each subject and in all, and those that are over count no more', () => {
    const { tickets, clock } = setUp({ maxOfSubject: 2, maxTickets: 3 })
    const issue = (subject: string): string | undefined =>
      tickets.issue(identity(subject), 'doc', 'read')?.ticket
    const first = issue('ada') ?? ''
    expect([issue('ada'), issue('ada'), issue('ben'), issue('cy')].map(Boolean)).toEqual([
      true,
      false,
      true,
      false,
    ])
    // A used one makes room, for its own subject too.
    expect(tickets.take(first)?.subject).toBe('ada')
    expect([issue('ada'), issue('ada')].map(Boolean)).toEqual([true, false])
    clock.advance(29_999)
    expect(issue('ada')).toBeUndefined()
    clock.advance(1)
    expect([issue('ada'), issue('ada'), issue('cy')].map(Boolean)).toEqual([true, true, true])
    expect(tickets.size).toBe(3)
  })
})

describe('tickets of share links', () => {
  it('[A55] are counted for the document too, so that many links to one leave room for everybody else', () => {
    const { tickets, clock } = setUp({ maxOfSubject: 2, maxOfGuests: 3 })
    const issue = (subject: string, documentId = 'doc'): string | undefined =>
      tickets.issue(identity(subject), documentId, 'read')?.ticket
    const first = issue('link:a') ?? ''
    const more = ['link:a', 'link:a', 'link:b', 'link:b', 'link:c'].map((one) => issue(one))
    expect(more.map(Boolean)).toEqual([true, false, true, false, false])
    expect(issue('ada')).toBeDefined()
    expect(issue('link:d', 'other')).toBeDefined()
    // What was refused for the document does not count for the subject.
    expect(tickets.take(first)?.subject).toBe('link:a')
    expect([issue('link:b'), issue('link:c')].map(Boolean)).toEqual([true, false])
    clock.advance(30_000)
    expect(['link:c', 'link:c', 'link:d', 'link:d'].map((one) => Boolean(issue(one)))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
})

describe('the query of an address', () => {
  const query = 'a=b&ticket=cst_x&token=ey.J.z&ticket=&TOKEN=no&token%20=no'
  const found = (mode: 'off' | 'tickets' | 'tokens'): string[] =>
    credentialsInQuery(query, mode, 'doc').map(({ kind, value }) => `${kind} ${value}`)

  it('[A57] is taken off the request', () => {
    const request = { url: '/doc?token=x?y' } as IncomingMessage
    expect(takeQuery(request)).toBe('token=x?y')
    expect(request.url).toBe('/doc')
    expect(takeQuery(request)).toBe('')
  })

  it('[A55, A56] holds what the server was told to look for', () => {
    expect(found('off')).toEqual([])
    expect(found('tickets')).toEqual(['ticket cst_x', 'ticket '])
    expect(found('tokens')).toEqual(['ticket cst_x', 'ticket ', 'token ey.J.z'])
  })
})
