import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { expect, it } from 'vitest'
import { Database } from '../../storage/src/database.js'
import { folderForTest } from '../support/test-server.js'

const GROUPS = 60
const PER_GROUP = 3
const ALL = { gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) }
/** Single bits of the table's index, counted from its end, that make some seeks land on earlier keys. */
const LEADING_BACK = [
  { fromEnd: 1582, bit: 1 },
  { fromEnd: 1582, bit: 7 },
  { fromEnd: 1584, bit: 4 },
  { fromEnd: 1584, bit: 7 },
] as const

/** The last key a group can have. */
function endOf(key: Uint8Array): Uint8Array {
  const separator = key.indexOf(0)
  return Buffer.concat([key.subarray(0, separator < 0 ? key.length : separator), Buffer.of(1)])
}

/** A database whose entries are in one table with a damaged index. */
async function damaged(fromEnd: number, bit: number): Promise<string> {
  const path = folderForTest()
  const made = await Database.open(path, true)
  const puts = Array.from({ length: GROUPS * PER_GROUP }, (_, i) => {
    const group = String(Math.floor(i / PER_GROUP)).padStart(3, '0')
    const key = Buffer.from(`k${group}\0${i % PER_GROUP}`)
    return { key, value: new Uint8Array(1_500).fill(i / PER_GROUP), checksum: '' }
  })
  await made.write({ puts, deletes: [] }, true)
  await made.close()
  // Opening moves the log into a table.
  await (await Database.open(path, false)).close()
  const [table] = (await readdir(path)).filter((name) => name.endsWith('.ldb'))
  const file = join(path, table ?? '')
  const content = await readFile(file)
  const at = content.length - fromEnd
  content[at] = (content[at] ?? 0) ^ (1 << bit)
  await writeFile(file, content)
  return path
}

it.each(LEADING_BACK)('[S4] a damaged index that leads back ends: %o', async ({ fromEnd, bit }) => {
  const database = await Database.open(await damaged(fromEnd, bit), false)
  const seen: string[] = []
  const view = database.view()
  await view.skim(ALL, (key) => {
    seen.push(Buffer.from(key).toString('latin1'))
    return endOf(key)
  })
  await view.close()
  await database.close()
  expect(seen.length).toBeGreaterThan(0)
  expect(seen.length).toBeLessThanOrEqual(GROUPS * PER_GROUP)
  expect([...seen].sort()).toEqual(seen)
})

it('[S4] control: seeking on and on in it has no end', async () => {
  const path = await damaged(1584, 4)
  const level = new ClassicLevel<Uint8Array, Uint8Array>(path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
  })
  const iterator = level.keys({})
  let steps = 0
  for (; steps < 10 * GROUPS * PER_GROUP; steps++) {
    const key = await iterator.next()
    if (key === undefined) break
    iterator.seek(endOf(key))
  }
  await iterator.close()
  await level.close()
  expect(steps).toBe(10 * GROUPS * PER_GROUP)
})
