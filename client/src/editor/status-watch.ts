import type { Cancel, Clock } from '@coscribe/shared'
import { englishElements } from '../phrases/en/elements.js'
import type { ElementPhrases } from '../phrases/phrases.js'
import type { Room } from '../room.js'
import type { Network } from '../websocket.js'
import { nextLookMs, statusLine, type StatusLine } from './status-line.js'

/** Follows a room and the time, and tells what to show. */
export class StatusWatch {
  readonly #room: Room
  readonly #clock: Clock
  readonly #network: Network
  readonly #show: (line: StatusLine) => void
  #phrases: ElementPhrases['status'] = englishElements.status
  readonly #stops: Cancel[]
  #cancelLook: Cancel | null = null
  /** When the connection was lost, or began to be wanted; `null` while there is one. */
  #awaySince: number | null = null
  #mostPending = 0

  /** @param show called at once, and whenever the line may have changed, until `stop` */
  constructor(room: Room, clock: Clock, network: Network, show: (line: StatusLine) => void) {
    this.#room = room
    this.#clock = clock
    this.#network = network
    this.#show = show
    const look = (): void => this.#look()
    this.#stops = [room.on('status', look), network.subscribe(look)]
    this.#look()
  }

  stop(): void {
    this.#cancelLook?.()
    for (const stop of this.#stops) stop()
  }

  /** Says the same in other words. */
  speak(phrases: ElementPhrases['status']): void {
    if (phrases === this.#phrases) return
    this.#phrases = phrases
    this.#look()
  }

  #look(): void {
    const { status } = this.#room
    if (status.connection === 'connected') this.#awaySince = null
    else this.#awaySince ??= this.#clock.now()
    const { updates, bytes } = status.pending
    this.#mostPending = updates === 0 ? 0 : Math.max(this.#mostPending, bytes)
    const moment = {
      wallTime: this.#clock.wallTime(),
      awayMs: this.#awaySince === null ? 0 : this.#clock.now() - this.#awaySince,
      online: this.#network.online,
      mostPending: this.#mostPending,
    }
    this.#show(statusLine(status, moment, this.#phrases))
    this.#cancelLook?.()
    const waitMs = nextLookMs(status, moment)
    this.#cancelLook = waitMs === null ? null : this.#clock.after(waitMs, () => this.#look())
  }
}
