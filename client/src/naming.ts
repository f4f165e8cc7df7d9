import { cleanTitle, TITLES_VERSION, type ClientMessage } from '@coscribe/shared'
import { RoomError, type RoomFault } from './room-error.js'

/** What the server knows about a document besides its content; never changes once given out. */
export interface RoomInfo {
  /** One line of at most 200 characters; empty for a document that nobody has named. */
  readonly title: string
}

/** Renames that wait for their answers; a server takes fewer at once. */
const MAX_WAITING = 100

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: RoomError) => void
}

/** What a document is called, as the server said last, and what is asked of the server about it. */
export class Naming {
  readonly #send: (message: ClientMessage) => void
  #info: RoomInfo | null = null
  /** The version of the session; 0 without one. */
  #version = 0
  /** Renames of this session. */
  #sent = 0
  readonly #waiting = new Map<number, Waiting>()

  constructor(send: (message: ClientMessage) => void) {
    this.#send = send
  }

  /** `null` before any server has said it. */
  get info(): RoomInfo | null {
    return this.#info
  }

  begin(version: number): void {
    this.#version = version
    this.#sent = 0
  }

  end(): void {
    this.#version = 0
    for (const { reject } of this.#waiting.values()) reject(new RoomError(OFFLINE))
    this.#waiting.clear()
  }

  /** Returns whether that is news. */
  told(title: string): boolean {
    const cleaned = cleanTitle(title)
    if (this.#info?.title === cleaned) return false
    this.#info = Object.freeze({ title: cleaned })
    return true
  }

  /** Returns `false` for an answer to what was not asked. */
  answered(count: number, code: string, message: string): boolean {
    const waiting = this.#waiting.get(count)
    if (waiting === undefined) return false
    this.#waiting.delete(count)
    const retryable = code === 'rate-limited' || code === 'storage-unavailable'
    if (code === '') waiting.resolve()
    else waiting.reject(new RoomError({ code, message, retryable }))
    return true
  }

  rename(title: string): Promise<void> {
    if (this.#version === 0) return Promise.reject(new RoomError(OFFLINE))
    if (this.#version < TITLES_VERSION) return Promise.reject(new RoomError(TOO_OLD))
    if (this.#waiting.size >= MAX_WAITING) return Promise.reject(new RoomError(TOO_MANY))
    this.#sent++
    const done = new Promise<void>((resolve, reject) => {
      this.#waiting.set(this.#sent, { resolve, reject })
    })
    this.#send({ type: 'rename', title: cleanTitle(title) })
    return done
  }
}

const OFFLINE: RoomFault = {
  code: 'offline',
  message: 'the title can be changed while the server is there',
  retryable: true,
}
const TOO_OLD: RoomFault = {
  code: 'unsupported-version',
  message: 'this server keeps no titles',
  retryable: false,
}
const TOO_MANY: RoomFault = {
  code: 'rate-limited',
  message: 'the title was changed too often',
  retryable: true,
}
