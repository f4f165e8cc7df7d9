import { connect } from '@coscribe/client'
import { WebSocket } from 'ws'
import { WebsocketProvider as Provider1 } from 'y-websocket-1'
import { WebsocketProvider as Provider2 } from 'y-websocket-2'
import { WebsocketProvider as Provider3 } from 'y-websocket'
import * as Y from 'yjs'

/** A replica with a connection that can be dropped and taken up again; ours or a stock one. */
export interface TestClient {
  readonly name: string
  readonly doc: Y.Doc
  /** Cuts the connection; edits go on offline. */
  drop(): void
  rejoin(): void
  destroy(): void
}

/** The stock providers, unmodified: the same class in three versions. */
const stockProviders = {
  'y-websocket 1.5.4': Provider1,
  'y-websocket 2.1.0': Provider2,
  'y-websocket 3.1.0': Provider3,
} as const

export type StockVersion = keyof typeof stockProviders

export const stockVersions = Object.keys(stockProviders) as StockVersion[]

export type StockOptions = NonNullable<ConstructorParameters<typeof Provider3>[3]>

/** Connects an unmodified provider; tabs of one browser are kept apart, as different machines are. */
export function stockProvider(
  version: StockVersion,
  url: string,
  documentId: string,
  doc: Y.Doc,
  options: StockOptions = {},
): Provider3 {
  const Provider = stockProviders[version] as unknown as typeof Provider3
  const WebSocketPolyfill = WebSocket as unknown as typeof globalThis.WebSocket
  return new Provider(url, documentId, doc, { WebSocketPolyfill, disableBc: true, ...options })
}

export function stockClient(version: StockVersion, url: string, documentId: string): TestClient {
  const doc = new Y.Doc()
  const provider = stockProvider(version, url, documentId, doc)
  return {
    name: version,
    doc,
    drop: () => provider.disconnect(),
    rejoin: () => provider.connect(),
    destroy: () => {
      provider.destroy()
      doc.destroy()
    },
  }
}

export function ownClient(url: string, documentId: string): TestClient {
  const room = connect({ url, doc: documentId, WebSocket })
  return {
    name: 'coscribe.v1',
    doc: room.ydoc,
    drop: () => room.disconnect(),
    rejoin: () => room.connect(),
    destroy: () => room.destroy(),
  }
}

/** Resolves when `condition` holds, looked at after each update of `doc`. */
export function docCondition(
  doc: Y.Doc,
  condition: () => boolean,
  deadlineMs = 60_000,
): Promise<void> {
  if (condition()) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const done = (): void => {
      doc.off('update', look)
      clearTimeout(deadline)
    }
    const look = (): void => {
      if (!condition()) return
      done()
      resolve()
    }
    const deadline = setTimeout(() => {
      done()
      reject(new Error(`not there after ${deadlineMs} ms`))
    }, deadlineMs)
    doc.on('update', look)
  })
}

/** Whether `doc` has every struct that the state vector states; deletions do not show in it. */
export function covers(doc: Y.Doc, stateVector: ReadonlyMap<number, number>): boolean {
  const known = stateOf(doc)
  for (const [client, clock] of stateVector) if ((known.get(client) ?? 0) < clock) return false
  return true
}

/** The state vector of a document, by client id. */
export function stateOf(doc: Y.Doc): Map<number, number> {
  return Y.decodeStateVector(Y.encodeStateVector(doc))
}
