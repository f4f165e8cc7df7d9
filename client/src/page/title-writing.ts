import { cleanTitle, type Cancel, type Clock } from '@coscribe/shared'
import type { Room } from '../room.js'
import type { RoomFault } from '../room-error.js'

/** What is needed of a room to give its document a title. */
export type TitledRoom = Pick<Room, 'info' | 'rename' | 'on' | 'status'>

/** What a title is written with. */
export interface TitleWritingSetup {
  readonly room: TitledRoom
  readonly clock: Clock
  /** The title when it was seen last, for as long as no server has said it. */
  readonly remembered: string
  /** Something of it is different now. */
  readonly changed: () => void
}

/** Who types a title is done with a word when they pause. */
const TYPING_MS = 400
/** After the server said that it was too often. */
const AGAIN_MS = 3_000

/**
 * The title of a document, which the server keeps, and what is being typed here instead. What is typed is shown at once
 * and sent after a pause; until the server has it, nobody else's title takes its place. When the server does not take
 * it, it stays, with the reason.
 */
export class TitleWriting {
  readonly #setup: TitleWritingSetup
  readonly #stops: readonly (() => void)[]
  /** What was typed and is not the server's yet. */
  #draft: string | null = null
  #sent: string | null = null
  #fault: RoomFault | null = null
  #cancelWait: Cancel | null = null
  #isOver = false

  constructor(setup: TitleWritingSetup) {
    this.#setup = setup
    const { room, changed } = setup
    this.#stops = [
      room.on('info', () => changed()),
      room.on('status', () => {
        if (this.#fault?.code === 'offline' && this.#isConnected) this.send()
        changed()
      }),
    ]
  }

  /** What is to be read where the title stands. */
  get shown(): string {
    return this.#draft ?? this.#known
  }

  /** Whether something was typed that is not the server's yet. */
  get isPending(): boolean {
    return this.#draft !== null
  }

  /** Whether something was typed that cannot be sent now. */
  get isStuck(): boolean {
    return this.isPending && (this.#fault !== null || !this.isOnline)
  }

  /** Whether the server could be told now. */
  get isOnline(): boolean {
    return this.#isConnected && this.#setup.room.info !== null
  }

  /** Why the server has not taken what was typed last, or `null`. */
  get fault(): RoomFault | null {
    return this.#fault
  }

  /** Somebody has typed; `text` is the whole title. */
  typed(text: string): void {
    this.#draft = text
    this.#fault = null
    this.#wait(TYPING_MS)
    this.#setup.changed()
  }

  /** Sends what was typed, now. */
  send(): void {
    this.#cancelWait?.()
    if (this.#draft === null || this.#sent !== null) return
    this.#fault = null
    if (cleanTitle(this.#draft) === this.#known) return this.drop()
    this.#sent = this.#draft
    this.#setup.room.rename(this.#draft).then(
      () => this.#answered(null),
      (fault: RoomFault) => this.#answered(fault),
    )
  }

  /** Forgets what was typed: the title is the server's again. */
  drop(): void {
    this.#cancelWait?.()
    this.#draft = null
    this.#fault = null
    this.#setup.changed()
  }

  /** Ends; what was typed last is sent, also when the server has not answered to what was sent before. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelWait?.()
    for (const stop of this.#stops) stop()
    const latest = this.#sent ?? this.#known
    if (this.#draft === null || cleanTitle(this.#draft) === cleanTitle(latest)) return
    this.#setup.room.rename(this.#draft).catch(() => {
      // Refused, or the room ends before the server has answered: nobody is here any more who could be told.
    })
  }

  get #known(): string {
    return this.#setup.room.info?.title ?? this.#setup.remembered
  }

  get #isConnected(): boolean {
    return this.#setup.room.status.connection === 'connected'
  }

  #answered(fault: RoomFault | null): void {
    const sent = this.#sent
    this.#sent = null
    if (this.#isOver) return
    // What was given up meanwhile is nothing to be told of.
    if (this.#draft !== null) this.#settle(this.#draft, sent, fault)
    this.#setup.changed()
  }

  #settle(draft: string, sent: string | null, fault: RoomFault | null): void {
    if (fault?.code === 'rate-limited') this.#wait(AGAIN_MS)
    else if (draft !== sent) this.#wait(TYPING_MS)
    else if (fault === null) this.#draft = null
    else this.#fault = fault
  }

  #wait(ms: number): void {
    this.#cancelWait?.()
    this.#cancelWait = this.#setup.clock.after(ms, () => this.send())
  }
}
