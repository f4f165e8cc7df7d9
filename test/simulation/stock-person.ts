import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from 'y-protocols/awareness'
import { readSyncMessage, writeSyncStep1, writeSyncStep2, writeUpdate } from 'y-protocols/sync'
import type { Cancel } from '@coscribe/shared'
import type { ClientEnd } from './client-end.js'
import { Person, type PersonSetup, type Shown } from './person.js'

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const QUERY_AWARENESS = 3
const SYNC_STEP_2 = 1

const MAX_BACKOFF_MS = 2_500
const SILENCE_MS = 30_000
const LOOK_EVERY_MS = 3_000
const RENEW_AFTER_MS = 15_000
/** Who said nothing for so long is forgotten. */
const OUTDATED_AFTER_MS = 30_000

interface Changes {
  readonly added: number[]
  readonly updated: number[]
  readonly removed: number[]
}

/** Tabs of one browser, which tell each other what they do around the server. */
export class Tabs {
  readonly #members = new Set<StockPerson>()

  join(member: StockPerson): void {
    for (const other of this.#members) {
      if (other === member || !other.running) continue
      member.hearTab(other.everything())
      other.hearTab(member.everything())
    }
    this.#members.add(member)
  }

  say(from: StockPerson, message: Uint8Array): void {
    for (const other of this.#members) if (other !== from && other.running) other.hearTab(message)
  }
}

/** Somebody with a y-websocket provider, as its versions 1 to 3 behave, in time of this world. */
export class StockPerson extends Person {
  readonly #tabs: Tabs | null
  #awareness: Awareness | null = null
  #socket: ClientEnd | null = null
  #open = false
  #synced = false
  #failures = 0
  #heardAt = 0
  #renewedAt = 0
  /** When the others were heard of, by client id. */
  #seenAt = new Map<number, number>()
  #cancel: Cancel = () => undefined

  constructor(setup: PersonSetup, tabs: Tabs | null) {
    super(setup)
    this.#tabs = tabs
  }

