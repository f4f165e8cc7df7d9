import { encodeStockMessage } from '@coscribe/shared'
import type { Awareness } from 'y-protocols/awareness'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { stockProvider, type StockOptions, type StockVersion } from './clients.js'
import { eventually } from './eventually.js'
import { FrameLog, loggingSocket } from './frame-log.js'

/** Somebody with an unmodified provider, and all that went over their sockets. */
export class StockPerson {
  readonly doc: Y.Doc
  readonly log = new FrameLog()
  readonly provider: WebsocketProvider
  /** The text at each moment the provider said that it is synced. */
  readonly textsWhenSynced: string[] = []

  constructor(
    version: StockVersion,
    url: string,
    documentId: string,
    options: StockOptions & { readonly doc?: Y.Doc } = {},
  ) {
    const { doc = new Y.Doc(), ...rest } = options
    this.doc = doc
    const WebSocketPolyfill = loggingSocket(this.log)
    this.provider = stockProvider(version, url, documentId, doc, { WebSocketPolyfill, ...rest })
    this.provider.on('sync', (synced: boolean) => {
      if (synced) this.textsWhenSynced.push(this.content)
    })
  }

  get awareness(): Awareness {
    return this.provider.awareness
  }

  get text(): Y.Text {
    return this.doc.getText('t')
  }

  get content(): string {
    return this.text.toString()
  }

  /** Writes at the end. */
  type(text: string): void {
    this.text.insert(this.text.length, text)
  }

  /** Sends bytes past the provider, as an extension of an app might. */
  sendRaw(bytes: Uint8Array<ArrayBuffer>): void {
    this.provider.ws?.send(bytes)
  }

  async synced(): Promise<void> {
    await eventually('synced', () => this.provider.synced)
  }

  async sees(content: string): Promise<void> {
    await eventually(`the text is ${shown(content)}`, () => this.content === content)
  }

  /** What this person is shown of another one. */
  presenceOf(other: StockPerson): unknown {
    return this.awareness.getStates().get(other.doc.clientID)
  }

  /** Ends the socket and stays away, but goes on talking with other tabs of the same browser. */
  loseSocket(): void {
    this.provider.shouldConnect = false
    this.provider.ws?.close()
  }

  drop(): void {
    this.provider.disconnect()
  }

  rejoin(): void {
    this.provider.connect()
  }

  leave(): void {
    this.provider.destroy()
    this.awareness.destroy()
    this.doc.destroy()
  }
}

/** Waits until the server has taken everything this person sent, and this person what the server said by then. */
export async function answered(person: StockPerson): Promise<void> {
  await eventually('connected', () => person.provider.wsconnected)
  const before = person.log.count('sync-step-2')
  const stateVector = Y.encodeStateVector(person.doc)
  person.sendRaw(encodeStockMessage({ type: 'sync-step-1', stateVector }))
  await eventually('an answer', () => person.log.count('sync-step-2') > before)
}

function shown(content: string): string {
  return content.length <= 80 ? JSON.stringify(content) : `${content.length} characters long`
}
