import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { encodeStockMessage } from '@coscribe/shared'
import { bytesOf, single, text } from '../support/forge.js'
import { storedDoc } from '../support/people.js'
import { dialects, RawClient, type DialectName } from '../support/raw-client.js'
import { folderForTest, spawnServer } from '../support/test-server.js'

const SECRET_DOCUMENT = 'of another tenant'
const TARGET = 'target'
const CANARY = 'CANARY-4f1d9c'

/** Good updates with lengths of every kind in them. */
function corpus(): Uint8Array[] {
  const doc = new Y.Doc()
  doc.clientID = 5
  doc.getText('content').insert(0, 'ab')
  doc.getText('content').format(0, 1, { bold: true })
  doc.getMap('map').set('key', { list: ['value', 1, null], bytes: new Uint8Array(3) })
  doc.getArray('list').push([new Uint8Array(4), 'text'])
  doc.getText('content').insertEmbed(0, { image: 'x' })
  doc.getText('content').delete(1, 1)
  return [
    Y.encodeStateAsUpdate(doc),
    single(6, text('abcdef')),
    single(7, { kind: 2, bytes: bytesOf(2, '"a"', 'null') }),
  ]
}

/** Each byte in turn replaced by a larger number, in one, two and three bytes. */
function inflated(update: Uint8Array): Uint8Array[] {
  const results: Uint8Array[] = []
  for (let at = 0; at < update.length; at++) {
    const value = update[at] ?? 0
    for (const by of [1, 40]) results.push(bytesOf(...splice(update, at, value + by)))
    for (const larger of [900, 70_000]) results.push(bytesOf(...splice(update, at, larger)))
  }
  return results
}

function splice(update: Uint8Array, at: number, value: number): (number | Uint8Array)[] {
  return [update.subarray(0, at), value, update.subarray(at + 1)]
}

/** Goes on writing the canary into a document of its own, in fragments, so that it is all over the pools. */
async function whisper(url: string, until: () => boolean): Promise<void> {
  const owner = await RawClient.joined(url, SECRET_DOCUMENT, 'coscribe.v1')
  for (let i = 1; !until(); i++) {
    const before = Y.encodeStateVector(owner.doc)
    owner.doc.getText('content').insert(0, `${CANARY}${i} `)
    const update = Y.encodeStateAsUpdate(owner.doc, before)
    owner.sayInPieces(encodeStockMessage({ type: 'update', update }), 2 + (i % 3))
    await owner.until(() => owner.acked >= i)
  }
  expect(leaks([owner.doc])).toBe(1)
  owner.close()
}

/** Sends every inflated message in fragments and gives what the attacker got to read. */
async function fish(url: string, dialect: DialectName): Promise<Uint8Array[]> {
  const caught: Uint8Array[] = []
  let attacker = await RawClient.joined(url, TARGET, dialect)
  let asked = 0
  for (const update of corpus()) {
    const whole = encodeStockMessage({ type: 'update', update })
    for (const [index, bytes] of inflated(whole).entries()) {
      attacker.sayInPieces(bytes, 1 + (index % 3))
      await attacker.sync()
      // Who asks more often waits for the answers.
      if (attacker.ending === null && ++asked < 4) continue
      asked = 0
      caught.push(...attacker.frames)
      attacker.close()
      attacker = await RawClient.joined(url, TARGET, dialect)
    }
  }
  caught.push(...attacker.frames)
  attacker.close()
  return caught
}

function leaks(sources: readonly (Uint8Array | Y.Doc)[]): number {
  return sources.filter((source) => {
    const bytes = source instanceof Y.Doc ? Y.encodeStateAsUpdate(source) : source
    return Buffer.from(bytes).includes(CANARY)
  }).length
}

describe('memory of the process', () => {
  it('[R61] no length in a message brings back bytes that were not in it', async () => {
    const data = folderForTest()
    const server = await spawnServer({ data })
    const observer = await RawClient.joined(server.url, TARGET, 'coscribe.v1')
    let fishing = true
    const whispering = whisper(server.url, () => !fishing)
    const caught = await Promise.all(dialects.map((dialect) => fish(server.url, dialect)))
    fishing = false
    await whispering
    expect(caught.flat().length).toBeGreaterThan(100)
    expect(leaks(caught.flat())).toBe(0)
    expect(leaks(observer.frames)).toBe(0)
    observer.close()
    await server.kill()
    expect(leaks([await storedDoc(data, TARGET)])).toBe(0)
    expect(leaks([await storedDoc(data, SECRET_DOCUMENT)])).toBe(1)
  }, 300_000)

  it('[R61] control: a reader that trusts a length finds the canary in the pool', () => {
    const pool = Buffer.from(`..${CANARY}..`)
    const message = pool.subarray(0, 2)
    const trusted = new Uint8Array(message.buffer, message.byteOffset, 2 + CANARY.length)
    expect([leaks([message]), leaks([trusted])]).toEqual([0, 1])
  })
})
