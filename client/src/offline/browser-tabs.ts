import { randomHex, type Clock, type Random } from '@coscribe/shared'
import { splitUpdate } from '../split.js'
import type { TabChannel, TabHost } from './host-tabs.js'
import type { OtherTabs, TabRoom } from './other-tabs.js'
import {
  MAX_TAB_UPDATE_BYTES,
  readTabMessage,
  type SentMessage,
  type TabMessage,
} from './tab-message.js'

export interface BrowserTabsOptions {
  /** Server, document and user: tabs with the same are the ones that talk. */
  readonly key: string
  readonly user: string | undefined
  readonly host: TabHost
  readonly clock: Clock
  readonly random: Random
}

/** Questions that are answered in a second; whoever asks more often is no tab of ours. */
const ANSWERS_PER_S = 20
const MAX_TABS = 32
const TAB_BYTES = 16

/**
 * Talks to the other tabs of this browser through a BroadcastChannel.
 *
 * Web Locks say what cannot be said by messages: each tab holds one for as long as it lives, so whoever is granted
 * another tab's knows that it is gone; and one for all of them is held by the keeper. A tab that is frozen lets go of
 * both. Without locks every tab takes itself for the keeper, and no tab leaves anything to another one to send.
 */
export class BrowserTabs implements OtherTabs {
  readonly #options: BrowserTabsOptions
  readonly #id: string
  #room: TabRoom | null = null
  #historyId = ''
  #channel: TabChannel | null = null
  #locks = new AbortController()
  #isKeeper = false
  #isLockless: boolean
  readonly #watched = new Set<string>()
  #stopSleep: (() => void) | null = null
  #answers = 0
  #answersSince = -Infinity

  constructor(options: BrowserTabsOptions) {
    this.#options = options
    this.#isLockless = options.host.locks === null
    this.#id = randomHex(options.random, TAB_BYTES)
  }

  get user(): string | undefined {
    return this.#options.user
  }

  get isKeeper(): boolean {
    return this.#isKeeper || this.#isLockless
  }

  get noticesEnds(): boolean {
    return !this.#isLockless
  }

  join(room: TabRoom, historyId: string): boolean {
    if (room === this.#room && historyId === this.#historyId) return false
    this.#goAway()
    this.#room = room
    this.#historyId = historyId
    this.#stopSleep ??= this.#options.host.onSleep(
      () => this.#goAway(),
      () => {
        if (this.#come()) this.#room?.woke()
      },
    )
    return this.#come()
  }

  ask(): void {
    this.#ask(false)
  }

  post(update: Uint8Array): void {
    const parts = splitUpdate(update, MAX_TAB_UPDATE_BYTES) ?? []
    for (const part of parts) this.#say({ say: 'edit', update: part })
  }

  settle(): void {
    this.#say({ say: 'settled' })
  }

  leave(): void {
    this.#stopSleep?.()
    this.#stopSleep = null
    this.#goAway()
    this.#room = null
  }

  #come(): boolean {
    const { host, key } = this.#options
    if (this.#channel !== null || this.#room === null) return false
    this.#channel = host.channel(`coscribe ${this.#historyId}\n${key}`)
    if (this.#channel === null) return false
    const { signal } = (this.#locks = new AbortController())
    this.#channel.addEventListener('message', ({ data }) => {
      const message = readTabMessage(data)
      if (message !== null && message.tab !== this.#id && !signal.aborted) this.#heard(message)
    })
    this.#hold(`coscribe tab ${this.#id}`, () => undefined)
    this.#hold(`coscribe keeper ${this.#historyId}\n${key}`, () => {
      this.#isKeeper = true
      this.#room?.becameKeeper()
    })
    return true
  }

  #goAway(): void {
    if (this.#channel === null) return
    this.#say({ say: 'bye' })
    this.#channel.close()
    this.#channel = null
    this.#isKeeper = false
    this.#watched.clear()
    this.#locks.abort()
  }

  /** Holds a lock, as soon as it can be had, until this tab goes away. */
  #hold(name: string, held: () => void): void {
    const { signal } = this.#locks
    this.#request(name, () => {
      held()
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    })
  }

  #request(name: string, held: () => Promise<void> | undefined): void {
    const { signal } = this.#locks
    const granted = (): Promise<void> | undefined => (signal.aborted ? undefined : held())
    this.#options.host.locks?.request(name, { signal }, granted).catch(() => {
      // This tab went away while it waited; or the browser keeps this page from locks, as sandboxes do.
      if (!signal.aborted) this.#isLockless = true
    })
  }

  #heard(message: SentMessage): void {
    const room = this.#room
    if (room === null) return
    const { tab } = message
    switch (message.say) {
      case 'ask':
        if (!this.#watch(tab)) return
        room.tabAsks(tab)
        return this.#answer(room, message)
      case 'edit':
        if (this.#watch(tab)) room.tabEdited(tab, message.update)
        return
      case 'settled':
        return room.tabSettled(tab)
      case 'bye':
        this.#watched.delete(tab)
        return room.tabGone(tab)
    }
  }

  #answer(room: TabRoom, asked: Extract<TabMessage, { say: 'ask' }>): void {
    const now = this.#options.clock.now()
    if (now - this.#answersSince >= 1_000) {
      this.#answersSince = now
      this.#answers = 0
    }
    if (++this.#answers > ANSWERS_PER_S) return
    const missing = room.missingFrom(asked.stateVector)
    if (missing === null) return
    if (!asked.answers) this.#ask(true)
    this.post(missing)
  }

  #ask(answers: boolean): void {
    if (this.#room === null) return
    this.#say({ say: 'ask', stateVector: this.#room.stateVector(), answers })
  }

  #say(message: TabMessage): void {
    this.#channel?.postMessage({ ...message, tab: this.#id })
  }

  /** Waits for a tab's end. Returns `false` for one tab too many. */
  #watch(tab: string): boolean {
    if (this.#watched.has(tab)) return true
    if (this.#watched.size >= MAX_TABS) return false
    this.#watched.add(tab)
    this.#request(`coscribe tab ${tab}`, () => {
      if (this.#watched.delete(tab)) this.#room?.tabGone(tab)
      return undefined
    })
    return true
  }
}
