import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Identity } from '../../server/src/auth/authenticator.js'
import { identityFrom } from '../../server/src/auth/jwt-claims.js'
import { Revocations, type Ruling } from '../../server/src/auth/revocations.js'
import { silentLogger } from '../../server/src/log.js'
import { Gate } from '../../server/src/transport/gate.js'
import { ManualClock } from '../support/manual-clock.js'
import { folderForTest } from '../support/test-server.js'

const DAY = 24 * 3_600_000
const START = 1_000 * DAY

/** A clock that has a past. */
function clockAt(ms = START): ManualClock {
  const clock = new ManualClock()
  clock.advance(ms)
  return clock
}

function revocations(path: string | null, clock = clockAt(), max = 10_000): Revocations {
  return new Revocations({ path, maxLifeMs: 30 * DAY, clock, logger: silentLogger, max })
}

function ruling(parts: Partial<Ruling>): Ruling {
  return { subject: '', tokenId: '', documentId: '', before: START, access: 'none', ...parts }
}

function identity(parts: Partial<Identity> = {}): Identity {
  return {
    subject: 'ada',
    tokenId: 't1',
    issuedAt: START - 1_000,
    expiresAt: START + DAY,
    grants: { documents: new Map(), prefixes: new Map([['', 'write']]) },
    ...parts,
  }
}

function gateOf(rulings: Revocations, clock = clockAt()): Gate {
  const authenticator = { authenticate: () => Promise.resolve(identity()) }
  return new Gate({ authenticator, revocations: rulings, clock, logger: silentLogger })
}

const { issuedAt: _when, ...timeless } = identity()

