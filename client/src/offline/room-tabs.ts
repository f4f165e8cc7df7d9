import * as Y from 'yjs'
import type { OtherTabs, TabRoom } from './other-tabs.js'

export interface RoomTabsOptions {
  readonly tabs: OtherTabs
  readonly ydoc: Y.Doc
  /** Whether what is written here is for other tabs: nobody else brings it to them, and it may be written. */
  mayTell(): boolean
  /** Whether what other tabs say may come into the document. */
  mayHear(): boolean
  /** This room is to send what other tabs wrote, about so many bytes, and to look for more of it in the copy. */
  inherit(bytes: number): void
  /** The copy is this room's to keep up. */
  becameKeeper(): void
}

/** What came from one other tab and is its own to send. */
interface Told {
  isGone: boolean
  bytes: number
  /** The clocks of each client, from the first to before the last. */
  readonly clocks: Map<number, { readonly from: number; readonly to: number }>
}

const MAX_TABS = 32
/** What all other tabs together may bring into a document. */
const MAX_BYTES = 64 * 1024 * 1024

/**
 * A room's part in keeping the tabs of one browser in step while they have no server. Each tab sends what was written
 * in it; what another one wrote is shown here and left to that one, until it is gone without having sent it.
 */
export class RoomTabs implements TabRoom {
  readonly #options: RoomTabsOptions
  readonly #told = new Map<string, Told>()
  #heardBytes = 0
  #hasTold = false

  constructor(options: RoomTabsOptions) {
    this.#options = options
  }

  get isKeeper(): boolean {
    return this.#options.tabs.isKeeper
  }

  join(historyId: string): void {
    if (this.#options.tabs.join(this, historyId)) this.ask()
  }

  leave(): void {
    this.#options.tabs.leave()
  }

  /** Whether a transaction of this origin brought what another tab said. */
  brought(origin: unknown): boolean {
    return origin === this
  }

  /** Somebody wrote here. */
  edited(update: Uint8Array): void {
    if (!this.#options.mayTell()) return
    this.#hasTold = true
    this.#options.tabs.post(update)
  }

  /** Without a server, asks the others for what they have. */
  ask(): void {
    if (!this.#options.mayTell()) return
    this.#hasTold = true
    this.#options.tabs.ask()
  }

  /** Everything written here is on the server's disk. */
  saved(): void {
    if (!this.#hasTold) return
    this.#hasTold = false
    this.#options.tabs.settle()
  }

  /** A server's state vector, raised by what other tabs will send it. */
  raised(stateVector: Uint8Array): Uint8Array {
    // Nobody may wait for a tab that has crashed unnoticed.
    if (!this.#options.tabs.noticesEnds) return stateVector
    const known = Y.decodeStateVector(stateVector)
    for (const { isGone, clocks } of this.#told.values()) {
      if (isGone) continue
      for (const [client, { from, to }] of clocks) {
        const clock = known.get(client) ?? 0
        if (from <= clock && clock < to) known.set(client, to)
      }
    }
    return Y.encodeStateVector(known)
  }

  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.#options.ydoc)
  }

  missingFrom(stateVector: Uint8Array): Uint8Array | null {
    if (!this.#options.mayTell()) return null
    this.#hasTold = true
    return Y.encodeStateAsUpdate(this.#options.ydoc, stateVector)
  }

  tabAsks(tab: string): void {
    this.#toldBy(tab)
  }

  tabEdited(tab: string, update: Uint8Array): void {
    const { ydoc } = this.#options
    const told = this.#toldBy(tab)
    if (told === null || !this.#options.mayHear() || this.#heardBytes + update.length > MAX_BYTES)
      return
    this.#heardBytes += update.length
    const before = Y.decodeStateVector(Y.encodeStateVector(ydoc))
    try {
      Y.applyUpdate(ydoc, update, this)
    } catch {
      // What cannot be integrated here, or an observer of the application that threw: what came of it is as it is.
    }
    for (const [client, to] of Y.decodeStateVector(Y.encodeStateVector(ydoc))) {
      const from = before.get(client) ?? 0
      // Nobody else sends what was written here.
      if (to > from && client !== ydoc.clientID) note(told, client, from, to)
    }
    told.bytes += update.length
  }

  tabSettled(tab: string): void {
    this.#told.delete(tab)
  }

  tabGone(tab: string): void {
    const told = this.#told.get(tab)
    if (told === undefined) return
    told.isGone = true
    if (this.isKeeper) this.#inherit()
  }

  woke(): void {
    this.ask()
  }

  becameKeeper(): void {
    this.#options.becameKeeper()
    this.#inherit()
  }

  /** What tabs that are gone have not sent is this room's to send. */
  #inherit(): void {
    const gone = [...this.#told].filter(([, { isGone }]) => isGone)
    if (gone.length === 0) return
    for (const [tab] of gone) this.#told.delete(tab)
    this.#options.inherit(gone.reduce((sum, [, { bytes }]) => sum + bytes, 0))
  }

  /** `null` for one tab too many. */
  #toldBy(tab: string): Told | null {
    const known = this.#told.get(tab)
    if (known !== undefined) return known
    if (this.#told.size >= MAX_TABS) {
      const gone = [...this.#told].find(([, { isGone }]) => isGone)
      if (gone === undefined) return null
      this.#told.delete(gone[0])
    }
    const told: Told = { isGone: false, bytes: 0, clocks: new Map() }
    this.#told.set(tab, told)
    return told
  }
}

function note({ clocks }: Told, client: number, from: number, to: number): void {
  const known = clocks.get(client)
  clocks.set(client, {
    from: Math.min(from, known?.from ?? from),
    to: Math.max(to, known?.to ?? to),
  })
}
