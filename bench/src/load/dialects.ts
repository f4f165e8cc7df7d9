import { pushString, type WireCursor } from './wire.js'

export type DialectName = 'relay' | 'y-websocket' | 'hocuspocus' | 'coscribe.v1'

/** Message types that all of them share with y-protocols. */
export const SYNC = 0
export const PRESENCE = 1
export const STEP_1 = 0
export const STEP_2 = 1
export const UPDATE = 2

/** How one kind of server wants to be spoken to. */
export interface Dialect {
  readonly subprotocol: string | null
  /** Whether there is a first exchange of state, after which a session is ready; a bare relay has none. */
  readonly syncs: boolean
  /** The path of the address to connect to. */
  path(documentId: string): string
  /** What stands before each message of y-protocols. */
  prefix(documentId: string): readonly number[]
  /** Passes over what stands before the type of a message. */
  readPrefix(cursor: WireCursor): void
  /** Messages before the first sync message. */
  greeting(documentId: string): readonly (readonly number[])[]
  /** The number of updates that are on disk, if a message of this type says so; else `null`. */
  readAck(type: number, cursor: WireCursor): number | null
}

const nothing: Pick<Dialect, 'readPrefix' | 'greeting' | 'readAck' | 'prefix'> = {
  readPrefix: () => {},
  greeting: () => [],
  readAck: () => null,
  prefix: () => [],
}

const inPath = (documentId: string): string => `/${encodeURIComponent(documentId)}`

const CHANNEL = 1
const OPEN = 80
const ACK = 91
const OWN_VERSION = 1

const HOCUSPOCUS_AUTH = 2

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  relay: { ...nothing, subprotocol: null, syncs: false, path: inPath },
  'y-websocket': { ...nothing, subprotocol: null, syncs: true, path: inPath },
  hocuspocus: {
    ...nothing,
    subprotocol: null,
    syncs: true,
    path: () => '/',
    prefix: named,
    readPrefix: (cursor) => cursor.skip(cursor.varUint()),
    // A token that is empty, and the version of the provider that it stands for.
    greeting: (documentId) => {
      const bytes = [...named(documentId), HOCUSPOCUS_AUTH, 0, 0]
      pushString(bytes, '4.8.0')
      return [bytes]
    },
  },
  'coscribe.v1': {
    subprotocol: 'coscribe.v1',
    syncs: true,
    path: () => '/',
    prefix: () => [CHANNEL],
    readPrefix: (cursor) => void cursor.varUint(),
    greeting: (documentId) => {
      const bytes = [CHANNEL, OPEN, OWN_VERSION]
      pushString(bytes, documentId)
      // No secret, no history, no resume point.
      bytes.push(0, 0, 0)
      return [bytes]
    },
    readAck: (type, cursor) => (type === ACK ? cursor.varUint() : null),
  },
}

function named(documentId: string): number[] {
  const bytes: number[] = []
  pushString(bytes, documentId)
  return bytes
}
