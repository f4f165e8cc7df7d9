import { createSecretKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemRandom } from '@coscribe/shared'
import { expect, it } from 'vitest'
import { noAudit } from '../../server/src/audit.js'
import { Links, type LinksSetup } from '../../server/src/auth/links.js'
import { Revocations } from '../../server/src/auth/revocations.js'
import { silentLogger } from '../../server/src/log.js'
import { Rights } from '../../server/src/rights.js'
import { Gate } from '../../server/src/transport/gate.js'
import { LiveSessions } from '../../server/src/transport/live-sessions.js'
import { ManualClock } from '../support/manual-clock.js'
import { folderForTest } from '../support/test-server.js'
import { SECRET } from '../support/tokens.js'

const key = { key: createSecretKey(Buffer.from(SECRET)), algorithms: ['HS256'] }

function linksWith(more: Partial<LinksSetup> = {}): Links {
  const names = { issuer: 'coscribe', audience: 'coscribe' }
  return new Links({
    path: null,
    key,
    ...names,
    clock: new ManualClock(),
    random: systemRandom,
    ...more,
  })
}

const wanted = (documentId: string) =>
  ({ documentId, access: 'read', ttlSeconds: 60, by: 'dora' }) as const

it('[A67] are bounded per document and in all, and make room when they end', async () => {
  const clock = new ManualClock()
  const links = linksWith({ clock, maxPerDocument: 2, max: 3 })
  const outcomes: unknown[] = []
  for (const id of ['a', 'a', 'a', 'b', 'b']) outcomes.push(await links.make(wanted(id)))
  expect(outcomes.map((outcome) => typeof outcome === 'string')).toEqual([
    false,
    false,
    true,
    false,
    true,
  ])
  clock.advance(60_000)
  expect(links.of('a')).toEqual([])
  expect(await links.make(wanted('a'))).toMatchObject({ link: { documentId: 'a' } })
})

it('[A67] are not told when they cannot be kept', async () => {
  const links = linksWith({ path: join(folderForTest(), 'no folder', 'links.json') })
  await expect(links.make(wanted('a'))).rejects.toMatchObject({ code: 'storage-unavailable' })
  expect(links.of('a')).toEqual([])
})

it('[A67] stop the start when their file is damaged', async () => {
  const path = join(folderForTest(), 'links.json')
  const links = linksWith({ path })
  await links.make(wanted('a'))
  const again = linksWith({ path })
  await again.load()
  expect(again.of('a')).toEqual(links.of('a'))
  writeFileSync(path, '{}')
  await expect(linksWith({ path }).load()).rejects.toMatchObject({ code: 'store-damaged' })
})

it('[A67] are taken back with their maker, also where no right to a single document can be set any more', async () => {
  const clock = new ManualClock()
  const links = linksWith({ clock })
  const made = await links.make(wanted('a'))
  if (typeof made === 'string') throw new Error(made)
  const common = { clock, logger: silentLogger }
  const maxLifeMs = 1_000_000
  const revocations = new Revocations({ path: null, maxLifeMs, maxOfDocuments: 1, ...common })
  const gate = new Gate({ authenticator: { authenticate: () => Promise.reject() }, ...common })
  const rooms = { settled: () => Promise.resolve(true) }
  const documents = { settled: () => Promise.resolve() }
  const live = new LiveSessions(new Set())
  const audit = noAudit
  const rights = new Rights({ gate, revocations, links, audit, live, rooms, documents, clock })
  await rights.setAccess({ subject: 'eve', document: 'b' }, 'read')
  const more = rights.setAccess({ subject: 'eve', document: 'c' }, 'read')
  await expect(more).rejects.toMatchObject({ code: 'rate-limited' })
  expect(await rights.revoke({ subject: 'dora' })).toEqual({ sessions: 0, pending: false })
  const { id: tokenId, expiresAt } = made.link
  const grants = { documents: new Map(), prefixes: new Map() }
  const guest = { subject: `link:${tokenId}`, tokenId, expiresAt, grants }
  expect(revocations.accessFor(guest, 'a')).toBe('none')
})
