import { systemClock, systemRandom } from '@coscribe/shared'
import { defineElements } from '../editor/define.js'
import { IndexedDbStore } from '../offline/indexed-db-store.js'
import { NoCopy } from '../offline/no-copy.js'
import type { Fault } from '../phrases/reasons.js'
import { connect, type Room } from '../room.js'
import { arriveWith, watchAccess } from './access-watch.js'
import type { ApiClient } from './api-client.js'
import { DocumentPage } from './document-page.js'
import type { DocumentsApi } from './documents-api.js'
import { losesWork } from './leave-guard.js'
import { noMemory, type Memory } from './memory.js'
import type { PageAccess } from './page-access.js'
import { part } from './parting.js'
import { presenceOf, rememberedPerson } from './person.js'
import type { Arrival, Place } from './place.js'
import { RememberedTitles } from './remembered-titles.js'
import type { SetAside } from './set-aside.js'
import { SetAsideNote } from './set-aside-note.js'
import { TitleField } from './title-field.js'
import { TrashedNote } from './trashed-note.js'

export interface VisitSetup {
  readonly doc: string
  readonly access: PageAccess
  readonly memory: Memory
  readonly client: ApiClient
  readonly documents: DocumentsApi
  /** Opens the place that is there then anew, as whom this tab comes to the server now. */
  readonly again: () => void
}

/** One document in this tab: as one person, and, when that changes, anew as the next one. */
export class Visit implements Place {
  readonly #setup: VisitSetup
  #room: Room | null = null
  #page: DocumentPage | null = null
  #stopWatching: () => void = () => undefined
  #isOver = false

  private constructor(setup: VisitSetup) {
    this.#setup = setup
  }

  static begin(setup: VisitSetup, arrival: Arrival): Visit {
    define()
    const visit = new Visit(setup)
    void visit.#begin(arrival)
    return visit
  }

  /** Whether work would be lost if the page were left now. */
  get isLosing(): boolean {
    return (this.#room !== null && losesWork(this.#room)) || this.#page?.losesMore === true
  }

  end(): void {
    this.#isOver = true
    this.#stopWatching()
    this.#page?.remove()
    if (this.#room !== null) void part(this.#room, this.#setup.access)
  }

  async #begin({ token, fromHere, isNew }: Arrival): Promise<void> {
    const { access } = this.#setup
    const { fault, offered } = await arriveWith(access, token)
    if (this.#isOver) return
    this.#open(fault)
    if (offered !== null) this.#page?.door.offer(offered)
    if (fromHere) this.#page?.takeFocus(isNew)
    this.#stopWatching = watchAccess(access, {
      arrived: (invite) => void this.#arrived(invite),
      replaced: () => this.#replaced(),
    })
  }

  /** An invite link to the document that is open already. */
  async #arrived(token: string): Promise<void> {
    const { access } = this.#setup
    if (access.replacementBy(token) !== null) return this.#page?.door.offer(token)
    await this.#page?.door.use(token)
  }

  #replaced(): void {
    // From here on the cookie is somebody else's, and nothing of this tab is to go out in their name.
    this.#room?.destroy()
    this.#page?.door.replaced()
  }

  again(): void {
    // It is not open yet, and will be as whoever it is then.
    if (this.#page === null) return
    this.#page.remove()
    this.#room?.destroy()
    this.#open('')
  }

  readonly #setAside = async (reason: Fault, before: SetAside | null): Promise<void> => {
    const room = this.#room
    if (room === null) return
    try {
      await room.forget()
    } catch {
      // The browser keeps the copy and what was refused in it: it is refused again, and offered again.
    }
    // Asked twice, or another page has taken its place meanwhile.
    if (this.#room !== room || this.#isOver) return
    // With what was written until then.
    const text = room.text('content').toString()
    this.#page?.remove()
    this.#open('', { text: before === null ? text : `${before.text}\n\n${text}`, reason })
  }

  #open(fault: string, aside: SetAside | null = null): void {
    const { doc, access, memory, client, documents, again } = this.#setup
    const url = location.origin
    const person = rememberedPerson(memory, systemRandom)
    const { subject: user, name } = access.session ?? {}
    const token = access.tokenSource
    this.#room = connect({
      url,
      doc,
      offline: access.isKnown
        ? new IndexedDbStore({ url, doc, ...(user === undefined ? {} : { user }) })
        : new NoCopy(),
      user: {
        ...presenceOf(person),
        ...(name === undefined ? {} : { name }),
        // To others the server says who this is; here it is for knowing one's own other tabs.
        ...(user === undefined ? {} : { user: { id: user } }),
      },
      ...(token === undefined ? {} : { token }),
    })
    this.#page = new DocumentPage({
      room: this.#room,
      person,
      memory,
      access,
      client,
      documents,
      titles: new RememberedTitles(access.isKnown ? memory : noMemory, user ?? ''),
      fault,
      clock: systemClock,
      again,
      aside,
      setAside: this.#setAside,
    })
    document.body.append(this.#page)
    const page = this.#page
    void later?.then((isWhole) => {
      page.isLacking = !isWhole
    })
  }
}

let isDefined = false
/** Whether everything around the text is here, once that is known. */
let later: Promise<boolean> | null = null

function define(): void {
  if (isDefined) return
  isDefined = true
  defineElements()
  customElements.define('title-field', TitleField)
  customElements.define('trashed-note', TrashedNote)
  customElements.define('set-aside-note', SetAsideNote)
  customElements.define('document-page', DocumentPage)
  later = defineLater()
}

/**
 * What somebody needs once the text is there. Without a network it was kept, or there is the text alone. Resolves to
 * whether all of it is here; never rejects.
 */
async function defineLater(): Promise<boolean> {
  const parts = [
    import('./desk/define.js').then(({ defineDesk }) => defineDesk()),
    import('./share/share-dialog.js').then(({ ShareDialog }) => ShareDialog.define()),
  ]
  const outcomes = await Promise.allSettled(parts)
  return outcomes.every(({ status }) => status === 'fulfilled')
}
