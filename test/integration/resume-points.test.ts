import { systemRandom, type Random } from '@coscribe/shared'
import { MemoryStore } from '@coscribe/storage'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../support/eventually.js'
import { RawClient } from '../support/raw-client.js'
import { append, contentOf, ID, raw, running } from '../support/crashing-server.js'
import type { Crashing } from '../support/crashing-server.js'

/** Four saved edits, then four that are relayed to `reader` and lost by a crash. */
async function relayedAndLost(server: Crashing, reader: RawClient): Promise<string> {
  const ann = await raw(server)
  await ann.open()
  await ann.sync()
  for (const letter of 'abcd') ann.edit((doc) => append(doc, letter))
  await ann.until(() => ann.acked >= 4)
  await reader.open()
  await reader.sync()
  await reader.until(() => reader.resumePoint?.seq === 4)
  server.faulty.hang()
  for (const letter of 'efgh') ann.edit((doc) => append(doc, letter))
  await reader.until(() => contentOf(reader.doc) === 'abcdefgh')
  expect(reader.resumePoint?.seq).toBe(4)
  ann.close()
  await server.crash()
  return 'abcdefgh'
}

/** Other content under the numbers that were lost. */
async function numbersUsedAgain(server: Crashing): Promise<void> {
  await server.start()
  const carl = await raw(server)
  await carl.open()
  await carl.sync()
  for (const letter of 'WXYZ') carl.edit((doc) => append(doc, letter))
  await carl.until(() => carl.acked >= 4)
  expect(contentOf(carl.doc)).toBe('abcdWXYZ')
  carl.close()
}

/** Comes back with the replica of `before` and a resume point; uploads what the server asks for. */
async function comeBack(server: Crashing, before: RawClient, seq: number): Promise<RawClient> {
  const point = before.resumePoint
  if (point === null) throw new Error('no resume point')
  const again = await raw(server)
  Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(before.doc))
  await again.open({ historyId: point.historyId, resume: { ...point, seq } })
  if (again.hello?.resumed === false) await again.sync()
  await again.until(() => again.count('sync-step-1') > 0 && again.count('sync-step-2') > 0)
  const asked = again.last('sync-step-1')
  if (asked !== null) {
    const update = Y.encodeStateAsUpdate(again.doc, asked.stateVector)
    again.say({ type: 'sync-step-2', update })
    await again.until(() => again.acked >= 1)
  }
  return again
}

describe('numbers that a crash lets two servers give', () => {
  it.each([
    ['the last announced point', 4],
    ['a number that was never announced', 8],
  ])('[R71] %s of the crashed server is not resumed from: all converge', async (_, seq) => {
    const server = await running()
    const reader = await raw(server)
    await relayedAndLost(server, reader)
    await numbersUsedAgain(server)
    const again = await comeBack(server, reader, seq)
    expect(again.hello?.resumed).toBe(false)
    const newcomer = await raw(server)
    await newcomer.open()
    await newcomer.sync()
    expect(contentOf(again.doc)).toHaveLength(12)
    expect(contentOf(newcomer.doc)).toBe(contentOf(again.doc))
    expect(await server.stored()).toBe(contentOf(again.doc))
  })

  it('[R71] control: resuming by the number alone leaves the replicas different', async () => {
    // Two servers that draw the same incarnation are one to their clients.
    const server = await running(new MemoryStore(), { random: repeatingRandom() })
    const reader = await raw(server)
    await relayedAndLost(server, reader)
    await numbersUsedAgain(server)
    const again = await comeBack(server, reader, 8)
    expect(again.hello?.resumed).toBe(true)
    const newcomer = await raw(server)
    await newcomer.open()
    await newcomer.sync()
    expect(contentOf(again.doc)).not.toBe(contentOf(newcomer.doc))
  })

  it('[R71] a resume point above the head is not resumed from', async () => {
    const server = await running()
    const ann = await raw(server)
    await ann.open()
    await ann.sync()
    ann.edit((doc) => append(doc, 'abc'))
    await ann.until(() => ann.resumePoint?.seq === 1)
    for (const [seq, resumed] of [
      [1, true],
      [2, false],
      [Number.MAX_SAFE_INTEGER, false],
    ] as const) {
      const again = await comeBack(server, ann, seq)
      expect([seq, again.hello?.resumed]).toEqual([seq, resumed])
      expect(contentOf(again.doc)).toBe('abc')
    }
  })

  it('[R71] what was missed since a resume point of the same server is all that is sent', async () => {
    const server = await running()
    const ann = await raw(server)
    await ann.open()
    await ann.sync()
    ann.edit((doc) => append(doc, 'a'.repeat(10_000)))
    await ann.until(() => ann.resumePoint?.seq === 1)
    const ben = await raw(server)
    await ben.open()
    await ben.sync()
    ben.edit((doc) => append(doc, '!'))
    await ben.until(() => ben.acked >= 1)
    const again = await comeBack(server, ann, 1)
    expect(again.hello?.resumed).toBe(true)
    expect(contentOf(again.doc)).toBe(`${'a'.repeat(10_000)}!`)
    const sent = again.frames.reduce((sum, frame) => sum + frame.length, 0)
    expect(sent).toBeLessThan(1_000)
  })

  it('[R71] a number that went into the snapshot is not resumed from', async () => {
    const server = await running()
    const ann = await raw(server)
    await ann.open()
    await ann.sync()
    ann.edit((doc) => append(doc, 'first '))
    await ann.until(() => ann.resumePoint?.seq === 1)
    const ben = await raw(server)
    await ben.open()
    await ben.sync()
    ben.edit((doc) => append(doc, 'x'.repeat(70_000)))
    await ben.until(() => ben.acked >= 1)
    await snapshotOf(server, 2, () => ben.edit((doc) => append(doc, '!')))
    const again = await comeBack(server, ann, 1)
    expect(again.hello?.resumed).toBe(false)
    expect(contentOf(again.doc)).toBe(contentOf(ben.doc))
  })
})

/** Edits until the document is compacted up to a number: a compaction begins with an edit. */
async function snapshotOf(server: Crashing, upToSeq: number, edit: () => void): Promise<void> {
  let snapshotSeq = 0
  const timer = setInterval(() => {
    edit()
    void server.disk.stat(ID).then((stat) => (snapshotSeq = stat?.snapshotSeq ?? 0))
  }, 20)
  await eventually('compacted', () => snapshotSeq >= upToSeq).finally(() => clearInterval(timer))
}

/** Draws the same incarnation for every server. */
function repeatingRandom(): Random {
  return {
    fraction: () => systemRandom.fraction(),
    bytes: (length) =>
      length === 16 ? new Uint8Array(length).fill(7) : systemRandom.bytes(length),
  }
}
