/**
 * The contract of what tabs of one browser say to each other about one document, for as long as a server cannot tell
 * them. Who implements it checks what arrives: a message from another tab is as hostile as one from the network.
 */
export interface OtherTabs {
  /** Whose tabs they are, as said to the store; `undefined` where nobody is asked who they are. */
  readonly user: string | undefined
  /** Whether this tab is the one that keeps the copy up for all; so is every tab where they cannot agree on one. */
  readonly isKeeper: boolean
  /** Whether it is noticed when another tab is gone that could not say so. */
  readonly noticesEnds: boolean

  /**
   * Begins to talk, with those whose document has this history, in place of those it talked to before. Returns `false`
   * when it does already.
   */
  join(room: TabRoom, historyId: string): boolean

  /** Says that this tab has no server at the moment, and asks for what others in the same situation have. */
  ask(): void

  /** Tells of an edit that no server has yet. */
  post(update: Uint8Array): void

  /** Says that everything this tab told of is on a server's disk. */
  settle(): void

  /** Says and hears nothing more, and keeps nothing up. */
  leave(): void
}

/** What other tabs want of a room. `tab` is whatever tells them apart. */
export interface TabRoom {
  /** What is here. */
  stateVector(): Uint8Array
  /** What a tab with this state vector lacks, as an update, or `null` when this room says nothing now. */
  missingFrom(stateVector: Uint8Array): Uint8Array | null
  /** That tab has no server at the moment. */
  tabAsks(tab: string): void
  /** That tab told of an edit; the update was checked. */
  tabEdited(tab: string, update: Uint8Array): void
  /** Everything that tab told of is on a server's disk. */
  tabSettled(tab: string): void
  /** That tab was closed, or has crashed, or sleeps. */
  tabGone(tab: string): void
  /** This tab slept, and has heard nothing meanwhile. */
  woke(): void
  /** From now on this tab keeps the copy up. */
  becameKeeper(): void
}
