import { Emitter, type Off } from '@coscribe/shared'
import { RoomError, type RoomEvents, type RoomStatus } from '@coscribe/client'
import type { TitledRoom } from '../../client/src/page/title-writing.js'

interface AskedRename {
  readonly title: string
  /** The server takes it, and says so to everybody. */
  take(): Promise<void>
  refuse(code: string): Promise<void>
}

/** As much of a room as has a title; its server is the test. */
export class FakeTitledRoom implements TitledRoom {
  readonly renames: AskedRename[] = []
  readonly #events = new Emitter<RoomEvents>()
  info: { readonly title: string } | null
  status = { connection: 'connected' } as RoomStatus

  constructor(title: string | null) {
    this.info = title === null ? null : { title }
  }

  on<Name extends keyof RoomEvents>(name: Name, listener: (value: RoomEvents[Name]) => void): Off {
    return this.#events.on(name, listener)
  }

  rename(title: string): Promise<void> {
    if (this.status.connection !== 'connected') {
      return Promise.reject(new RoomError({ code: 'offline', message: 'no', retryable: true }))
    }
    return new Promise((resolve, reject) => {
      this.renames.push({
        title,
        take: async () => {
          this.tell(title.trim())
          resolve()
          await Promise.resolve()
        },
        refuse: async (code) => {
          reject(new RoomError({ code, message: 'refused', retryable: false }))
          await Promise.resolve()
        },
      })
    })
  }

  /** The server says what the title is. */
  tell(title: string): void {
    this.info = { title }
    this.#events.emit('info', this.info)
  }

  be(connection: RoomStatus['connection']): void {
    this.status = { ...this.status, connection }
    this.#events.emit('status', this.status)
  }

  /** Titles that were sent, in order. */
  get sent(): readonly string[] {
    return this.renames.map(({ title }) => title)
  }
}
