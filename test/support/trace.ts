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
  const doc = new Y.Doc()
  const edits: Edit[] = []
  const text = doc.getText('t')
  text.observe((event) => edits.push(...editsOf(event.delta)))
  for (let offset = 0; offset < bytes.length && edits.length < limit;) {
    const [length, start] = readVarUint(bytes, offset)
    Y.applyUpdate(doc, bytes.subarray(start, start + length))
    offset = start + length
  }
  return { source: `recorded, ${edits.length} edits`, edits, sha256: textHash(text.toString()) }
}

function editsOf(delta: Y.YTextEvent['delta']): Edit[] {
  const edits: Edit[] = []
  let position = 0
  for (const part of delta) {
    if (part.retain !== undefined) position += part.retain
    if (part.delete !== undefined) edits.push({ position, deleted: part.delete, inserted: '' })
    if (typeof part.insert === 'string') {
      edits.push({ position, deleted: 0, inserted: part.insert })
      position += part.insert.length
    }
  }
  return edits
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
    const typed = 1 + below(40)
    for (let i = 0; i < typed && edits.length < count; i++) {
      const inserted = letters.charAt(below(letters.length))
      edits.push({ position: cursor, deleted: 0, inserted })
      text.splice(cursor++, 0, inserted)
    }
    const erased = Math.min(cursor, below(18))
    for (let i = 0; i < erased && edits.length < count; i++) {
      edits.push({ position: --cursor, deleted: 1, inserted: '' })
      text.splice(cursor, 1)
    }
  }
  return {
    source: `generated, seed ${seed}, ${count} edits`,
    edits,
    sha256: textHash(text.join('')),
  }
}
