import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { gunzipSync } from 'node:zlib'
import * as Y from 'yjs'
import { seededRandom } from './random.js'

/** One keystroke: at `position` (UTF-16 units) delete `deleted` units, then insert `inserted`. */
export interface Edit {
  readonly position: number
  readonly deleted: number
  readonly inserted: string
}

/** A history of single-character edits and the SHA-256 (hex, of UTF-8) of the text it ends in. */
export interface Trace {
  readonly source: string
  readonly edits: readonly Edit[]
  readonly sha256: string
}

/** The recorded trace in the folder that COSCRIBE_TRACE names, else a generated one of the same statistics. */
export function loadTrace(edits = 259_778, seed = 1): Trace {
  const folder = process.env['COSCRIBE_TRACE']
  return folder === undefined ? generateTrace(edits, seed) : recordedTrace(folder, edits)
}

/** SHA-256 of a text as hex. */
export function textHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** Reads `trace.updates.bin.gz`: var-uint length and a Yjs V1 update on the root text `t`, again and again. */
function recordedTrace(folder: string, limit: number): Trace {
  const bytes = gunzipSync(readFileSync(join(folder, 'trace.updates.bin.gz')))
  const order = new WrittenOrder()
  const edits: Edit[] = []
  const text: string[] = []
  for (let offset = 0; offset < bytes.length && edits.length < limit;) {
    const [length, start] = readVarUint(bytes, offset)
    offset = start + length
    for (const edit of editsOf(bytes.subarray(start, offset), order)) {
      text.splice(edit.position, edit.deleted, ...edit.inserted.split(''))
      edits.push(edit)
    }
  }
  return { source: `recorded, ${edits.length} edits`, edits, sha256: textHash(text.join('')) }
}

/** The edits of one update of the recorded trace, whose single writer typed plain text. */
function editsOf(update: Uint8Array, order: WrittenOrder): Edit[] {
  const { structs, ds } = Y.decodeUpdate(update)
  const edits: Edit[] = []
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue
    const position = order.insert(struct.id.clock, struct.length, struct.origin?.clock ?? null)
    edits.push({ position, deleted: 0, inserted: struct.content.str })
  }
  for (const { clock, len } of [...ds.clients.values()].flat()) {
    for (let i = clock; i < clock + len; i++) {
      edits.push({ position: order.delete(i), deleted: 1, inserted: '' })
    }
  }
  return edits
}

interface Block {
  /** Clocks of characters in the order of the text, deleted ones included. */
  readonly clocks: number[]
  visible: number
}

const BLOCK_LENGTH = 512

/** Where each character of a single writer stands, by its clock: yjs names neighbours and not positions. */
class WrittenOrder {
  readonly #blocks: Block[] = [{ clocks: [], visible: 0 }]
  readonly #blockOf: Block[] = []
  readonly #deleted = new Set<number>()

  /** Puts `length` characters behind the character `origin`, or at the start. Returns their position. */
  insert(clock: number, length: number, origin: number | null): number {
    const block = (origin === null ? this.#blocks[0] : this.#blockOf[origin]) as Block
    const at = origin === null ? 0 : block.clocks.indexOf(origin) + 1
    const position = this.#visibleBefore(block, at)
    const clocks = Array.from({ length }, (_, i) => clock + i)
    block.clocks.splice(at, 0, ...clocks)
    block.visible += length
    for (const added of clocks) this.#blockOf[added] = block
    if (block.clocks.length > BLOCK_LENGTH) this.#split(block)
    return position
  }

  /** Returns the position that the character had. */
  delete(clock: number): number {
    const block = this.#blockOf[clock] as Block
    const position = this.#visibleBefore(block, block.clocks.indexOf(clock))
    this.#deleted.add(clock)
    block.visible--
    return position
  }

  #visibleBefore(block: Block, at: number): number {
    let position = 0
    for (const earlier of this.#blocks) {
      if (earlier === block) break
      position += earlier.visible
    }
    for (let i = 0; i < at; i++) if (!this.#deleted.has(block.clocks[i] as number)) position++
    return position
  }

  #split(block: Block): void {
    const clocks = block.clocks.splice(BLOCK_LENGTH / 2)
    const visible = clocks.filter((clock) => !this.#deleted.has(clock)).length
    const added: Block = { clocks, visible }
    block.visible -= visible
    for (const clock of clocks) this.#blockOf[clock] = added
    this.#blocks.splice(this.#blocks.indexOf(block) + 1, 0, added)
  }
}

function readVarUint(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let value = 0
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[offset++]
    if (byte === undefined) throw new RangeError('the trace ends inside a number')
    value += (byte & 127) * shift
    if (byte < 128) return [value, offset]
  }
}

const letters = 'etaoin shrdlucmfwypvbgkjqxz\n\\{}.,'

/**
 * A writer at a cursor: runs of typing, runs of backspace, and jumps to somewhere else, with 30 % deletes over all,
 * as in the recorded trace.
 */
function generateTrace(count: number, seed: number): Trace {
  const random = seededRandom(seed)
  const below = (n: number): number => Math.floor(random.fraction() * n)
  const text: string[] = []
  const edits: Edit[] = []
  let cursor = 0
  while (edits.length < count) {
    if (random.fraction() < 0.2) cursor = below(text.length + 1)
    const typed = Math.min(1 + below(40), count - edits.length)
    const word = Array.from({ length: typed }, () => letters.charAt(below(letters.length)))
    for (const [i, inserted] of word.entries()) {
      edits.push({ position: cursor + i, deleted: 0, inserted })
    }
    text.splice(cursor, 0, ...word)
    cursor += typed
    const erased = Math.min(cursor, below(18), count - edits.length)
    for (let i = 0; i < erased; i++) edits.push({ position: --cursor, deleted: 1, inserted: '' })
    text.splice(cursor, erased)
  }
  return {
    source: `generated, seed ${seed}, ${count} edits`,
    edits,
    sha256: textHash(text.join('')),
  }
}