  get others(): ReadonlyMap<number, unknown> {
    const others = new Map<number, unknown>(this.#awareness?.getStates() ?? [])
    others.delete(this.doc.clientID)
    return others
  }

  get synced(): boolean {
    return this.#synced
  }

  /** Whether other tabs hear what it does around the server. */
  get hasTabs(): boolean {
    return this.#tabs !== null
  }

  get trouble(): string | null {
    const own = JSON.stringify(this.#awareness?.getLocalState())
    if (!this.#synced) return `${this.name} is not synced`
    return own === JSON.stringify(this.shown) ? null : `${this.name} itself shows ${own}`
  }

  protected begin(): void {
    const { doc, scope } = this
    const awareness = new Awareness(doc)
    // Its interval is in the machine's time; what it does is done in #look.
    clearInterval(awareness['_checkInterval'])
    this.#awareness = awareness
    this.#failures = 0
    this.#socket = null
    this.#open = this.#synced = false
    this.#renewedAt = scope.now()
    awareness.setLocalState({ ...this.shown })
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#broadcast(encode(SYNC, (to) => writeUpdate(to, update)))
    })
    this.#seenAt = new Map()
    awareness.on('update', ({ added, updated, removed }: Changes, origin: unknown) => {
      for (const id of [...added, ...updated]) this.#seenAt.set(id, scope.now())
      if (origin !== 'gone') this.#broadcast(this.#presenceOf([...added, ...updated, ...removed]))
    })
    scope.after(LOOK_EVERY_MS, this.#look)
    this.#tabs?.join(this)
    this.#connect()
  }

  protected end(): void {
    const { awareness, own } = this.#mine()
    removeAwarenessStates(awareness, [own], 'window unload')
    this.#cancel()
    this.#socket?.close()
    this.#open = this.#synced = false
  }

  protected say(shown: Shown): void {
    this.#renewedAt = this.scope.now()
    this.#awareness?.setLocalState({ ...shown })
  }

  protected changed(edit: () => void): void {
    edit()
  }

  /** What a tab that opens is told: here, all at once. */
  everything(): Uint8Array {
    return encode(SYNC, (to) => writeSyncStep2(to, this.doc))
  }

  hearTab(message: Uint8Array): void {
    const bytes = message.slice()
    // A browser's channel is quick, and not instant.
    this.scope.after(1, () => this.#read(bytes, false))
  }

  #mine(): { awareness: Awareness; own: number } {
    if (this.#awareness === null) throw new Error('the program was not started')
    return { awareness: this.#awareness, own: this.doc.clientID }
  }

  #connect(): void {
    if (!this.machine.online) return this.#retry()
    const url = `ws://server.test/${encodeURIComponent(this.documentId)}`
    const socket = this.machine.connect(url, [])
    this.#socket = socket
    this.#heardAt = this.scope.now()
    const current = (): boolean => this.#socket === socket && this.running
    socket.addEventListener('open', () => {
      if (current()) this.#opened()
    })
    socket.addEventListener('message', (event: { data: ArrayBuffer }) => {
      if (!current()) return
      this.#heardAt = this.scope.now()
      const reply = this.#read(new Uint8Array(event.data), true)
      if (reply !== null) this.#send(reply)
    })
    socket.addEventListener('close', () => {
      if (current()) this.#closed()
    })
  }

  #opened(): void {
    this.#open = true
    this.#failures = 0
    this.#heardAt = this.scope.now()
    this.#send(encode(SYNC, (to) => writeSyncStep1(to, this.doc)))
    const { awareness, own } = this.#mine()
    if (awareness.getLocalState() !== null) this.#send(this.#presenceOf([own]))
  }

  #closed(): void {
    const { awareness, own } = this.#mine()
    this.#socket = null
    this.#synced = false
    if (this.#open) {
      this.#open = false
      const others = [...awareness.getStates().keys()].filter((id) => id !== own)
      removeAwarenessStates(awareness, others, 'gone')
    } else {
      this.#failures++
    }
    this.#retry()
  }

  #retry(): void {
    const delayMs = Math.min(2 ** this.#failures * 100, MAX_BACKOFF_MS)
    this.#cancel = this.scope.after(delayMs, () => this.#connect())
  }

  /** Returns the answer to what was read, if there is one. */
  #read(bytes: Uint8Array, fromServer: boolean): Uint8Array | null {
    const from = decoding.createDecoder(bytes)
    const type = decoding.readVarUint(from)
    const { awareness } = this.#mine()
    if (type === SYNC) {
      const answer = encoding.createEncoder()
      encoding.writeVarUint(answer, SYNC)
      const kind = readSyncMessage(from, answer, this.doc, this)
      if (kind === SYNC_STEP_2 && fromServer && !this.#synced) this.#becameWhole()
      return encoding.length(answer) > 1 ? encoding.toUint8Array(answer) : null
    }
    if (type === AWARENESS) {
      applyAwarenessUpdate(awareness, decoding.readVarUint8Array(from), this)
      return null
    }
    if (type === QUERY_AWARENESS) return this.#presenceOf([...awareness.getStates().keys()])
    if (type !== AUTH) this.setup.ledger.broken('P1', `${this.name} received type ${type}`)
    return null
  }

  #becameWhole(): void {
    this.#synced = true
    this.whole()
  }

  #presenceOf(clients: number[]): Uint8Array {
    const { awareness } = this.#mine()
    const update = encodeAwarenessUpdate(awareness, clients)
    return encode(AWARENESS, (to) => encoding.writeVarUint8Array(to, update))
  }

  #broadcast(message: Uint8Array): void {
    this.#send(message)
    this.#tabs?.say(this, message)
  }

  #send(message: Uint8Array): void {
    if (this.#open) this.#socket?.send(message.slice())
  }

  /** What the provider and its awareness look at every few seconds. */
  readonly #look = (): void => {
    const now = this.scope.now()
    this.scope.after(LOOK_EVERY_MS, this.#look)
    if (this.#open && now - this.#heardAt > SILENCE_MS) this.#socket?.terminate()
    if (now - this.#renewedAt >= RENEW_AFTER_MS) this.say(this.shown)
    const { awareness, own } = this.#mine()
    const outdated = [...awareness.getStates().keys()].filter(
      (id) => id !== own && now - (this.#seenAt.get(id) ?? 0) >= OUTDATED_AFTER_MS,
    )
    if (outdated.length > 0) removeAwarenessStates(awareness, outdated, 'timeout')
  }
}

function encode(type: number, write: (to: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, type)
  write(encoder)
  return encoding.toUint8Array(encoder)
}
