import { connect, Y, type Room } from '@coscribe/client'
import { WebSocket } from 'ws'

/** Strokes a second of a fast writer. */
const STROKES_PER_S = 5

/** How many people do what. */
export interface CrowdCounts {
  /** They type, each in a line of their own. */
  readonly typists: number
  /** Their carets stand, each in a line of its own below those. */
  readonly carets: number
  /** They have selected everything. */
  readonly selectors: number
}

/** People of one document. */
export class Crowd {
  readonly #rooms: Room[] = []
  readonly #typing: (() => void)[] = []
  #timers: NodeJS.Timeout[] = []

  /** They know the document, and are not there yet. @param firstLine the first typist's; the others follow below it */
  static async gather(
    url: string,
    doc: string,
    counts: CrowdCounts & { readonly firstLine: number },
  ): Promise<Crowd> {
    const crowd = new Crowd()
    for (let i = 0; i < counts.selectors; i++) {
      const room = await crowd.#enter(url, doc, `Selector ${i}`)
      const { length } = room.text('content')
      select(room, 0, length - i)
    }
    for (let i = 0; i < counts.typists; i++) {
      const room = await crowd.#enter(url, doc, `Typist ${i}`)
      crowd.#typing.push(typist(room, counts.firstLine + i))
    }
    for (let i = 0; i < counts.carets; i++) {
      const room = await crowd.#enter(url, doc, `Reader ${i}`)
      const start = nthLineStart(room.text('content').toString(), counts.firstLine + i)
      select(room, start + i, start + i)
    }
    crowd.go()
    return crowd
  }

  /** All are there, and the typists type. */
  async come(): Promise<void> {
    for (const room of this.#rooms) room.connect()
    await Promise.all(this.#rooms.map((room) => room.whenSaved()))
    this.#timers = this.#typing.map((type) => setInterval(type, 1_000 / STROKES_PER_S))
  }

  /** Nobody is there. */
  go(): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const room of this.#rooms) room.disconnect()
  }

  leave(): void {
    this.go()
    for (const room of this.#rooms) room.destroy()
  }

  async #enter(url: string, doc: string, name: string): Promise<Room> {
    const room = connect({ url, doc, WebSocket, user: { id: name, name } })
    this.#rooms.push(room)
    await room.whenReady()
    return room
  }
}

/** Returns what types one character. */
function typist(room: Room, line: number): () => void {
  const text = room.text('content')
  const start = nthLineStart(text.toString(), line)
  let caret = Y.createRelativePositionFromTypeIndex(text, start + 20)
  return () => {
    const index = Y.createAbsolutePositionFromRelativePosition(caret, room.ydoc)?.index ?? start
    text.insert(index, 'y')
    caret = Y.createRelativePositionFromTypeIndex(text, index + 1)
    select(room, index + 1, index + 1)
  }
}

function select(room: Room, anchor: number, head: number): void {
  const text = room.text('content')
  const place = (index: number): unknown =>
    Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index))
  room.presence.set({ cursor: { anchor: place(anchor), head: place(head) }, focused: true })
}

function nthLineStart(text: string, line: number): number {
  let start = 0
  for (let i = 0; i < line; i++) start = text.indexOf('\n', start) + 1
  return start
}
