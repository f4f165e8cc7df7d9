import { HAS_ORIGIN, NAMED_PARENT, ROOT, STRING } from './edits.js'
import { pushVarUint } from './wire.js'

const FIRST_CLIENT = 0x6000_0000
const AUTHORS = 10
/** What somebody writes before somebody else goes on. */
const PASSAGE = 'Some words that belong together, then '
/** With the ids in front of it. */
const BYTES_A_PASSAGE = PASSAGE.length + 11
/** Together below the largest message that ours takes by default. */
const PASSAGES_A_PIECE = 20_000

const WORD = 'words'

/** A text to which each of so many clients has added a word, behind that of the one before. */
export function manyClients(count: number): Uint8Array {
  const bytes: number[] = []
  pushVarUint(bytes, count)
  for (let index = count - 1; index >= 0; index--) {
    bytes.push(1)
    pushVarUint(bytes, FIRST_CLIENT + index)
    bytes.push(0)
    if (index === 0) bytes.push(STRING, NAMED_PARENT, ROOT.length, ROOT.charCodeAt(0))
    else {
      bytes.push(HAS_ORIGIN | STRING)
      pushVarUint(bytes, FIRST_CLIENT + index - 1)
      pushVarUint(bytes, WORD.length - 1)
    }
    bytes.push(WORD.length)
    for (const letter of WORD) bytes.push(letter.charCodeAt(0))
  }
  bytes.push(0)
  return Uint8Array.from(bytes)
}

/**
 * A text of about so many bytes in which authors took turns: each passage stands behind the one before, which
 * somebody else wrote, so that no two can be kept as one. As updates that follow each other.
 */
export function manyStructs(size: number): Uint8Array[] {
  const updates: Uint8Array[] = []
  const passages = Math.max(AUTHORS, Math.floor(size / BYTES_A_PASSAGE))
  for (let first = 0; first < passages; first += PASSAGES_A_PIECE) {
    updates.push(piece(first, Math.min(passages, first + PASSAGES_A_PIECE)))
  }
  return updates
}

/** The passages of these numbers. */
function piece(first: number, end: number): Uint8Array {
  const bytes: number[] = []
  pushVarUint(bytes, Math.min(AUTHORS, end - first))
  for (let author = AUTHORS - 1; author >= 0; author--) {
    const own = first + ((author - (first % AUTHORS) + AUTHORS) % AUTHORS)
    if (own < end) pushPassages(bytes, own, end)
  }
  bytes.push(0)
  return Uint8Array.from(bytes)
}

/** One author's block: passage `own`, and every tenth after it. */
function pushPassages(bytes: number[], own: number, end: number): void {
  pushVarUint(bytes, Math.ceil((end - own) / AUTHORS))
  pushVarUint(bytes, clientOf(own))
  pushVarUint(bytes, clockOf(own))
  for (let number = own; number < end; number += AUTHORS) {
    if (number === 0) bytes.push(STRING, NAMED_PARENT, ROOT.length, ROOT.charCodeAt(0))
    else {
      bytes.push(HAS_ORIGIN | STRING)
      pushVarUint(bytes, clientOf(number - 1))
      pushVarUint(bytes, clockOf(number - 1) + PASSAGE.length - 1)
    }
    bytes.push(PASSAGE.length)
    for (const letter of PASSAGE) bytes.push(letter.charCodeAt(0))
  }
}

function clientOf(passage: number): number {
  return FIRST_CLIENT + (passage % AUTHORS)
}

function clockOf(passage: number): number {
  return Math.floor(passage / AUTHORS) * PASSAGE.length
}
