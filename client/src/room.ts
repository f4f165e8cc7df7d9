import {
  checkDocumentId,
  Emitter,
  systemClock,
  systemRandom,
  type Access,
  type Clock,
  type Off,
  type Random,
  type SessionLimits,
} from '@coscribe/shared'
import * as Y from 'yjs'
import { checkConnectOptions } from './connect-options.js'
import { Connection } from './connection.js'
import type { CopiedRoom, CopyMaker, RoomCopy } from './copy.js'
import type { TokenSource } from './credential.js'
import { DocumentSync } from './document-sync.js'
import type { RoomInfo } from './naming.js'
import { RoomPresence, type Presence, type PresenceState, type PresentPeer } from './presence.js'
import type { RoomFault } from './room-error.js'
import {
  isSame,
  statusOf,
  type ConnectionStatus,
  type RoomStatus,
  type SaveStatus,
} from './sync-status.js'
import { UpdateWatch } from './update-watch.js'
import { Waiting, type Outcome } from './waiting.js'
import { hostNetwork, socketClass, socketUrl, type Network, type SocketClass } from './websocket.js'

/** How to connect, and to what. */
export interface ConnectOptions {
  /** The server: `ws:`, `wss:`, `http:` or `https:`; in a page it may be relative. */
  readonly url: string
  /** The document's id. */
  readonly doc: string
  /** Says who this is, to a server that asks. */
  readonly token?: TokenSource
  /** The Yjs document to keep in step; a new one by default. What it holds is merged into the server's. */
  readonly ydoc?: Y.Doc
  /** A WebSocket class where there is no global one, such as that of the `ws` package. */
  readonly WebSocket?: SocketClass
  /** Keeps a copy on this device; see `@coscribe/client/offline`. */
  readonly offline?: CopyMaker
  /** One's own presence to begin with, for example `{ name: 'Ada' }`. */
  readonly user?: PresenceState
  /** Time, chance and the state of the network; the machine's own by default. */
  readonly clock?: Clock
  readonly random?: Random
  readonly network?: Network
}

/** What {@link Room.on} tells of, with the value each listener receives. */
export interface RoomEvents {
  readonly status: RoomStatus
  readonly connection: ConnectionStatus
  readonly save: SaveStatus
  readonly access: Access | null
  readonly error: RoomFault | null
  /** The whole document is here and followed (`true`), or not followed any more (`false`). */
  readonly synced: boolean
  readonly presence: readonly PresentPeer[]
  /** The title is known, or another. */
  readonly info: RoomInfo
  readonly destroyed: undefined
}

/** Options of {@link Room.whenReady} and {@link Room.whenSaved}. */
export interface WaitOptions {
  /** Milliseconds after which to give up; without it, never. */
  readonly timeout?: number
}

/**
 * Connects to a document.
 *
 * @throws CoscribeError `bad-document-id`
 * @throws TypeError for an option that is unknown or of the wrong kind, an unusable url, or where there is no WebSocket
 *   class; it says what was given and what to do
 */
export function connect(options: ConnectOptions): Room {
  const room = new Room(options)
  room.connect()
  return room
}

/**
 * A document that is kept in step with a server, and the truth about where it stands.
 *
 * Edit `ydoc` at any time, connected or not: nothing is lost as long as this process lives, and `status` says at every
 * moment whether the edits are on the server's disk.
 */
export class Room {
  readonly documentId: string
  readonly ydoc: Y.Doc
  readonly #connection: Connection
  readonly #sync: DocumentSync
  readonly #presence: RoomPresence
  readonly #offlineCopy: RoomCopy | null
  readonly #updates: UpdateWatch
  readonly #events = new Emitter<RoomEvents>()
  readonly #waiting: Waiting
  #wanted = false
  #destroyed = false
  #synced = false
  #status: RoomStatus

