import { cp, open as openFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LevelStore } from '@coscribe/storage'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ReadNotes } from '../../storage/src/crash-notes.js'
import { Database, DatabaseView, type Change } from '../../storage/src/database.js'
import { groupsAfter } from '../../storage/src/keys.js'
import { ManualClock } from '../support/manual-clock.js'
import { scratch } from '../support/scratch.js'

const historyId = '0123456789abcdef0123456789abcdef'
const otherHistory = 'f123456789abcdef0123456789abcdef'
const unavailable = { code: 'document-unavailable' }

let folder: Awaited<ReturnType<typeof scratch>>
let path: string

beforeEach(async () => {
  folder = await scratch(true)
  path = join(folder.path, 'data')
})

afterEach(async () => {
  vi.restoreAllMocks()
  await folder.remove()
})

function append(documentId: string, firstSeq: number, count = 1, bytes = 9) {
  const updates = Array.from({ length: count }, (_, index) =>
    new Uint8Array(bytes).fill(firstSeq + index),
  )
  return { documentId, historyId, firstSeq, updates }
}

async function opened(): Promise<LevelStore> {
  const store = new LevelStore({ path })
  await store.open()
  return store
}

/** The folder becomes what a process leaves that ends now. */
async function end(store: LevelStore): Promise<void> {
  await cp(path, `${path} ended`, { recursive: true })
  await store.close()
  await rm(path, { recursive: true })
  await cp(`${path} ended`, path, { recursive: true })
  await rm(`${path} ended`, { recursive: true })
}

async function lengthOf(store: LevelStore, documentId: string): Promise<number | undefined> {
  return (await store.load(documentId))?.lastSeq
}

function levelError(): Error {
  return Object.assign(new Error('IO error: Input/output error'), { code: 'LEVEL_IO_ERROR' })
}

/** The next write fails; with `landing` it is found in the database when that is opened again. */
function failNextWrite({ landing }: { landing: boolean }): void {
  // Called with the database it belongs to.
  // oxlint-disable-next-line typescript/unbound-method
  const write = Database.prototype.write
  const open = Database.open.bind(Database)
  let landed: Change | null = null
  vi.spyOn(Database.prototype, 'write').mockImplementationOnce(async (change) => {
    landed = change
    throw levelError()
  })
  vi.spyOn(Database, 'open').mockImplementationOnce(async (...args) => {
    const database = await open(...args)
    if (landing && landed !== null) await write.call(database, landed, true)
    return database
  })
}

describe('[S8] groups', () => {
  it('keep what is staged of one document when another is repeated in the same batch', async () => {
    let store = await opened()
    await store.append([append('p', 1, 3), append('q', 1, 2)])
    await store.append([append('p', 4), append('q', 1, 2)])
    await store.close()
    store = await opened()
    expect([await lengthOf(store, 'p'), await lengthOf(store, 'q')]).toEqual([4, 2])
    await store.close()
  })

  it('are all replayed or none: a start that fails leaves them', async () => {
    let store = await opened()
    await store.append([append('a', 1, 2), append('b', 1, 2), append('c', 1)])
    await end(store)
    const during = vi.spyOn(ReadNotes.prototype, 'during')
    during.mockImplementationOnce((_id, action) => action())
    during.mockRejectedValueOnce(new Error('EIO: i/o error, write'))
    await expect(opened()).rejects.toThrow('EIO')
    during.mockRestore()
    store = await opened()
    for (const [id, length] of Object.entries({ a: 2, b: 2, c: 1 })) {
      expect(await lengthOf(store, id)).toBe(length)
    }
    await store.close()
  })

  it('carry what cannot be put in its place, and the document is refused meanwhile', async () => {
    let store = await opened()
    await store.append([append('a', 1, 2)])
    await store.close()
    store = await opened()
    await store.append([append('a', 3, 2), append('b', 1)])
    await end(store)
    vi.spyOn(DatabaseView.prototype, 'last').mockRejectedValueOnce(levelError())
    store = await opened()
    await store.append([append('b', 2)])
    await store.mark('b', null)
    await expect(store.load('a')).rejects.toMatchObject(unavailable)
    await expect(store.append([append('a', 3)])).rejects.toMatchObject(unavailable)
    await store.close()
    store = await opened()
    expect([await lengthOf(store, 'a'), await lengthOf(store, 'b')]).toEqual([4, 2])
    await store.close()
  })

  it('carry what belongs to documents that end the process, until an operator has them tried again', async () => {
    let store = await opened()
    await store.append([append('a', 1, 2)])
    await store.append([append('a', 3), append('n', 1)])
    await end(store)
    const deadly = join(path, 'quarantine.json')
    await writeFile(deadly, JSON.stringify(['a', 'n'].map((id) => [id, 'it ended the process'])))
    for (let start = 0; start < 2; start++) {
      store = await opened()
      await expect(store.load('n')).rejects.toMatchObject(unavailable)
      await store.append([append('b', start + 1)])
      await store.close()
    }
    await rm(deadly)
    store = await opened()
    expect([await lengthOf(store, 'a'), await lengthOf(store, 'n')]).toEqual([3, 1])
    await store.close()
  })

  it('that were lost stay lost when the journal forgets them', async () => {
    let store = await opened()
    await store.append([append('a', 1, 2)])
    await store.close()
    store = await opened()
    await store.append([append('a', 3, 2)])
    await end(store)
    const database = await Database.open(join(path, 'db'), false)
    const view = database.view()
    const deletes = await view.keys(groupsAfter(0))
    await view.close()
    await database.write({ puts: [], deletes }, true)
    await database.close()
    store = await opened()
    await expect(store.load('a')).rejects.toMatchObject(unavailable)
    await store.append([append('q', 1)])
    await end(store)
    await forgetEntries()
    store = await opened()
    await expect(store.load('a')).rejects.toMatchObject(unavailable)
    expect(await lengthOf(store, 'q')).toBe(1)
    await store.close()
  })
})

