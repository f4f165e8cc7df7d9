import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { gunzipSync } from 'node:zlib'
import * as Y from 'yjs'
import { ROOT } from './load/edits.js'
import { WireCursor } from './load/wire.js'

/** The history of a text by one author, one character at a time. */
export interface Trace {
  readonly source: string
  readonly updates: readonly Uint8Array[]
  /** The document in the end, as one update. */
  readonly snapshot: Uint8Array
  readonly text: string
  /** How many characters were ever typed. */
  readonly characters: number
}

/** Where somebody is who has seen only the first updates. */
export interface Standpoint {
  readonly known: number
  readonly stateVector: Uint8Array
  /** The answer to a server that has everything: the deletions, as every client sends them. */
  readonly offer: Uint8Array
}

const EDITS = 260_000
const AUTHOR = 0x5000_0001
const LETTERS = 'etaoin shrdlucmfwypvbgkjqxz\n\\{}.,'

let loaded: Trace | null = null

/** The recorded history in the folder that COSCRIBE_TRACE names, else a generated one of the same statistics. */
export function loadTrace(): Trace {
  const folder = process.env['COSCRIBE_TRACE']
  loaded ??= folder === undefined ? generated(EDITS) : recorded(folder)
  return loaded
}

/** @param fraction how much of the history somebody has seen */
export function standpoint({ updates, snapshot }: Trace, fraction: number): Standpoint {
  const seen = updates.slice(0, Math.floor(updates.length * fraction))
  const doc = docOf(seen)
  const stateVector = Y.encodeStateVector(doc)
  const known = [...Y.decodeStateVector(stateVector).values()].reduce((sum, n) => sum + n, 0)
  const whole = Y.encodeStateVectorFromUpdate(snapshot)
  return { known, stateVector, offer: Y.encodeStateAsUpdate(doc, whole) }
}

function recorded(folder: string): Trace {
  const bytes = gunzipSync(readFileSync(join(folder, 'trace.updates.bin.gz')))
  const updates: Uint8Array[] = []
  const cursor = new WireCursor().reset(bytes, 0, bytes.length)
  while (cursor.at < bytes.length) {
    const length = cursor.varUint()
    const start = cursor.at
    cursor.skip(length)
    updates.push(bytes.subarray(start, cursor.at))
  }
  const snapshot = gunzipSync(readFileSync(join(folder, 'trace.snapshot.bin.gz')))
  return traceOf(`recorded, ${updates.length} edits`, updates, docOf([snapshot]))
}

/** A writer who types, goes back, and jumps: 30 % of the edits delete, as in the recorded history. */
function generated(count: number): Trace {
  const doc = new Y.Doc()
  doc.clientID = AUTHOR
  const text = doc.getText(ROOT)
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  const random = seeded(1)
  let cursor = 0
  while (updates.length < count) {
    if (random(5) === 0) cursor = random(text.length + 1)
    for (let left = 1 + random(40); left > 0; left--) {
      text.insert(cursor++, LETTERS.charAt(random(LETTERS.length)))
    }
    for (let left = Math.min(cursor, random(18)); left > 0; left--) text.delete(--cursor, 1)
  }
  return traceOf(`generated, ${updates.length} edits`, updates, doc)
}

function traceOf(source: string, updates: readonly Uint8Array[], doc: Y.Doc): Trace {
  const characters = [...Y.decodeStateVector(Y.encodeStateVector(doc)).values()]
  return {
    source,
    updates,
    snapshot: Y.encodeStateAsUpdate(doc),
    text: doc.getText(ROOT).toJSON(),
    characters: characters.reduce((sum, n) => sum + n, 0),
  }
}

function docOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc()
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update)
  })
  return doc
}

/** Numbers below n, the same ones every time. */
function seeded(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}
