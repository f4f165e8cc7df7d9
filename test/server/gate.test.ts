import type { Access } from '@coscribe/shared'
import { describe, expect, it } from 'vitest'
import type { Authenticator, Identity } from '../../server/src/auth/authenticator.js'
import type { Grants } from '../../server/src/auth/grants.js'
import { silentLogger } from '../../server/src/log.js'
import { Expiries } from '../../server/src/transport/expiries.js'
import { Gate } from '../../server/src/transport/gate.js'
import { Tenure, type TenureOwner } from '../../server/src/transport/tenure.js'
import { ManualClock } from '../support/manual-clock.js'

const ada: Identity = {
  subject: 'ada',
  tokenId: '',
  expiresAt: 1_000_000_000_000_000,
  grants: { documents: new Map([['doc', 'read']]), prefixes: new Map() },
}

function grantsFor(documentId: string, access: Access): Grants {
  return { documents: new Map([[documentId, access]]), prefixes: new Map() }
}

function gateWith(authenticate: Authenticator['authenticate'], clock = new ManualClock()): Gate {
  return new Gate({ authenticator: { authenticate }, clock, logger: silentLogger })
}

describe('the gate', () => {
  it('[A42] asks an authenticator of the application, with the bytes as they came', async () => {
    const asked: string[] = []
    const gate = gateWith((credential) => {
      asked.push(credential)
      return Promise.resolve(ada)
    })
    expect(await gate.verify(['a session id'])).toBe(ada)
    expect(asked).toEqual(['a session id'])
    expect(gate.admit(ada, 'doc')).toBe('read')
    expect(gate.admit(ada, 'other')).toMatchObject({ name: 'forbidden' })
    expect(gate.admit(null, 'doc')).toMatchObject({ name: 'not-authenticated' })
    expect(gate.admit({ ...ada, expiresAt: 0 }, 'doc')).toMatchObject({ name: 'not-authenticated' })
  })

  it('[A42] takes nobody whose end has passed, whatever an authenticator says', async () => {
    const gate = gateWith(() => Promise.resolve({ ...ada, expiresAt: 0 }))
    expect(await gate.verify(['x'])).toMatchObject({ name: 'not-authenticated' })
  })

  it('[A42] nobody comes in by a subject that is too long to be kept', async () => {
    const gate = gateWith(() => Promise.resolve({ ...ada, subject: 'x'.repeat(256) }))
    expect(await gate.verify(['x'])).toMatchObject({ name: 'internal' })
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('the database is down'))],
    [
      'throws',
      () => {
        throw new Error('a mistake')
      },
    ],
  ])('[A42] nobody comes in by an authenticator that %s', async (_name, authenticate) => {
    const verdict = await gateWith(authenticate).verify(['x'])
    expect(verdict).toEqual({ name: 'internal', reason: 'the credential could not be verified' })
  })

  it('[A42] nobody comes in by an authenticator that does not answer, or too late', async () => {
    const clock = new ManualClock()
    const late = (): Promise<Identity> =>
      new Promise((resolve) => clock.after(10_001, () => resolve(ada)))
    const verdict = gateWith(late, clock).verify(['x'])
    clock.advance(20_000)
    expect(await verdict).toMatchObject({ name: 'internal' })
  })

  it('[A42] that an authenticator fails is told once in five seconds, however many ask', async () => {
    const clock = new ManualClock()
    const told: string[] = []
    const note = (level: string) => () => void told.push(level)
    const logger = { ...silentLogger, error: note('error'), debug: note('debug') }
    const authenticator = { authenticate: () => Promise.reject(new Error('down')) }
    const gate = new Gate({ authenticator, clock, logger })
    for (const ms of [0, 0, 4_999, 1]) {
      clock.advance(ms)
      await gate.verify(['x'])
    }
    expect(told).toEqual(['error', 'debug', 'debug', 'error'])
  })

  it('[A42] an authenticator is not asked about no credential, or two', async () => {
    const gate = gateWith(() => Promise.resolve(ada))
    expect(await gate.verify([])).toMatchObject({ name: 'not-authenticated' })
    expect(await gate.verify(['x', 'x'])).toMatchObject({ name: 'not-authenticated' })
  })

  it('[A77] asks about each document an authenticator that decides so, and nobody about what is no document', async () => {
    const asked: unknown[] = []
    const gate = new Gate({
      authenticator: {
        authenticate: () => Promise.resolve(ada),
        authorize(identity, documentId) {
          asked.push([this, identity, documentId])
          return Promise.resolve({ ...identity, grants: grantsFor(documentId, 'comment') })
        },
      },
      clock: new ManualClock(),
      logger: silentLogger,
    })
    const consulted = await gate.consult(ada, 'other')
    expect(consulted).toEqual({ ...ada, grants: grantsFor('other', 'comment') })
    expect(gate.admit(consulted as Identity, 'other')).toBe('comment')
    expect(asked).toEqual([[expect.anything(), ada, 'other']])
    for (const id of ['', '.hidden', 'a'.repeat(1_000), '\ud800']) {
      expect(await gate.consult(ada, id)).toMatchObject({ name: 'protocol-error' })
    }
    expect(asked).toHaveLength(1)
  })

  it.each<[string, NonNullable<Authenticator['authorize']>, string]>([
    ['rejects', () => Promise.reject(new Error('down')), 'internal'],
    [
      'throws',
      () => {
        throw new Error('a mistake')
      },
      'internal',
    ],
    [
      'names somebody else',
      (identity) => Promise.resolve({ ...identity, subject: 'eve' }),
      'internal',
    ],
    ['finds a fault', () => Promise.resolve({ fault: 'gone' }), 'not-authenticated'],
  ])(
    '[A77] nobody gets to a document by an authenticator that %s',
    async (_name, authorize, name) => {
      const authenticator = { authenticate: () => Promise.resolve(ada), authorize }
      const gate = new Gate({ authenticator, clock: new ManualClock(), logger: silentLogger })
      expect(await gate.consult(ada, 'doc')).toMatchObject({ name })
    },
  )

  it('[A2] is open where nobody is asked', () => {
    const clock = new ManualClock()
    const gate = new Gate({ authenticator: null, clock, logger: silentLogger })
    expect(gate.isOpen).toBe(true)
    expect(gate.admit(null, 'doc')).toBe('write')
  })
})

describe('tenures', () => {
  it('[A37] end at their second, those that end now only, and leave nothing behind', () => {
    const clock = new ManualClock()
    const expiries = new Expiries(clock)
    const ended: Tenure[] = []
    const owner: TenureOwner = { tenureOver: (tenure) => ended.push(tenure) }
    const start = clock.wallTime()
    const [first, renewed, left] = [1_500, 1_500, 1_500].map(
      (ms) => new Tenure(expiries, owner, { ...ada, expiresAt: start + ms }),
    )
    renewed?.renew({ ...ada, expiresAt: start + 60_000 })
    left?.end()
    expect(expiries.size).toBe(2)
    clock.advance(1_499)
    expiries.visit()
    expect(first?.over).toBe(false)
    clock.advance(1)
    expect([first, renewed].map((tenure) => tenure?.over)).toEqual([true, false])
    clock.advance(1_000)
    expiries.visit()
    expect(ended).toEqual([first])
    clock.advance(60_000)
    expiries.visit()
    expiries.visit()
    expect(ended).toEqual([first, renewed])
    expect(expiries.size).toBe(0)
  })
})
