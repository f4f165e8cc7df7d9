import { checkUpdate, type UpdateFault } from './update-file.js'

/** Largest file that is opened. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024

/** What a file holds. */
export type FileContent =
  | { readonly kind: 'text'; readonly text: string }
  /** A Yjs update that is a whole document, with a text of so many UTF-16 units. */
  | { readonly kind: 'update'; readonly update: Uint8Array; readonly characters: number }

/** Why a file is not opened. */
export type FileFault =
  | { readonly kind: 'tooLarge' | 'empty' | 'unreadable' | 'notText' | 'notUtf8' }
  | { readonly kind: 'notAnUpdate'; readonly reason: UpdateFault }

/** Control characters that texts have in them: those that move the caret, the bell, and what begins a colour. */
const harmless = new Set([7, 8, 9, 10, 11, 12, 13, 27])

/** Reads a file, of which nothing is believed: not its size until it is looked at, not its name, not its type. */
export async function readFile(file: File): Promise<FileContent | FileFault> {
  // Before anything of it is read.
  if (file.size > MAX_FILE_BYTES) return { kind: 'tooLarge' }
  if (file.size === 0) return { kind: 'empty' }
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = new Uint8Array(await file.arrayBuffer())
  } catch {
    // A folder, a file that is gone, or one that this person may not read.
    return { kind: 'unreadable' }
  }
  return file.name.toLowerCase().endsWith('.yjs') ? updateIn(bytes) : textIn(bytes)
}

function updateIn(update: Uint8Array): FileContent | FileFault {
  const checked = checkUpdate(update)
  return typeof checked === 'string'
    ? { kind: 'notAnUpdate', reason: checked }
    : { kind: 'update', update, characters: checked.characters }
}

function textIn(bytes: Uint8Array<ArrayBuffer>): FileContent | FileFault {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const isText = bytes.every((byte) => byte >= 32 || harmless.has(byte))
    return isText ? { kind: 'text', text } : { kind: 'notText' }
  } catch {
    // The one way to get here: bytes that are not UTF-8.
    return { kind: 'notUtf8' }
  }
}
