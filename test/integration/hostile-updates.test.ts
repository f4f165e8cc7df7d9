import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { memoryOf, resetPeak } from '../support/child-memory.js'
import { docCondition } from '../support/clients.js'
import { bytesOf, single, text } from '../support/forge.js'
import { hostileUpdates, type Hostile } from '../support/hostile-corpus.js'
import { ATTACKED, People, storedDoc } from '../support/people.js'
import { dialects, RawClient, type DialectName } from '../support/raw-client.js'
import { clientsOf, stateHash } from '../support/replica-state.js'
import { folderForTest, spawnServer } from '../support/test-server.js'

const MiB = 1024 * 1024

/** Sends one hostile update; returns what is wrong with how the server took it. */
async function attack(url: string, dialect: DialectName, hostile: Hostile): Promise<string[]> {
  const attacker = await RawClient.joined(url, ATTACKED, dialect)
  const solicited = attacker.count('sync-step-1') > 0
  attacker.say({ type: solicited ? 'sync-step-2' : 'update', update: hostile.bytes })
  attacker.say({ type: 'update', update: hostile.bytes })
  const wrong =
    hostile.outcome === 'closed' ? await notClosed(attacker) : await notRefused(attacker)
  attacker.close()
  return wrong
}

async function notClosed(attacker: RawClient): Promise<string[]> {
  const { code, reason } = await attacker.ended()
  return code === 4400 ? [] : [`closed with ${code} ${reason}`]
}

async function notRefused(attacker: RawClient): Promise<string[]> {
  const type = attacker.dialect === 'coscribe.v1' ? 'rejected' : 'auth-denied'
  await attacker.until(() => attacker.count(type) > 0)
  await attacker.sync()
  return attacker.ending === null ? [] : [`closed with ${attacker.ending.code}`]
}

describe('updates that are none', () => {
  it.each(dialects)(
    '[R60] each is turned away in %s, and nobody else notices',
    async (dialect) => {
      const data = folderForTest()
      const server = await spawnServer({ data })
      const people = await People.in(server)
      const wrong: string[] = []
      const pid = server.process.pid ?? 0
      resetPeak(pid)
      const before = memoryOf(pid).now
      for (const hostile of hostileUpdates) {
        const found = await attack(server.url, dialect, hostile)
        found.push(...(await people.damage()))
        await people.talk()
        wrong.push(...found.map((fault) => `${hostile.name}: ${fault}`))
      }
      expect(wrong).toEqual([])
      const grown = memoryOf(pid).peak - before
      const largest = Math.max(...hostileUpdates.map(({ bytes }) => bytes.length))
      expect(grown).toBeLessThan(32 * largest + 64 * MiB)
      await people.saved()
      await server.kill()
      expect(stateHash(await storedDoc(data, ATTACKED))).toBe(stateHash(people.ann.ydoc))
    },
    120_000,
  )

  it('[R60] all of them at once do not hinder people who write', async () => {
    const data = folderForTest()
    const server = await spawnServer({ data })
    const people = await People.in(server)
    const attacking = new AbortController()
    const attacks = Promise.all(
      dialects.map(async (dialect) => {
        for (const hostile of hostileUpdates) await attack(server.url, dialect, hostile)
      }),
    ).finally(() => attacking.abort())
    while (!attacking.signal.aborted) await people.talk()
    await attacks
    expect(await people.damage()).toEqual([])
    await people.saved()
    await server.kill()
    expect(stateHash(await storedDoc(data, ATTACKED))).toBe(stateHash(people.ann.ydoc))
  }, 300_000)

  it('[R60] an answer as large as a document, of the smallest structs there are, costs no more either', async () => {
    const server = await spawnServer({ data: folderForTest() })
    const people = await People.in(server)
    const attacker = new RawClient(server.url, ATTACKED, 'coscribe.v1')
    await attacker.open()
    await attacker.until(() => attacker.count('sync-step-1') > 0)
    const structs = 20_000_000
    const collected = new Uint8Array(2 * structs)
    for (let at = 1; at < collected.length; at += 2) collected[at] = 1
    const before = memoryOf(server.process.pid ?? 0).now
    const flood = bytesOf(1, structs, 0xbad, 0, collected, 0)
    attacker.say({ type: 'sync-step-2', update: flood })
    await attacker.until(() => attacker.count('rejected') > 0)
    expect(attacker.ending).toBeNull()
    // In full it would take 41 bytes for each struct, 800 MB; the message itself is held two or three times.
    expect(memoryOf(server.process.pid ?? 0).peak - before).toBeLessThan(400 * MiB)
    expect(await people.damage()).toEqual([])
    await people.talk()
  })

  it('[R60] control: a good update from a stranger is seen as damage', async () => {
    const server = await spawnServer({ data: folderForTest() })
    const people = await People.in(server)
    const stranger = await RawClient.joined(server.url, ATTACKED, 'y-websocket')
    stranger.say({ type: 'update', update: single(0xbad, text('x')) })
    await docCondition(people.ann.ydoc, () => clientsOf(people.ann.ydoc).includes(0xbad))
    expect(await people.damage()).toContain('structs of 2989')
    stranger.close()
  })

  it('[R60] the thread that has the sockets has no Yjs or lib0 decoder at all', () => {
    const source = fileURLToPath(new URL('../../server/src/', import.meta.url))
    const importing = (pattern: RegExp): string[] =>
      readdirSync(source, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .filter((file) => pattern.test(readFileSync(join(source, file), 'utf8')))
    // Only the compaction's worker has one, and only there these files are imported.
    expect(importing(/from '(yjs|lib0\/decoding|y-protocols)/)).toEqual([
      join('persistence', 'fold.ts'),
      join('persistence', 'split-struct.ts'),
    ])
    const importers = (file: string): string[] =>
      importing(new RegExp(`^import (?!type).*/${file}\\.js'`, 'm'))
    expect(importers('split-struct')).toEqual([join('persistence', 'pieces.ts')])
    expect(importers('pieces')).toEqual([join('persistence', 'fold.ts')])
    expect(importers('fold')).toEqual([join('persistence', 'compaction-worker.ts')])
  })
})
