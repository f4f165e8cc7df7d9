import { canWrite } from '../rooms/access.js'
import type { Channel } from './channels.js'
import type { Connection } from './connection.js'
import type { Entry } from './entry.js'
import { Renames, type RenameVerdict } from './renames.js'
import type { Session } from './session.js'

/** What is told of a title that somebody asked for. */
export interface TitleOwner {
  renamed(session: Session, verdict: RenameVerdict): void
}

/** The titles that the sessions of one connection give to their documents. */
export class ChannelTitles {
  readonly #connection: Connection
  readonly #titles: Entry['titles']
  readonly #owner: TitleOwner
  /** Of the sessions that have asked for any. */
  readonly #renames = new WeakMap<Session, Renames>()

  constructor(connection: Connection, titles: Entry['titles'], owner: TitleOwner) {
    this.#connection = connection
    this.#titles = titles
    this.#owner = owner
  }

  rename({ documentId, session, tenure }: Channel, title: string): void {
    const renames = this.#renames.get(session) ?? new Renames()
    this.#renames.set(session, renames)
    const asker = {
      by: session.subject === '' ? null : session.subject,
      stillMay: () => session.open && tenure?.over !== true && canWrite(session.access),
    }
    renames.ask(
      this.#connection.turn.now(),
      () => asker.stillMay() && this.#titles.rename(documentId, title, asker),
      (verdict) => this.#renamed(session, verdict),
    )
  }

  #renamed(session: Session, verdict: RenameVerdict): void {
    if (!session.open) return
    if (verdict.code === 'rate-limited') this.#connection.hit('renames')
    session.tellTitle()
    this.#owner.renamed(session, verdict)
  }
}
