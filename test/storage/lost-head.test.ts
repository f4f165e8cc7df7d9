import { afterEach, beforeEach, expect, it } from 'vitest'
import { Damage } from '../../storage/src/damage.js'
import { Database } from '../../storage/src/database.js'
import { readHead } from '../../storage/src/document-reader.js'
import { headKey, pieceKey, recordKey } from '../../storage/src/keys.js'
import { scratch } from '../support/scratch.js'

let folder: Awaited<ReturnType<typeof scratch>>
let database: Database

beforeEach(async () => {
  folder = await scratch(true)
  database = await Database.open(folder.path, true)
  // Neighbours on all sides: what is looked for lies between them.
  for (const id of ['a', 'b!', 'bb', 'c']) {
    await store(recordKey(id, 1), headKey(id), pieceKey(id, 1, 0))
  }
})

afterEach(async () => {
  await database.close()
  await folder.remove()
})

async function store(...keys: readonly Uint8Array[]): Promise<void> {
  const puts = keys.map((key) => ({ key, value: Uint8Array.of(1), checksum: '' }))
  await database.write({ puts, deletes: [] }, false)
}

async function head(): Promise<unknown> {
  const view = database.view()
  try {
    return await readHead(view, 'b').catch((error: unknown) => error)
  } finally {
    await view.close()
  }
}

it('[S7] a document of which there is nothing has no head', async () => {
  expect(await head()).toBeUndefined()
})

it.each([
  ['a log', 'log', () => [recordKey('b', 7)]],
  ['a snapshot', 'snapshot', () => [pieceKey('b', 3, 0)]],
  ['both', 'log', () => [pieceKey('b', 3, 1), recordKey('b', 1)]],
])('[S7] a document that has %s and no head lost it', async (_what, named, keys) => {
  await store(...keys())
  const error = await head()
  expect(error).toBeInstanceOf(Damage)
  expect(String(error)).toContain(`there is a ${named} but no head`)
})
