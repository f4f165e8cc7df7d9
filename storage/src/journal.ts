import { writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Damage } from './damage.js'
import { DigestTable } from './digest-table.js'
import {
  entryCapacity,
  groupEntryCapacity,
  Ledger,
  readBuckets,
  readEntry,
  readGroupEntry,
  readLink,
  writeBuckets,
  writeEntry,
  writeGroupEntry,
  writeLink,
  type GroupEntry,
  type LedgerEntry,
} from './ledger.js'
import { CHECKSUM_BYTES, MAX_VARINT_BYTES, SealedReader, SealedWriter } from './sealed.js'

/**
 * The ledger on disk, outside LevelDB: two files of fixed size, each a checkpoint (the whole ledger) followed by one
 * entry per commit or group. When one is full the next checkpoint goes to the other, so that one of them is whole at any time.
 *
 * Entries are not flushed before the acknowledgement, only about once a second and when a file is full: they outlive
 * the process, and power loss may take the last of them (reconcile.ts copes). They are written before the commit is acknowledged, with a blocking call of some 3 µs into a file that exists in
 * full already: an asynchronous one costs five times that, and a full disk cannot refuse it.
 */
const FORMAT = 2
const FILES = ['integrity-0', 'integrity-1'] as const
const LENGTH_BYTES = 4
const ENTRIES_AT = 64 * 1024
const FILE_BYTES = 1024 * 1024
const PIECE_BYTES = 4096
/** What an entry is of. */
const COMMIT = 0
const GROUP = 1

/** What a journal said when it was opened. */
export interface JournalContent {
  readonly ledger: Ledger
  /** Whether every commit since has an entry; not so with durability `os`. */
  readonly strict: boolean
}

interface Checkpoint extends JournalContent {
  readonly generation: number
}

export class Journal {
  readonly #files: readonly FileHandle[]
  readonly #storeId: string
  readonly #strict: boolean
  #generation: number
  #offset = FILE_BYTES
  #flushing: Promise<void> | null = null

  private constructor(
    files: readonly FileHandle[],
    storeId: string,
    strict: boolean,
    generation: number,
  ) {
    this.#files = files
    this.#storeId = storeId
    this.#strict = strict
    this.#generation = generation
  }

  /**
   * Opens or makes the files. The content is `null` when there is none that can be trusted.
   *
   * @param strict whether every commit will be added
   */
  static async open(
    folder: string,
    storeId: string,
    strict: boolean,
  ): Promise<{ journal: Journal; content: JournalContent | null }> {
    const files: FileHandle[] = []
    try {
      const found: Checkpoint[] = []
      for (const name of FILES) {
        const file = await openInFull(join(folder, name))
        files.push(file)
        const checkpoint = await readJournal(file, storeId)
        if (checkpoint !== null) found.push(checkpoint)
      }
      const newest = found.sort((a, b) => b.generation - a.generation)[0] ?? null
      const journal = new Journal(files, storeId, strict, newest?.generation ?? 0)
      return { journal, content: newest }
    } catch (error) {
      for (const file of files) await file.close()
      throw error
    }
  }

