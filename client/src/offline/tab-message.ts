import { decodeStateVector, UpdateScan, walkUpdate } from '@coscribe/shared'

/** What one tab says to the others. */
export type TabMessage =
  /** It has no server, and this; `answers` says that it heard the question of another. */
  | { readonly say: 'ask'; readonly stateVector: Uint8Array; readonly answers: boolean }
  | { readonly say: 'edit'; readonly update: Uint8Array }
  /** Everything it told of is on a server's disk. */
  | { readonly say: 'settled' }
  | { readonly say: 'bye' }

/** A message and who sent it. */
export type SentMessage = TabMessage & { readonly tab: string }

/** Larger updates are not for other tabs; they come by the server. */
export const MAX_TAB_UPDATE_BYTES = 4 * 1024 * 1024
const MAX_VECTOR_BYTES = 1024 * 1024
const TAB = /^[0-9a-f]{32}$/

const scan = new UpdateScan()

/**
 * Reads what came from a channel on which anything of this origin may speak: every field is checked, and bytes as
 * strictly as a server checks them, before Yjs sees any. Returns `null` for what is no message.
 */
export function readTabMessage(data: unknown): SentMessage | null {
  if (typeof data !== 'object' || data === null) return null
  const { tab, say, stateVector, answers, update } = data as Readonly<Record<string, unknown>>
  if (typeof tab !== 'string' || !TAB.test(tab)) return null
  switch (say) {
    case 'ask':
      return isVector(stateVector) && typeof answers === 'boolean'
        ? { tab, say, stateVector, answers }
        : null
    case 'edit':
      return isUpdate(update) ? { tab, say, update } : null
    case 'settled':
    case 'bye':
      return { tab, say }
    default:
      return null
  }
}

function isVector(value: unknown): value is Uint8Array {
  return isBytes(value, MAX_VECTOR_BYTES) && decodeStateVector(value) instanceof Map
}

function isUpdate(value: unknown): value is Uint8Array {
  if (!isBytes(value, MAX_TAB_UPDATE_BYTES)) return false
  const fault = walkUpdate(value, scan)
  scan.clear()
  return fault === null
}

/** Bytes that have their memory to themselves, so that nothing can change or show what lies beside them. */
function isBytes(value: unknown, max: number): value is Uint8Array {
  return (
    value instanceof Uint8Array &&
    value.length <= max &&
    value.byteLength === value.buffer.byteLength &&
    value.buffer instanceof ArrayBuffer
  )
}
