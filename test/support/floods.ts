import {
  encodeClientFrame,
  encodeStockMessage,
  PROTOCOL_VERSION,
  WireWriter,
} from '@coscribe/shared'
import * as Y from 'yjs'
import { clientFrame, RawSocket, upgradeRequest } from './raw-socket.js'

/** Where a flood comes from, and what it may show. */
export interface FloodPlace {
  readonly port: number
  readonly address: string
  readonly token: string
  /** The document that the others write. */
  readonly document: string
}

/** Somebody who does one thing as fast as the server takes it, until it is told to stop. */
export interface Flood {
  readonly name: string
  /** Stops, and leaves nothing connected. */
  start(place: FloodPlace): () => void
}

const PING = 9
const CONTINUATION = 0
/** Bytes that wait in a socket before more are given to it. */
const AHEAD_BYTES = 512 * 1024
const LOOK_MS = 5
/** Connections that are opened at the same time. */
const WAVE = 30

/** The same bytes again and again on one connection, as fast as they are taken. */
function onOne(name: string, make: () => Uint8Array): Flood {
  return {
    name,
    start: (place) => {
      const sent = make()
      const raw = new RawSocket(place.port)
      raw.send(request(place, `/${place.document}`, 'y-websocket'))
      const timer = setInterval(() => {
        while (!raw.closed && raw.head !== null && raw.socket.writableLength < AHEAD_BYTES) {
          raw.send(sent)
        }
      }, LOOK_MS)
      return () => {
        clearInterval(timer)
        raw.destroy()
      }
    },
  }
}

/** Many connections at a time, each new as soon as the one before it is over. */
function onMany(name: string, open: (place: FloodPlace) => RawSocket): Flood {
  return {
    name,
    start: (place) => {
      const sockets = new Set<RawSocket>()
      const timer = setInterval(() => {
        for (const raw of sockets) if (raw.closed || raw.closeCode !== null) drop(raw)
        while (sockets.size < WAVE) sockets.add(open(place))
      }, LOOK_MS)
      const drop = (raw: RawSocket): void => {
        sockets.delete(raw)
        raw.destroy()
      }
      return () => {
        clearInterval(timer)
        for (const raw of sockets) raw.destroy()
      }
    },
  }
}

function request({ port, address, token }: FloodPlace, path: string, protocol: string): string {
  return upgradeRequest(port, path, {
    'X-Forwarded-For': address,
    Authorization: `Bearer ${token}`,
    'Sec-WebSocket-Protocol': protocol,
  })
}

function repeated(frame: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(Array.from({ length: times }, () => frame))
}

const messages = (frame: Uint8Array): Uint8Array => clientFrame(frame)

/** One letter each, new every time, in a document with nothing else. */
function updates(): Uint8Array {
  const doc = new Y.Doc()
  const frames: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => {
    frames.push(messages(encodeStockMessage({ type: 'update', update })))
  })
  for (let i = 0; i < 2_000; i++) doc.getText('flood').insert(0, 'x')
  return Buffer.concat(frames)
}

function bytes(): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('flood').insert(0, 'x'.repeat(1_000_000))
  return messages(encodeStockMessage({ type: 'update', update: Y.encodeStateAsUpdate(doc) }))
}

function presence(): Uint8Array {
  const frames = Array.from({ length: 500 }, (_, clock) => {
    const state = Buffer.from(`{"n":${clock}}`)
    const update = new WireWriter().varUint(1).varUint(77).varUint(clock).varBytes(state).finish()
    return messages(encodeStockMessage({ type: 'presence', update }))
  })
  return Buffer.concat(frames)
}

function pieces(): Uint8Array {
  const more = clientFrame(Uint8Array.of(0), { opcode: CONTINUATION, fin: false })
  // Of a type that means nothing to anybody, and is ignored.
  const begin = clientFrame(Uint8Array.of(99), { fin: false })
  const end = clientFrame(Uint8Array.of(0), { opcode: CONTINUATION })
  return Buffer.concat([begin, repeated(more, 2_000), end])
}

/** Opens one new document after the other on one connection. */
const documents: Flood = {
  name: 'documents',
  start: (place) => {
    let next = 0
    const raw = new RawSocket(place.port)
    raw.send(request(place, '/', 'coscribe.v1'))
    const fields = { version: PROTOCOL_VERSION, secret: '', historyId: '', resume: null } as const
    const timer = setInterval(() => {
      if (raw.head === null) return
      while (!raw.closed && raw.socket.writableLength < 16 * 1024) {
        const documentId = `flood ${next++}`
        const frame = encodeClientFrame(1, { type: 'open', documentId, ...fields })
        raw.send(messages(frame))
        raw.send(messages(encodeClientFrame(1, { type: 'leave' })))
      }
    }, LOOK_MS)
    return () => {
      clearInterval(timer)
      raw.destroy()
    }
  },
}

/** Every kind of flood that one user can make. */
export const floods: readonly Flood[] = [
  onOne('updates', updates),
  onOne('bytes', bytes),
  onOne('messages', () =>
    repeated(messages(encodeStockMessage({ type: 'query-presence' })), 2_000),
  ),
  onOne('step 1s', () => {
    const step1 = { type: 'sync-step-1', stateVector: Uint8Array.of(0) } as const
    return repeated(messages(encodeStockMessage(step1)), 2_000)
  }),
  onOne('presence', presence),
  onOne('pings', () => repeated(clientFrame(new Uint8Array(0), { opcode: PING }), 5_000)),
  onOne('tiny pieces', pieces),
  documents,
  onMany('connections', (place) => {
    const raw = new RawSocket(place.port)
    raw.send(request(place, `/${place.document}`, 'y-websocket'))
    return raw
  }),
  onMany('half handshakes', (place) => {
    const raw = new RawSocket(place.port)
    raw.send(request(place, `/${place.document}`, 'y-websocket').slice(0, -2))
    return raw
  }),
]