/** As if power loss had taken the journal's entries since its last checkpoint. */
async function forgetEntries(): Promise<void> {
  const entriesAt = 64 * 1024
  for (const name of ['integrity-0', 'integrity-1']) {
    const file = await openFile(join(path, name), 'r+')
    await file.write(Buffer.alloc(1024 * 1024 - entriesAt), 0, undefined, entriesAt)
    await file.close()
  }
}

describe('[S3] a write that failed', () => {
  it('and landed is seen by whoever looked while it was not there', async () => {
    const store = await opened()
    await store.append([append('z', 1)])
    failNextWrite({ landing: true })
    const failed = { code: 'storage-unavailable' }
    await expect(store.append([append('x', 1, 2, 70_000)])).rejects.toMatchObject(failed)
    expect(await store.load('x')).toBeUndefined()
    await store.append([append('y', 1)])
    const other = { ...append('x', 1), historyId: otherHistory }
    await expect(store.append([other])).rejects.toMatchObject({ code: 'history-mismatch' })
    await store.append([append('x', 1, 2, 70_000)])
    await store.append([append('x', 3)])
    await store.close()
    const again = await opened()
    expect(await lengthOf(again, 'x')).toBe(3)
    await again.close()
  })

  it('does not take along what was acknowledged before it, landed or not', async () => {
    for (const landing of [false, true]) {
      path = join(folder.path, `landing ${landing}`)
      let store = await opened()
      await store.append([append('a', 1, 2)])
      failNextWrite({ landing })
      await store.mark('a', 'for a reason').catch(() => undefined)
      vi.restoreAllMocks()
      await store.append([append('a', 3)])
      expect(await lengthOf(store, 'a')).toBe(3)
      await end(store)
      store = await opened()
      expect(await lengthOf(store, 'a')).toBe(3)
      await store.close()
    }
  })

  it('while the store is closed leaves nothing behind that opens it again', async () => {
    const clock = new ManualClock()
    const store = new LevelStore({ path, clock })
    await store.open()
    await store.append([append('a', 1)])
    const write = vi.spyOn(Database.prototype, 'write').mockRejectedValue(levelError())
    const closed = store.close()
    // The groups would have been settled now.
    clock.advance(1_000)
    await closed
    write.mockRestore()
    clock.advance(60_000)
    const again = await opened()
    expect(await lengthOf(again, 'a')).toBe(1)
    await again.close()
  })
})

it('[S7] an older log under an open database is not continued with what is staged', async () => {
  const store = await opened()
  await store.append([append('a', 1, 2)])
  await store.mark('a', null)
  const views: DatabaseView[] = []
  // oxlint-disable-next-line typescript/unbound-method
  const view = Database.prototype.view
  const spy = vi.spyOn(Database.prototype, 'view').mockImplementation(function (this: Database) {
    views.push(view.call(this))
    return view.call(this)
  })
  await store.load('a')
  await store.append([append('a', 3, 3)])
  await store.mark('a', null)
  await store.append([append('a', 6, 2)])
  spy.mockImplementation(() => views[0]!)
  await expect(store.load('a')).rejects.toMatchObject(unavailable)
  spy.mockRestore()
  for (const each of views) await each.close()
  await store.close()
})
