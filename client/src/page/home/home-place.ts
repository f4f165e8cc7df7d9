import { systemClock } from '@coscribe/shared'
import { keptDocuments } from '../../offline/kept-documents.js'
import { arriveWith, watchAccess } from '../access-watch.js'
import type { ApiClient } from '../api-client.js'
import type { DocumentsApi, ListedDocument } from '../documents-api.js'
import type { Memory } from '../memory.js'
import type { PageAccess } from '../page-access.js'
import type { Arrival, Place } from '../place.js'
import { PopupMenu } from '../popup-menu.js'
import { RememberedTitles } from '../remembered-titles.js'
import { ShareDialog } from '../share/share-dialog.js'
import { DocumentRows } from './document-rows.js'
import { DocumentShelf } from './document-shelf.js'
import { HomePage } from './home-page.js'
import { SaidLine } from './said-line.js'

interface HomePlaceSetup {
  readonly access: PageAccess
  readonly memory: Memory
  readonly client: ApiClient
  readonly documents: DocumentsApi
  readonly trash: boolean
  /** Opens the place that is there then anew, as whom this tab comes to the server now. */
  readonly again: () => void
}

/** Opens the list of documents, or of those in the trash. */
export function openHome(setup: HomePlaceSetup, arrival: Arrival): Place {
  define()
  const home = new Home(setup)
  void home.begin(arrival)
  return home
}

class Home implements Place {
  readonly isLosing = false
  readonly #setup: HomePlaceSetup
  #page: HomePage | null = null
  #stopWatching: () => void = () => undefined
  #isOver = false

  constructor(setup: HomePlaceSetup) {
    this.#setup = setup
  }

  async begin({ token, fromHere }: Arrival): Promise<void> {
    const { access } = this.#setup
    const { fault, offered } = await arriveWith(access, token)
    if (this.#isOver) return
    this.#open(fault)
    if (offered !== null) this.#page?.door.offer(offered)
    if (fromHere) this.#page?.takeFocus()
    this.#stopWatching = watchAccess(access, {
      arrived: (invite) => this.#arrived(invite),
      replaced: () => this.#page?.door.replaced(),
    })
  }

  end(): void {
    this.#isOver = true
    this.#stopWatching()
    this.#page?.remove()
  }

  #arrived(token: string): void {
    const isOther = this.#setup.access.replacementBy(token) !== null
    if (isOther) this.#page?.door.offer(token)
    else void this.#page?.door.use(token)
  }

  again(): void {
    // It is not open yet, and will be as whoever it is then.
    if (this.#page === null) return
    this.#page.remove()
    this.#open('')
    this.#page?.takeFocus()
  }

  #open(fault: string): void {
    const setup = this.#setup
    const kept = (): Promise<readonly ListedDocument[]> => keptHere(setup)
    this.#page = new HomePage({ ...setup, clock: systemClock, fault, kept })
    document.body.append(this.#page)
  }
}

/** The documents whose copy is on this device, by what their titles were. Never rejects. */
async function keptHere({ access, memory }: HomePlaceSetup): Promise<readonly ListedDocument[]> {
  if (!access.isKnown) return []
  const user = access.session?.subject
  const titles = new RememberedTitles(memory, user ?? '')
  try {
    const ids = await keptDocuments({
      url: location.origin,
      ...(user === undefined ? {} : { user }),
    })
    return ids.map((id) => ({
      id,
      title: titles.of(id),
      access: 'read',
      updatedAt: 0,
      trashedAt: null,
    }))
  } catch {
    // No database, or one that does not open: nothing is on this device.
    return []
  }
}

let isDefined = false

function define(): void {
  if (isDefined) return
  isDefined = true
  customElements.define('said-line', SaidLine)
  customElements.define('popup-menu', PopupMenu)
  customElements.define('document-rows', DocumentRows)
  customElements.define('document-shelf', DocumentShelf)
  customElements.define('home-page', HomePage)
  ShareDialog.define()
}
