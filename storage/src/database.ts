import { Level } from 'level'
import { keyBehind, type KeyRange } from './keys.js'
import type { Pace } from './pace.js'
import type { Sealed } from './sealed.js'

export type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** What one atomic write does. */
export interface Change {
  readonly puts: readonly Sealed[]
  readonly deletes: readonly Uint8Array[]
}

type Bytes = Level<Uint8Array, Uint8Array>
type ByteSnapshot = ReturnType<Bytes['snapshot']>

const PAGE_ENTRIES = 1_000
const PAGE_BYTES = 1024 * 1024

/**
 * LevelDB with only what the store needs of it. Reads go through iterators: unlike `get` they do not ask the bloom
 * filters, in which a flipped bit would make a stored key look absent.
 */
export class Database {
  readonly #level: Bytes

  private constructor(level: Bytes) {
    this.#level = level
  }

  /**
   * @param create whether to make a database where there is none
   * @throws whatever LevelDB says; see {@link levelCode}
   */
  static async open(path: string, create: boolean): Promise<Database> {
    const encoding = { keyEncoding: 'view', valueEncoding: 'view' } as const
    // Uncompressed, a flipped bit damages the record it is in, and that record's checksum says so. In a compressed
    // block it takes the whole block along, with the heads of dozens of documents, or ends the process.
    const options = { ...encoding, createIfMissing: create, compression: false }
    const level: Bytes = new Level(path, options)
    await level.open()
    return new Database(level)
  }

  async close(): Promise<void> {
    await this.#level.close()
  }

  /** All of it or nothing; with `sync` it is on disk when the promise resolves. Large ones are put together at `pace`. */
  async write(change: Change, sync: boolean, pace?: Pace): Promise<void> {
    // A chained batch costs a third of an array of operations.
    const batch = this.#level.batch()
    for (const key of change.deletes) batch.del(key)
    for (const { key, value } of change.puts) {
      batch.put(key, value)
      const pause = pace?.(value.length)
      if (pause !== undefined) await pause
    }
    await batch.write({ sync })
  }

  /** A view of everything as it is now, whatever is written later; close it. */
  view(): DatabaseView {
    return new DatabaseView(this.#level, this.#level.snapshot())
  }
}

/** One unchanging state of the database. */
export class DatabaseView {
  readonly #level: Bytes
  readonly #snapshot: ByteSnapshot

  constructor(level: Bytes, snapshot: ByteSnapshot) {
    this.#level = level
    this.#snapshot = snapshot
  }

  async close(): Promise<void> {
    await this.#snapshot.close()
  }

  /** The value of one key. */
  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const iterator = this.#level.iterator({ gte: key, lte: key, snapshot: this.#snapshot })
    try {
      return (await iterator.next())?.[1]
    } finally {
      await iterator.close()
    }
  }

  /** The last entry of a range. */
  async last(range: KeyRange): Promise<Entry | undefined> {
    const iterator = this.#level.iterator({ ...range, reverse: true, snapshot: this.#snapshot })
    try {
      return await iterator.next()
    } finally {
      await iterator.close()
    }
  }

  /** Entries in order, a page at a time. */
  async *pages(range: KeyRange, pageEntries = PAGE_ENTRIES): AsyncGenerator<readonly Entry[]> {
    const iterator = this.#level.iterator({
      ...range,
      snapshot: this.#snapshot,
      highWaterMarkBytes: PAGE_BYTES,
    })
    try {
      for (;;) {
        const page = await iterator.nextv(pageEntries)
        if (page.length === 0) return
        yield page
      }
    } finally {
      await iterator.close()
    }
  }

  /**
   * Entries that can be read, a page at a time. LevelDB steps over a damaged block and says so at the end, in place of
   * the entries it has not handed over by then; read one by one, only the block's own are missing.
   */
  async *readablePages(
    range: KeyRange,
    pageEntries = PAGE_ENTRIES,
  ): AsyncGenerator<readonly Entry[]> {
    let gte = range.gte
    try {
      for await (const page of this.pages(range, pageEntries)) {
        yield page
        for (const [key] of page.slice(-1)) gte = keyBehind(key)
      }
    } catch (error) {
      if (!isLevelError(error)) throw error
      yield* this.#readableOneByOne({ gte, lt: range.lt })
    }
  }

  async *#readableOneByOne(range: KeyRange): AsyncGenerator<readonly Entry[]> {
    try {
      yield* this.pages(range, 1)
    } catch (error) {
      if (!isLevelError(error)) throw error
    }
  }

  /** Keys only. */
  async keys(range: KeyRange): Promise<Uint8Array[]> {
    return this.#level.keys({ ...range, snapshot: this.#snapshot }).all()
  }

  /**
   * Visits a key, then the first readable one at or behind where the visitor points; ends when it points nowhere. The
   * visitor must point behind the key it is shown.
   */
  async skim(range: KeyRange, visit: (key: Uint8Array) => Uint8Array | null): Promise<void> {
    const iterator = this.#level.keys({ ...range, snapshot: this.#snapshot })
    let target = range.gte
    let maySeek = true
    try {
      for (;;) {
        const key = await iterator.next()
        if (key === undefined) return
        if (Buffer.compare(key, target) < 0) {
          // A damaged index leads back, and would again and again. Entry by entry there is an end.
          maySeek = false
          continue
        }
        const next = visit(key)
        if (next === null) return
        target = next
        if (maySeek) iterator.seek(next)
      }
    } catch (error) {
      // As in readablePages: it was the end.
      if (!isLevelError(error)) throw error
    } finally {
      await iterator.close()
    }
  }
}

/** Whether an error was raised by LevelDB, as opposed to this program. */
export function isLevelError(error: unknown): boolean {
  return levelCode(error)?.startsWith('LEVEL_') === true
}

/** LevelDB's own code for an error, which `level` hides in the cause. */
export function levelCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return levelCode(error.cause) ?? code
}