  /** Begins the other file with the whole ledger, durably. Must come before the first {@link add}. */
  async checkpoint(ledger: Ledger): Promise<void> {
    const generation = this.#generation + 1
    const file = this.#fileOf(generation)
    const bytes = encodeCheckpoint(this.#storeId, generation, this.#strict, ledger)
    const entries = ledger.groups.map((entry) => encodeGroupEntry(this.#storeId, generation, entry))
    await file.write(bytes, 0, bytes.length, 0)
    await file.write(Buffer.concat(entries), 0, undefined, ENTRIES_AT)
    await file.datasync()
    this.#generation = generation
    this.#offset = entries.reduce((offset, { length }) => offset + length, ENTRIES_AT)
  }

  /** Adds the entry of a commit that is durable. @returns `false` when a checkpoint is due instead */
  add(entry: LedgerEntry): boolean {
    return this.#write(encodeEntry(this.#storeId, this.#generation, entry))
  }

  /** The same for a group. */
  addGroup(entry: GroupEntry): boolean {
    return this.#write(encodeGroupEntry(this.#storeId, this.#generation, entry))
  }

  #write(bytes: Uint8Array): boolean {
    if (this.#offset + bytes.length > FILE_BYTES) return false
    writeSync(this.#fileOf(this.#generation).fd, bytes, 0, bytes.length, this.#offset)
    this.#offset += bytes.length
    return true
  }

  /** Flushes the entries added so far, off anybody's path; `false` while an earlier flush still runs. */
  flush(failed: (error: unknown) => void): boolean {
    if (this.#flushing !== null) return false
    const file = this.#fileOf(this.#generation)
    this.#flushing = file
      .datasync()
      .catch(failed)
      .finally(() => {
        this.#flushing = null
      })
    return true
  }

  async close(): Promise<void> {
    await this.#flushing
    for (const file of this.#files) await file.close()
  }

  #fileOf(generation: number): FileHandle {
    const file = this.#files[generation % FILES.length]
    if (file === undefined) throw new RangeError(`no journal file for generation ${generation}`)
    return file
  }
}

async function openInFull(path: string): Promise<FileHandle> {
  const file = await open(path, 'r+').catch(() => open(path, 'wx+', 0o600))
  const { size } = await file.stat()
  // Written, not truncated to size: the space has to be there when the disk is full. In small pieces: a kernel that
  // keeps one large one in memory counts all of it as written with each entry.
  for (let offset = size; offset < FILE_BYTES; offset += PIECE_BYTES) {
    await file.write(
      Buffer.alloc(PIECE_BYTES),
      0,
      Math.min(PIECE_BYTES, FILE_BYTES - offset),
      offset,
    )
  }
  return file
}

async function readJournal(file: FileHandle, storeId: string): Promise<Checkpoint | null> {
  const content = Buffer.alloc(FILE_BYTES)
  await file.read(content, 0, FILE_BYTES, 0)
  const header = readFrame(content, 0, () => sealKey(storeId, 0), decodeCheckpoint)
  if (header === null) return null
  const { ledger, generation } = header.value
  const key = sealKey(storeId, generation)
  let offset = ENTRIES_AT
  for (;;) {
    const next = readFrame(
      content,
      offset,
      () => key,
      (reader) => takeEntry(reader, ledger),
    )
    // The end, what an earlier round left behind it, or damage: all the same, the journal ends here.
    if (next?.value !== true) return header.value
    offset = next.end
  }
}

/** Takes the next entry into the ledger, or returns `false` if it is not the next one. */
function takeEntry(reader: SealedReader, ledger: Ledger): boolean {
  if (reader.byte() === GROUP) {
    const entry = readGroupEntry(reader)
    const follows = entry.number > ledger.lastGroup.number
    if (follows) ledger.takeGroup(entry)
    return follows
  }
  const entry = readEntry(reader)
  const follows = entry.commit === ledger.commit + 1
  if (follows) ledger.take(entry)
  return follows
}

function readFrame<Value>(
  content: Buffer,
  offset: number,
  key: () => Uint8Array,
  decode: (reader: SealedReader) => Value,
): { value: Value; end: number } | null {
  if (offset + LENGTH_BYTES > content.length) return null
  const start = offset + LENGTH_BYTES
  const end = start + content.readUInt32BE(offset)
  if (end > content.length) return null
  try {
    const reader = new SealedReader(key(), content.subarray(start, end))
    const value = decode(reader)
    reader.end()
    return { value, end }
  } catch (error) {
    if (error instanceof Damage) return null
    throw error
  }
}

function encodeCheckpoint(
  storeId: string,
  generation: number,
  strict: boolean,
  ledger: Ledger,
): Uint8Array {
  const { lost } = ledger
  const numbers = (4 + lost.length) * MAX_VARINT_BYTES
  const capacity = 2 + numbers + CHECKSUM_BYTES + DigestTable.BYTES
  const writer = new SealedWriter(sealKey(storeId, 0), capacity)
  writer.byte(FORMAT)
  writer.byte(strict ? 1 : 0)
  writer.varint(generation)
  writer.varint(ledger.commit)
  writeLink(writer, ledger.settled)
  writeBuckets(writer, lost)
  writer.bytes(ledger.table.toBytes())
  return framed(writer.seal().value)
}

function decodeCheckpoint(reader: SealedReader): Checkpoint {
  if (reader.byte() !== FORMAT) throw new Damage('the journal has an unknown format')
  const strict = reader.byte() === 1
  const generation = reader.varint()
  const commit = reader.varint()
  const settled = readLink(reader)
  const lost = readBuckets(reader)
  const table = DigestTable.fromBytes(reader.bytes(DigestTable.BYTES))
  return { strict, generation, ledger: new Ledger(commit, table, settled, lost) }
}

function encodeEntry(storeId: string, generation: number, entry: LedgerEntry): Uint8Array {
  const writer = new SealedWriter(sealKey(storeId, generation), 1 + entryCapacity(entry))
  writer.byte(COMMIT)
  writeEntry(writer, entry)
  return framed(writer.seal().value)
}

function encodeGroupEntry(storeId: string, generation: number, entry: GroupEntry): Uint8Array {
  const writer = new SealedWriter(sealKey(storeId, generation), 1 + groupEntryCapacity(entry))
  writer.byte(GROUP)
  writeGroupEntry(writer, entry)
  return framed(writer.seal().value)
}

/** Sealed under store and generation, so that entries left from an earlier round of the file do not pass. */
function sealKey(storeId: string, generation: number): Uint8Array {
  return Buffer.from(`${storeId} ${generation}`)
}

function framed(value: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(LENGTH_BYTES + value.length)
  bytes.writeUInt32BE(value.length)
  bytes.set(value, LENGTH_BYTES)
  return bytes
}
