import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelStore } from '@coscribe/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scratch } from '../support/scratch.js'
import { StoreChecker } from '../support/store-child.js'

const historyId = '0123456789abcdef0123456789abcdef'
const ids = Array.from({ length: 30 }, (_, index) => `document ${index}`)

let folder: Awaited<ReturnType<typeof scratch>>
let path: string
const checker = new StoreChecker()

beforeEach(async () => {
  folder = await scratch(true)
  path = join(folder.path, 'data')
  const store = new LevelStore({ path })
  await store.open()
  const updates = [new Uint8Array(2_000)]
  await store.append(ids.map((documentId) => ({ documentId, historyId, firstSeq: 1, updates })))
  await store.close()
  // Opening turns the log into a table.
  await store.open()
  await store.close()
})

afterEach(async () => {
  await checker.close()
  await folder.remove()
})

/**
 * Makes a key in a table's index too short to be one, which LevelDB asserts it is not: whoever seeks past it dies.
 * An index entry is three lengths of one byte each (shared, own, value), then key and value.
 */
async function poisonIndex(): Promise<void> {
  const name = (await readdir(join(path, 'db'))).find((each) => each.endsWith('.ldb')) ?? ''
  const file = join(path, 'db', name)
  const table = await readFile(file)
  const footer = new VarintReader(table, table.length - 48)
  footer.next()
  footer.next()
  const index = footer.next()
  const shift = (table[index + 1] ?? 0) - 3
  table[index + 1] = 3
  table[index + 2] = (table[index + 2] ?? 0) + shift
  await writeFile(file, table)
}

class VarintReader {
  readonly #bytes: Buffer
  #offset: number

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes
    this.#offset = offset
  }

  next(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#offset++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
}

/** Starts until one start does not end the process; returns how many did, and what the last one found. */
async function startAgainAndAgain(most: number, between: () => Promise<void>) {
  for (let deaths = 0; deaths < most; deaths++) {
    const found = await checker.check(path, ids)
    if (!('died' in found)) return { deaths, found }
    expect(found.died).toBe('SIGABRT')
    await between()
  }
  return { deaths: most, found: null }
}

async function forgetNotes(): Promise<void> {
  await rm(join(path, 'state'), { force: true })
  await rm(join(path, 'reads'), { force: true })
}

describe('damage that ends the process inside LevelDB', () => {
  it('[S5] does so a few times at most', async () => {
    await poisonIndex()
    const { deaths, found } = await startAgainAndAgain(5, async () => undefined)
    expect(deaths).toBeGreaterThan(0)
    expect(deaths).toBeLessThanOrEqual(3)
    const states = Object.values(found?.documents ?? {})
    expect(found?.refused === 'store-damaged' || states.includes('document-unavailable')).toBe(true)
  })

  it('[S5] control: without the notes about it every start dies', async () => {
    await poisonIndex()
    expect(await startAgainAndAgain(5, forgetNotes)).toEqual({ deaths: 5, found: null })
  })

  it('[S5] an end for another reason costs nothing but a look', async () => {
    for (const state of ['{"phase":"opening","crashes":2}', '{"phase":"open","crashes":9}', 'x']) {
      await writeFile(join(path, 'state'), state)
      const read = Buffer.alloc(512)
      read.write('\u000adocument 3')
      read.write('\u0005.list', 256)
      await writeFile(join(path, 'reads'), read)
      const store = new LevelStore({ path })
      await store.open()
      expect((await store.load('document 3'))?.lastSeq).toBe(1)
      expect(store.quarantined.size).toBe(0)
      await store.close()
    }
  })
})