  /** Use {@link connect}, which also begins to. */
  constructor(options: ConnectOptions) {
    checkConnectOptions(options)
    checkDocumentId(options.doc)
    const url = socketUrl(options.url)
    const WebSocket = socketClass(options.WebSocket)
    const { clock = systemClock, random = systemRandom, network = hostNetwork } = options
    this.documentId = options.doc
    this.ydoc = options.ydoc ?? new Y.Doc()
    this.#waiting = new Waiting(clock)
    this.#connection = new Connection(
      { url, WebSocket, clock, random, network },
      {
        opened: () => this.#sync.opened(),
        received: (message) => this.#sync.received(message),
        lost: () => this.#lost(),
        changed: () => this.#refresh(),
      },
    )
    this.#sync = new DocumentSync(
      {
        ydoc: this.ydoc,
        documentId: this.documentId,
        token: options.token,
        clock,
        random,
        connection: this.#connection,
        raised: (stateVector) => this.#offlineCopy?.raised(stateVector) ?? stateVector,
        origin: this,
      },
      {
        joined: (presenceBytes) => this.#presence.online(presenceBytes),
        presence: (update) => this.#presence.receive(update),
        presenceAsked: () => this.#presence.announce(),
        named: () => {
          const { info } = this.#sync.naming
          if (info !== null) this.#emit('info', info)
        },
        received: (update) => {
          if (update.length > EMPTY_UPDATE_BYTES) this.#offlineCopy?.record(update, this, false)
        },
        joinedHistory: (historyId) => this.#offlineCopy?.belongsTo(historyId),
        changed: () => this.#refresh(),
      },
    )
    this.#presence = new RoomPresence({
      ydoc: this.ydoc,
      clock,
      user: options.user,
      send: (update) => this.#connection.send({ type: 'presence', update }),
      changed: (others) => this.#emit('presence', others),
    })
    this.#offlineCopy = options.offline?.copyFor(this.#copied(options)) ?? null
    this.#adoptContent()
    this.#status = this.#currentStatus()
    this.#updates = new UpdateWatch(this.ydoc, (origin) => origin === this, this.#onUpdate)
    this.ydoc.on('destroy', this.#onDocDestroy)
  }

  /** The shared text of this name. */
  text(name: string): Y.Text {
    return this.ydoc.getText(name)
  }

  /** Who else is here, and what they see of this replica's user. */
  get presence(): Presence {
    return this.#presence
  }

  /** What the server knows of the document besides its content, as it said last; `null` before it has. */
  get info(): RoomInfo | null {
    return this.#sync.naming.info
  }

  /**
   * Gives the document another title. Resolves when that is on the server's disk and in {@link info}.
   *
   * @param title one line; what is beyond 200 characters, and control characters, are left out
   * @throws RoomError `offline` without a session, `read-only` without the right to write, `rate-limited`, or what else
   * the server says
   */
  rename(title: string): Promise<void> {
    return this.#sync.naming.rename(title)
  }

  /** How things stand now; a new object whenever something changes. */
  get status(): RoomStatus {
    return this.#status
  }

  /** What the server takes, in bytes, as it said last; `null` before it said anything. */
  get limits(): SessionLimits | null {
    return this.#sync.limits
  }

  /** Calls `listener` at every later event of this name, until the returned function is called. */
  on<Name extends keyof RoomEvents>(name: Name, listener: (value: RoomEvents[Name]) => void): Off {
    return this.#events.on(name, listener)
  }

  /**
   * Resolves when the whole document has been received from the server once.
   *
   * @throws RoomError when that cannot happen any more: refused for a lasting reason, or destroyed; or `timeout`
   */
  whenReady(options: WaitOptions = {}): Promise<void> {
    return this.#waiting.until(() => this.#sync.everSynced || this.#hopeless(), options.timeout)
  }

  /**
   * Resolves when every edit made before the call is on the server's disk.
   *
   * @throws RoomError when that cannot happen any more: edits refused, room closed or destroyed; or `timeout`
   */
  whenSaved(options: WaitOptions = {}): Promise<void> {
    const { pending } = this.#sync.uplink
    const target = pending.edits
    const look = (): Outcome => {
      const saved = this.#sync.everSynced && pending.durableEdits >= target
      return saved || this.#refusedForGood() || this.#hopeless()
    }
    return this.#waiting.until(look, options.timeout)
  }

  /**
   * Connects, now even if an attempt is waiting, and again after `disconnect` or a refusal.
   *
   * @throws TypeError after `destroy`
   */
  connect(): void {
    if (this.#destroyed)
      throw new TypeError('this room was destroyed: connect({ … }) makes a new one')
    this.#wanted = true
    if (this.#offlineCopy === null) return this.#connection.start()
    void this.#offlineCopy.load().then(() => {
      if (this.#wanted) this.#connection.start()
    })
  }

  /** Leaves the server until `connect`; edits stay in the document and are pending. */
  disconnect(): void {
    this.#wanted = false
    this.#connection.stop()
  }

  /**
   * What a person's "Retry" does: connects, uploads at once what was refused, gives up a session in which edits get
   * nowhere for a new one, and tries again to keep a copy. A session in which all is well goes on.
   *
   * @throws TypeError after `destroy`
   */
  retry(): void {
    this.retryCopy()
    this.#sync.uplink.retry()
    if (this.#sync.stuck) this.#connection.restart()
    else this.connect()
  }

  /** Tries again to keep a copy on this device, if that has failed. */
  retryCopy(): void {
    void this.#offlineCopy?.retry()
  }

  /**
   * Leaves for good: no timer, socket or listener stays behind. The document is left as it is, and so is the last
   * status: it says whether everything had been saved. Harmless when called twice.
   */
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#wanted = false
    this.#updates.destroy()
    this.ydoc.off('destroy', this.#onDocDestroy)
    this.#presence.destroy()
    this.#connection.stop()
    this.#offlineCopy?.destroy()
    this.#refresh()
    this.#emit('destroyed', undefined)
    this.#events.clear()
  }

  /**
   * Leaves for good like {@link destroy}, and takes the copy on this device away: after a refusal that cannot pass, the
   * document holds what the server will never take, and whoever goes on begins with a fresh one. What was written can
   * still be read in this one.
   *
   * @throws the error of the offline store, which then still has a copy
   */
  async forget(): Promise<void> {
    this.destroy()
    await this.#offlineCopy?.forget()
  }

  readonly #onDocDestroy = (): void => this.destroy()

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    const isOwn = this.#offlineCopy?.brought(origin) !== true
    this.#offlineCopy?.record(update, origin, isOwn)
    if (!isOwn) return
    this.#sync.uplink.edited(update)
    this.#refresh()
  }

  /** What a given document holds is as unsaved as an edit, until a server has it. */
  #adoptContent(): void {
    const update = Y.encodeStateAsUpdate(this.ydoc)
    if (update.length <= EMPTY_UPDATE_BYTES) return
    this.#sync.uplink.found(update.length)
    this.#offlineCopy?.record(update, null, true)
  }

  /** What the copy on this device is told of this room. */
  #copied({ token }: ConnectOptions): CopiedRoom {
    const [sync, connection] = [this.#sync, this.#connection]
    return {
      ydoc: this.ydoc,
      hasToken: token !== undefined,
      get historyId() {
        return sync.historyId
      },
      get connection() {
        return connection.status
      },
      get access() {
        return sync.access
      },
      get isRefused() {
        return sync.uplink.refusal?.retryable === false
      },
      get hasPending() {
        return !sync.uplink.pending.isEmpty
      },
      restored: (bytes, historyId) => {
        sync.historyId = historyId
        sync.uplink.found(bytes)
        this.#refresh()
      },
      mayJoin: (historyId) => sync.joinHistory(historyId),
      inherit: (bytes) => {
        sync.uplink.inherit(bytes)
        this.#refresh()
      },
      changed: () => this.#refresh(),
    }
  }

  #lost(): void {
    this.#sync.lost()
    this.#presence.offline()
  }

  #refusedForGood(): RoomFault | false {
    const { refusal } = this.#sync.uplink
    return refusal !== null && !refusal.retryable ? refusal : false
  }

  /** Why no server will be asked any more, if so. */
  #hopeless(): RoomFault | false {
    if (this.#destroyed)
      return { code: 'closed', message: 'the room was destroyed', retryable: false }
    if (this.#connection.status !== 'closed') return false
    return this.#connection.error ?? { code: 'closed', message: 'closed', retryable: false }
  }

  #currentStatus(): RoomStatus {
    const { uplink, access, readOnly, everSynced } = this.#sync
    return statusOf({
      connection: this.#destroyed ? 'closed' : this.#connection.status,
      access,
      pending: uplink.pending.summary(),
      everSynced,
      keptLocally: this.#offlineCopy?.keepsAll ?? false,
      refusal: uplink.refusal,
      overdue: uplink.overdue,
      readOnly,
      connectionError: this.#connection.error,
      offlineCopyError: this.#offlineCopy?.error ?? null,
      retryAt: this.#connection.retryAt,
      lastSavedAt: uplink.lastSavedAt,
    })
  }

  #refresh(): void {
    const before = this.#status
    const now = this.#currentStatus()
    if (!isSame(before, now)) {
      this.#status = now
      if (now.connection !== before.connection) this.#emit('connection', now.connection)
      if (now.save !== before.save) this.#emit('save', now.save)
      if (now.access !== before.access) this.#emit('access', now.access)
      if (!isSame(now.error, before.error)) this.#emit('error', now.error)
      this.#emit('status', now)
    }
    if (this.#sync.synced !== this.#synced) {
      this.#synced = this.#sync.synced
      this.#emit('synced', this.#synced)
    }
    this.#offlineCopy?.changed()
    this.#waiting.look()
  }

  /** A listener that throws must not stop what is being done here; its error surfaces on its own. */
  #emit<Name extends keyof RoomEvents>(name: Name, value: RoomEvents[Name]): void {
    try {
      this.#events.emit(name, value)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

/** An update without structs and deletions: two counts of zero. */
const EMPTY_UPDATE_BYTES = 2
