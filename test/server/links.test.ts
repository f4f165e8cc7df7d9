import { createSecretKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemRandom } from '@coscribe/shared'
import { expect, it } from 'vitest'
import { Links, type LinksSetup } from '../../server/src/auth/links.js'
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
