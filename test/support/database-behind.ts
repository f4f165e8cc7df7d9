import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'

export type Bytes = ClassicLevel<Uint8Array, Uint8Array>
export type Entries = [key: Uint8Array, value: Uint8Array][]

/** Works on the database of the data folder at `path` behind the back of its store, which must be closed. */
export async function behind<Value>(
  path: string,
  work: (level: Bytes) => Promise<Value>,
): Promise<Value> {
  const level: Bytes = new ClassicLevel(join(path, 'db'), {
    keyEncoding: 'view',
    valueEncoding: 'view',
  })
  await level.open()
  try {
    return await work(level)
  } finally {
    await level.close()
  }
}

/** All entries of one kind, by the first letter of their keys: `h` heads, `d` log records, `s` snapshots. */
export function entriesOf(level: Bytes, kind: string): Promise<Entries> {
  const code = kind.charCodeAt(0)
  return level.iterator({ gte: Uint8Array.of(code), lt: Uint8Array.of(code + 1) }).all()
}
