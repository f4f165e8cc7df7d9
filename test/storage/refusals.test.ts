import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CoscribeError, type ErrorCode } from '@coscribe/shared'
import { LevelStore } from '@coscribe/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scratch } from '../support/scratch.js'

const historyId = '0123456789abcdef0123456789abcdef'
const one = { documentId: 'a', historyId, firstSeq: 1, updates: [Uint8Array.of(1)] }

let folder: Awaited<ReturnType<typeof scratch>>
let path: string

beforeEach(async () => {
  folder = await scratch(true)
  path = join(folder.path, 'data')
})

afterEach(() => folder.remove())

async function filled(): Promise<void> {
  const store = new LevelStore({ path })
  await store.open()
  await store.append([one])
  await store.close()
}

async function names(): Promise<string[]> {
  return (await readdir(path, { recursive: true })).sort((a, b) => a.localeCompare(b))
}

/** Opening fails with this code and one sentence that names the folder. */
async function refuses(code: ErrorCode, at = path): Promise<void> {
  const error: unknown = await new LevelStore({ path: at }).open().then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CoscribeError)
  expect(error).toMatchObject({ code, message: expect.stringContaining(at) })
  expect((error as CoscribeError).message).not.toContain('\n')
}

describe('[S6] a folder that cannot be used', () => {
  it('is made when it is not there, for its owner only', async () => {
    await filled()
    expect((await stat(path)).mode & 0o777).toBe(0o700)
  })

  it('may be a file system of its own', async () => {
    await mkdir(join(path, 'lost+found'), { recursive: true })
    await filled()
    expect(await names()).toContain('coscribe.json')
  })

  it('locked by another store', async () => {
    const first = new LevelStore({ path })
    await first.open()
    await refuses('store-locked')
    await first.append([one])
    await first.close()
    const again = new LevelStore({ path })
    await again.open()
    expect((await again.load('a'))?.lastSeq).toBe(1)
    await again.close()
  })

  it('foreign: something else is in it', async () => {
    await mkdir(path)
    await writeFile(join(path, 'thesis.txt'), 'mine')
    await refuses('store-foreign')
    expect(await names()).toEqual(['thesis.txt'])
  })

  it('without its marker', async () => {
    await filled()
    await rm(join(path, 'coscribe.json'))
    await refuses('store-foreign')
  })

  it('newer', async () => {
    await filled()
    const marker = JSON.parse(await readFile(join(path, 'coscribe.json'), 'utf8')) as object
    await writeFile(join(path, 'coscribe.json'), JSON.stringify({ ...marker, format: 4 }))
    const before = await names()
    await refuses('store-newer')
    expect(await names()).toEqual(before)
  })

  it('older', async () => {
    await filled()
    const file = join(path, 'coscribe.json')
    const { storeId, state } = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
    const digest = createHash('sha256').update(`1 ${storeId} ${state}`).digest('hex')
    const marker = { format: 1, storeId, state, checksum: digest.slice(0, 16) }
    await writeFile(file, JSON.stringify(marker))
    await refuses('store-foreign')
  })

  it('with a damaged marker', async () => {
    await filled()
    for (const text of ['', '{', '[]', 'null', '{"format":1}']) {
      await writeFile(join(path, 'coscribe.json'), text)
      await refuses('store-damaged')
    }
  })

  it('without CURRENT, or without a database at all', async () => {
    await filled()
    await rm(join(path, 'db', 'CURRENT'))
    await refuses('store-damaged')
    await rm(join(path, 'db'), { recursive: true })
    await refuses('store-damaged')
    expect(await names()).not.toContain('db')
  })

  it('with an empty database in place of its own', async () => {
    await filled()
    const other = new LevelStore({ path: join(folder.path, 'other') })
    await other.open()
    await other.close()
    await rm(join(path, 'db'), { recursive: true })
    await cp(join(folder.path, 'other', 'db'), join(path, 'db'), { recursive: true })
    await refuses('store-damaged')
  })

  it('a file, or below one', async () => {
    await writeFile(path, '')
    await refuses('storage-unavailable')
    await refuses('storage-unavailable', join(path, 'below'))
  })

  it('a creation that was interrupted is finished', async () => {
    await filled()
    const marker = JSON.parse(await readFile(join(path, 'coscribe.json'), 'utf8')) as {
      storeId: string
    }
    await rm(path, { recursive: true })
    // The first thing a new store writes, and nothing after it.
    await mkdir(path)
    await writeFile(join(path, 'coscribe.json.new'), 'torn')
    await filled()
    const again = JSON.parse(await readFile(join(path, 'coscribe.json'), 'utf8')) as {
      storeId: string
    }
    expect(again.storeId).not.toBe(marker.storeId)
  })
})
