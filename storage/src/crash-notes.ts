import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_DOCUMENT_ID_BYTES } from '@coscribe/shared'

/**
 * LevelDB can end the whole process on damaged files, and would do so again at each restart. So small notes say what
 * was going on: whether the store was being opened, was open or closed in order, how often in a row it ended badly
 * soon after its start, and which documents were being read. They are plain writes, which outlive the process, and
 * they need not outlive power loss.
 */
const STATE_FILE = 'state'
const READS_FILE = 'reads'

export interface StateNote {
  readonly phase: 'closed' | 'opening' | 'open'
  /** Starts in a row that ended neither in order nor after a good while. */
  readonly crashes: number
}

export function readState(folder: string): StateNote {
  try {
    const { phase, crashes } = JSON.parse(
      readFileSync(join(folder, STATE_FILE), 'utf8'),
    ) as StateNote
    const known = phase === 'closed' || phase === 'opening' || phase === 'open'
    if (known && Number.isSafeInteger(crashes)) return { phase, crashes }
  } catch {
    // Not there yet, or damaged.
  }
  return { phase: 'closed', crashes: 0 }
}

export function writeState(folder: string, note: StateNote): void {
  writeFileSync(join(folder, STATE_FILE), JSON.stringify(note), { mode: 0o600 })
}

const SLOTS = 64
const SLOT_BYTES = 1 + MAX_DOCUMENT_ID_BYTES
const EMPTY = Buffer.alloc(1)

/** Stands in the notes for a listing; no document id begins with a dot. */
export const LISTING = '.list'

/** Which documents are being read, one slot of a small file each. */
export class ReadNotes {
  readonly #file: number
  readonly #free = Array.from({ length: SLOTS }, (_, slot) => slot)

  constructor(folder: string) {
    this.#file = openSync(join(folder, READS_FILE), 'w', 0o600)
    writeSync(this.#file, Buffer.alloc(SLOTS * SLOT_BYTES), 0, SLOTS * SLOT_BYTES, 0)
  }

  /** Notes a read while `action` runs. With all slots taken it runs without: the count of crashes still stops a loop. */
  async during<Value>(documentId: string, action: () => Promise<Value>): Promise<Value> {
    const slot = this.#free.pop()
    if (slot === undefined) return action()
    const id = Buffer.from(documentId)
    this.#write(slot, Buffer.concat([Buffer.of(id.length), id]))
    try {
      return await action()
    } finally {
      this.#write(slot, EMPTY)
      this.#free.push(slot)
    }
  }

  #write(slot: number, bytes: Uint8Array): void {
    writeSync(this.#file, bytes, 0, bytes.length, slot * SLOT_BYTES)
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** The documents that were being read when the process ended. */
export function unfinishedReads(folder: string): string[] {
  let content: Buffer
  try {
    content = readFileSync(join(folder, READS_FILE))
  } catch {
    // Never opened before.
    return []
  }
  const ids = Array.from({ length: SLOTS }, (_, slot) => {
    const start = slot * SLOT_BYTES
    return content.toString('utf8', start + 1, start + 1 + (content[start] ?? 0))
  })
  return ids.filter((id) => id !== '')
}
