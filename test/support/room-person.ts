import * as Y from 'yjs'
import { encodeEntry, encodePresence } from '../../server/src/rooms/presence-codec.js'
import type { Room } from '../../server/src/rooms/room.js'
import { FakePeer, type FakePeerSetup } from './fake-peer.js'
import { Author, updatesOf } from './room-world.js'

/** Of presence; rises with each word. */
let clock = 0

/** Somebody with a document, in a room. */
export class Person {
  readonly author: Author
  readonly peer: FakePeer
  #room: Room | null = null
  #asked = 0
  #delivered = 0

  constructor(
    principal: string,
    clientId: number,
    setup: FakePeerSetup = {},
    author = new Author(clientId),
  ) {
    this.author = author
    this.peer = new FakePeer({ principal, ...setup })
  }

  /** Joins a room and takes what is there; says who it is, unless it has no presence. */
  join(room: Room, presence = true): void {
    this.#room = room
    room.add(this.peer)
    if (presence) this.speak()
    for (const update of updatesOf(room.answer(Y.encodeStateVector(this.author.doc)))) {
      Y.applyUpdate(this.author.doc, update)
    }
  }

  speak(clientId = this.author.doc.clientID): void {
    const state = new TextEncoder().encode('{}')
    this.room.presence.receive(
      this.peer,
      encodePresence([encodeEntry({ clientId, clock: ++clock, state })]),
    )
  }

  get room(): Room {
    if (this.#room === null) throw new Error('not in a room')
    return this.#room
  }

  leave(): void {
    this.room.remove(this.peer)
  }

  type(text: string): ReturnType<Room['receive']> {
    return this.send(this.author.type(text))
  }

  send(update: Uint8Array, solicited = false): ReturnType<Room['receive']> {
    return this.room.receive(this.peer, Uint8Array.from(update), solicited)
  }

  /** Takes what was delivered. */
  read(): void {
    const { delivered } = this.peer
    for (const update of delivered.slice(this.#delivered)) Y.applyUpdate(this.author.doc, update)
    this.#delivered = delivered.length
  }

  /** The state vectors it was asked with since the last time. */
  questions(): Uint8Array[] {
    const questions = this.peer.sentOf('sync-step-1').slice(this.#asked)
    this.#asked += questions.length
    return questions.map(({ stateVector }) => stateVector)
  }

  /** Answers what it was asked since the last time. */
  answer(): ReturnType<Room['receive']>[] {
    return this.questions().map((vector) => this.send(this.author.answer(vector), true))
  }
}

/** What somebody with everything that is in `like` makes of it in the name of its client. */
export function inTheNameOf(like: Author, text: string, client = like.doc.clientID): Uint8Array {
  const forger = new Author()
  Y.applyUpdate(forger.doc, like.answer())
  forger.doc.clientID = client
  const target = forger.doc.getText('text')
  target.insert(target.length, text)
  return Y.encodeStateAsUpdate(forger.doc, Y.encodeStateVector(like.doc))
}
