import {
  decodeServerFrame,
  encodeClientFrame,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
} from '@coscribe/shared'
import type { ClientMessage, Random, ServerMessage } from '@coscribe/shared'
import { WebSocket } from 'ws'
import * as Y from 'yjs'

/** What an author was told is on disk: kept outside the server, and by the author's side of the wire only. */
export interface AckLog {
  /** Tokens whose insertion was acknowledged, and whose deletion never began. */
  readonly present: Set<string>
  /** Tokens whose deletion was acknowledged. */
  readonly deleted: Set<string>
}

/** An empty log for one document. */
export function createAckLog(): AckLog {
  return { present: new Set(), deleted: new Set() }
}

type TokenEdit = { readonly kind: 'insert' | 'delete'; readonly token: string }

/**
 * A bare `coscribe.v1` client that writes unique tokens and notes every acknowledgement, without reconnect, offline
 * copy or anything else that could heal a server: once destroyed, nothing of its document is left.
 */
export class Author {
  readonly #socket: WebSocket
  readonly #doc = new Y.Doc()
  readonly #sent: TokenEdit[] = []
  readonly #live: string[] = []
  readonly #log: AckLog
  readonly #name: string
  #acked = 0
  #tokens = 0
  #synced = false
  #onProgress: (() => void) | null = null
  #over: Error | null = null

  constructor(url: string, documentId: string, name: string, log: AckLog) {
    this.#name = name
    this.#log = log
    this.#socket = new WebSocket(url, SUBPROTOCOL)
    this.#socket.binaryType = 'nodebuffer'
    this.#socket.on('open', () => this.#open(documentId))
    this.#socket.on('message', (data: Buffer) => this.#receive(data))
    this.#socket.on('error', (error) => this.#end(error))
    this.#socket.on('close', (code) => this.#end(new Error(`closed with ${code}`)))
  }

  get ackedCount(): number {
    return this.#acked
  }

  get unackedCount(): number {
    return this.#sent.length - this.#acked
  }

  /** Resolves when the document is here. */
  async ready(): Promise<void> {
    await this.#until(() => this.#synced)
  }

  /** Resolves when `count` of its edits are acknowledged; rejects when the socket ends before. */
  async acked(count: number): Promise<void> {
    await this.#until(() => this.#acked >= count)
  }

  /** Writes one token, or deletes one of its own, and does not wait. */
  edit(random: Random): void {
    const text = this.#doc.getText('content')
    const doomed = this.#live[Math.floor(random.fraction() * this.#live.length)]
    const insert = doomed === undefined || random.fraction() < 0.7
    const token = insert ? `<${this.#name}.${this.#tokens++}>` : doomed
    this.#doc.once('update', (update: Uint8Array) => this.#send({ type: 'update', update }))
    if (insert) text.insert(tokenBoundary(text, random), token)
    else text.delete(text.toString().indexOf(token), token.length)
    this.#track({ kind: insert ? 'insert' : 'delete', token })
  }

  /** Closes the socket and forgets the document. */
  destroy(): void {
    this.#over ??= new Error('destroyed')
    this.#socket.removeAllListeners('message')
    this.#socket.terminate()
    this.#doc.destroy()
  }

  #track(edit: TokenEdit): void {
    this.#sent.push(edit)
    if (edit.kind === 'insert') {
      this.#live.push(edit.token)
      return
    }
    this.#live.splice(this.#live.indexOf(edit.token), 1)
    // From here on the token may be gone or not, until the deletion is acknowledged.
    this.#log.present.delete(edit.token)
  }

  #open(documentId: string): void {
    this.#send({
      type: 'open',
      version: PROTOCOL_VERSION,
      documentId,
      secret: '',
      historyId: '',
      resume: null,
    })
    this.#send({ type: 'sync-step-1', stateVector: Y.encodeStateVector(this.#doc) })
  }

  #send(message: ClientMessage): void {
    this.#socket.send(encodeClientFrame(1, message))
  }

  #receive(data: Buffer): void {
    const frame = decodeServerFrame(new Uint8Array(data))
    if (frame.type === 'fault') throw new Error(JSON.stringify(frame))
    this.#take(frame.message)
    this.#onProgress?.()
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'update':
        Y.applyUpdate(this.#doc, message.update, 'server')
        return
      case 'sync-step-2':
        Y.applyUpdate(this.#doc, message.update, 'server')
        this.#synced = true
        return
      case 'ack':
        this.#acknowledge(message.count)
        return
      case 'rejected':
        this.#end(new Error(`rejected: ${message.message}`))
        return
      case 'closed':
        this.#end(new Error(`channel closed: ${message.reason}`))
        return
      default:
    }
  }

  #acknowledge(count: number): void {
    for (; this.#acked < count; this.#acked++) {
      const edit = this.#sent[this.#acked]
      if (edit === undefined) throw new Error(`acknowledged ${count} of ${this.#sent.length}`)
      if (edit.kind === 'delete') this.#log.deleted.add(edit.token)
      else if (this.#live.includes(edit.token)) this.#log.present.add(edit.token)
    }
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (condition()) resolve()
        else if (this.#over !== null) reject(this.#over)
        else return
        this.#onProgress = null
      }
      this.#onProgress = look
      look()
    })
  }

  #end(error: Error): void {
    this.#over ??= error
    this.#onProgress?.()
  }
}

/** A place between two tokens, so that no token is ever written into another. */
function tokenBoundary(text: Y.Text, random: Random): number {
  const content = text.toString()
  const end = content.indexOf('>', Math.floor(random.fraction() * (content.length + 1)))
  return end === -1 ? content.length : end + 1
}

/** What a recovered text lacks, holds twice or brought back, against what was acknowledged. */
export function violations(text: string, log: AckLog): string[] {
  const counts = new Map<string, number>()
  for (const [token] of text.matchAll(/<[^<>]*>/g)) counts.set(token, (counts.get(token) ?? 0) + 1)
  const found: string[] = []
  for (const token of log.present) {
    const count = counts.get(token) ?? 0
    if (count !== 1) found.push(`${token} is there ${count} times`)
  }
  for (const token of log.deleted) if (counts.has(token)) found.push(`${token} came back`)
  return found
}