describe('revocations', () => {
  it.each<[string, Partial<Ruling>, Identity, string, boolean]>([
    ['of a subject reach its older credentials', { subject: 'ada' }, identity(), 'doc', true],
    [
      'of a subject reach one of the same moment',
      { subject: 'ada' },
      identity({ issuedAt: START }),
      'doc',
      true,
    ],
    [
      'of a subject spare a newer one',
      { subject: 'ada' },
      identity({ issuedAt: START + 60_001 }),
      'doc',
      false,
    ],
    [
      'of a subject reach one of an issuer whose clock is ahead',
      { subject: 'ada' },
      identity({ issuedAt: START + 60_000 }),
      'doc',
      true,
    ],
    ['of a subject reach one of unknown age', { subject: 'ada' }, timeless, 'doc', true],
    ['of a subject spare others', { subject: 'eve' }, identity(), 'doc', false],
    [
      'of a token id reach it whatever it says of its age',
      { tokenId: 't1' },
      identity({ issuedAt: START + 1 }),
      'doc',
      true,
    ],
    ['of a token id spare others', { tokenId: 't2' }, identity(), 'doc', false],
    ['of a document reach everybody there', { documentId: 'doc' }, identity(), 'doc', true],
    ['of a document spare other documents', { documentId: 'doc' }, identity(), 'other', false],
    [
      'of a subject and a document reach it there',
      { subject: 'ada', documentId: 'doc' },
      identity(),
      'doc',
      true,
    ],
    [
      'of a subject and a document spare it elsewhere',
      { subject: 'ada', documentId: 'doc' },
      identity(),
      'other',
      false,
    ],
    ['of everybody reach everybody', {}, identity(), 'doc', true],
  ])('[A60] %s', (_name, parts, who, documentId, reached) => {
    const list = revocations(null)
    list.decide(ruling(parts))
    const admitted = gateOf(list).admit(who, documentId)
    if (reached) expect(admitted).toMatchObject({ name: 'forbidden' })
    else expect(admitted).toBe('write')
  })

  it('[A60] turn a credential away before any document is named, but not one of a single document', async () => {
    const list = revocations(null)
    list.decide(ruling({ subject: 'ada', documentId: 'doc' }))
    expect(await gateOf(list).verify(['x'])).toMatchObject({ subject: 'ada' })
    list.decide(ruling({ subject: 'ada' }))
    expect(await gateOf(list).verify(['x'])).toMatchObject({ name: 'forbidden' })
  })

  it('[A61] are forgotten when no credential that they are about can be good any more', () => {
    const clock = clockAt()
    const list = revocations(null, clock)
    list.decide(ruling({ subject: 'ada' }))
    clock.advance(30 * DAY)
    list.decide(ruling({ subject: 'ben', before: clock.wallTime() }))
    expect(list.size).toBe(2)
    clock.advance(DAY)
    list.decide(ruling({ subject: 'cyd', before: clock.wallTime() }))
    expect(list.size).toBe(2)
  })

  it('[A61] are about no credential that would outlive them: none that lives longer gets in', () => {
    const list = revocations(null)
    const verdicts = [
      identity({ expiresAt: START + 30 * DAY - 1_000 }),
      identity({ expiresAt: START + 30 * DAY - 999 }),
      { ...timeless, expiresAt: START + 30 * DAY },
      { ...timeless, expiresAt: START + 30 * DAY + 1 },
      identity({ issuedAt: START + 60_001 }),
    ].map((who) => list.covers(who))
    expect(verdicts).toEqual([true, false, true, false, false])
  })

  it('[A61] know when a token was issued, if it says so as it should', () => {
    const claims = { sub: 'ada', exp: 2_000 }
    expect(identityFrom(claims)).not.toHaveProperty('issuedAt')
    expect(identityFrom({ ...claims, iat: 1_000.25 })).toMatchObject({ issuedAt: 1_000_250 })
    for (const iat of ['1000', -1, 0, 2 ** 53, null]) {
      expect(identityFrom({ ...claims, iat: iat as number })).toEqual({ claim: 'iat' })
    }
  })

  it('[A61] that are too many become one about everybody with a credential as old as the oldest', () => {
    const list = revocations(null, clockAt(), 8)
    for (let i = 0; i < 8; i++) {
      expect(list.decide(ruling({ subject: `s${i}`, before: START - DAY + i }))).toHaveLength(1)
    }
    const inForce = list.decide(ruling({ subject: 's8' }))
    expect(inForce.map(({ subject }) => subject)).toEqual(['', 's8'])
    expect(list.size).toBe(8)
    // Those that were folded, and a stranger whose credential is as old.
    for (const subject of ['s0', 's1', 'stranger']) {
      const old = identity({ subject, issuedAt: START - DAY - 1 })
      expect(list.accessFor(old, 'doc')).toBe('none')
    }
    expect(list.accessFor(identity({ subject: 'stranger' }), 'doc')).toBeNull()
    expect(list.accessFor(identity({ subject: 's7', issuedAt: START - DAY }), 'doc')).toBe('none')
  })

  it('[A61] that are too many for one document become one about everybody there, and nobody elsewhere', () => {
    const limits = { maxOfDocument: 8, maxOfDocuments: 12 }
    const setup = { path: null, maxLifeMs: 30 * DAY, clock: clockAt(), logger: silentLogger }
    const list = new Revocations({ ...setup, ...limits })
    for (let i = 0; i < 30; i++) list.decide(ruling({ subject: `s${i}`, documentId: 'doc' }))
    expect(list.size).toBeLessThanOrEqual(8)
    expect(list.accessFor(identity(), 'doc')).toBe('none')
    expect(list.accessFor(identity(), 'other')).toBeNull()
    const more = (): unknown[] =>
      Array.from({ length: 12 }, (_, i) => list.decide(ruling({ documentId: `d${i}` })))
    expect(more).toThrow(expect.objectContaining({ code: 'rate-limited' }))
    // Whoever administers everything still may.
    expect(list.decide(ruling({ subject: 'eve' }))).toHaveLength(1)
  })

  it('[A62] are there after a restart, and later ones never shorten earlier ones', async () => {
    const path = join(folderForTest(), 'revocations.json')
    const first = revocations(path)
    await first.load()
    first.decide(ruling({ subject: 'ada' }))
    const kept = first.save()
    first.decide(ruling({ subject: 'ada', before: START - DAY }))
    first.decide(ruling({ tokenId: 't2', documentId: 'doc', access: 'read' }))
    await Promise.all([kept, first.save()])
    const second = revocations(path)
    await second.load()
    expect(second.size).toBe(2)
    expect(second.accessFor(identity(), 'doc')).toBe('none')
    const ben = identity({ subject: 'ben', tokenId: 't2' })
    expect([second.accessFor(ben, 'doc'), second.accessFor(ben, 'other')]).toEqual(['read', null])
  })

  it('[A62] that cannot be read whole stop the start', async () => {
    const path = join(folderForTest(), 'revocations.json')
    const first = revocations(path)
    first.decide(ruling({ subject: 'ada' }))
    first.decide(ruling({ subject: 'ben' }))
    await first.save()
    const whole = readFileSync(path)
    const damaged = [
      Buffer.alloc(0),
      whole.subarray(0, whole.length / 2),
      // One bit of every eleventh byte.
      ...Array.from({ length: Math.floor(whole.length / 11) }, (_, part) => {
        const at = part * 11
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] ?? 0) ^ 1
        return bytes
      }),
    ]
    for (const bytes of damaged) {
      writeFileSync(path, bytes)
      await expect(revocations(path).load()).rejects.toMatchObject({
        code: expect.stringMatching(/^store-/),
      })
    }
    writeFileSync(path, whole)
    await expect(revocations(path).load()).resolves.toBeUndefined()
  })

  it('[A62] that cannot be written are said not to be kept, and are with the next that can', async () => {
    const folder = join(folderForTest(), 'later')
    const path = join(folder, 'revocations.json')
    const list = revocations(path)
    list.decide(ruling({ subject: 'ada' }))
    await expect(list.save()).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(list.accessFor(identity(), 'doc')).toBe('none')
    mkdirSync(folder)
    await list.save()
    const next = revocations(path)
    await next.load()
    expect(next.accessFor(identity(), 'doc')).toBe('none')
  })
})
