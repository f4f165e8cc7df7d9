import { connect, Y, type Room } from '@coscribe/client'
import { WebSocket } from 'ws'

/** Strokes a second of a fast writer. */
const STROKES_PER_S = 5

/** People who are in a document of a server: some type, each in a line of their own, some have selected everything. */
export class Crowd {
  readonly #rooms: Room[] = []
  readonly #timers: NodeJS.Timeout[] = []

  /** @param firstLine the first typist's line; the others follow in the lines after it */
  static async join(
    url: string,
    doc: string,
    counts: { readonly typists: number; readonly selectors: number; readonly firstLine: number },
  ): Promise<Crowd> {
    const crowd = new Crowd()
    for (let i = 0; i < counts.selectors; i++) {
      const room = await crowd.#enter(url, doc, `Selector ${i}`)
      const { length } = room.text('content')
      select(room, 0, length - i)
    }
    for (let i = 0; i < counts.typists; i++) {
      const room = await crowd.#enter(url, doc, `Typist ${i}`)
      crowd.#type(room, counts.firstLine + i)
    }
    return crowd
  }

  leave(): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const room of this.#rooms) room.destroy()
  }

  async #enter(url: string, doc: string, name: string): Promise<Room> {
    const room = connect({ url, doc, WebSocket, user: { id: name, name } })
    this.#rooms.push(room)
    await room.whenReady()
    return room
  }

  #type(room: Room, line: number): void {
    const text = room.text('content')
    const start = nthLineStart(text.toString(), line)
    let caret = Y.createRelativePositionFromTypeIndex(text, start + 20)
    this.#timers.push(
      setInterval(() => {
        const index = Y.createAbsolutePositionFromRelativePosition(caret, room.ydoc)?.index ?? start
        text.insert(index, 'y')
        caret = Y.createRelativePositionFromTypeIndex(text, index + 1)
        select(room, index + 1, index + 1)
      }, 1_000 / STROKES_PER_S),
    )
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
