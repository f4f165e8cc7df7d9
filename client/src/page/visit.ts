import { systemClock, systemRandom } from '@coscribe/shared'
import { IndexedDbStore } from '../offline/indexed-db-store.js'
import type { Fault } from '../phrases/reasons.js'
import { connect, type Room } from '../room.js'
import { DocumentPage } from './document-page.js'
import { takeInvite } from './invite.js'
import type { Memory } from './memory.js'
import type { PageAccess } from './page-access.js'
import { presenceOf, rememberedPerson } from './person.js'
import type { SetAside } from './set-aside.js'
import { sentence } from './sign-in.js'

export interface VisitSetup {
  readonly doc: string
  readonly access: PageAccess
  readonly memory: Memory
}

/** One document in this tab: as one person, and, when that changes, anew as the next one. */
export class Visit {
  readonly #setup: VisitSetup
  #room: Room | null = null
  #page: DocumentPage | null = null

  constructor(setup: VisitSetup) {
    this.#setup = setup
  }

  /** @param token that of the invite link that led here, if one did */
  async begin(token: string | null): Promise<void> {
    const { access } = this.#setup
    const another = token === null ? null : access.replacementBy(token)
    const outcome = token === null || another !== null ? null : await access.use(token)
    this.#open(outcome?.kind === 'refused' ? sentence(outcome.reason) : '')
    if (token !== null && another !== null) this.#page?.offer(token)
    window.addEventListener('hashchange', () => void this.#arrived())
    window.addEventListener('storage', () => this.#checkReplaced())
    if (await access.isSomebodyElse()) this.#checkReplaced()
  }

  /** An invite link to the document that is open already. */
  async #arrived(): Promise<void> {
    const token = takeInvite(location, history)
    if (token === null) return
    const { access } = this.#setup
    if (access.replacementBy(token) !== null) return this.#page?.offer(token)
    await this.#page?.use(token)
  }

  #checkReplaced(): void {
    const { access } = this.#setup
    if (!access.wasReplaced) return
    // From here on the cookie is somebody else's, and nothing of this tab is to go out in their name.
    this.#room?.destroy()
    this.#page?.replaced()
  }

  readonly #again = (): void => {
    this.#page?.remove()
    this.#room?.destroy()
    this.#open('')
  }

  readonly #setAside = async (reason: Fault): Promise<void> => {
    const room = this.#room
    if (room === null) return
    const text = room.text('content').toString()
    try {
      await room.forget()
    } catch {
      // The browser keeps the copy and what was refused in it: it is refused again, and offered again.
    }
    // Asked twice, or another page has taken its place meanwhile.
    if (this.#room !== room) return
    this.#page?.remove()
    this.#open('', { text, reason })
  }

  #open(fault: string, aside: SetAside | null = null): void {
    const { doc, access, memory } = this.#setup
    const url = location.origin
    const person = rememberedPerson(memory, systemRandom)
    const { subject: user, name } = access.session ?? {}
    const token = access.tokenSource
    this.#room = connect({
      url,
      doc,
      offline: new IndexedDbStore({ url, doc, ...(user === undefined ? {} : { user }) }),
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
      fault,
      clock: systemClock,
      again: this.#again,
      aside,
      setAside: this.#setAside,
    })
    document.body.append(this.#page)
  }
}
