import { systemRandom } from '@coscribe/shared'
import { DocumentsApi } from './documents-api.js'
import { ApiClient } from './api-client.js'
import type { Memory } from './memory.js'
import { showNotLoaded } from './not-loaded.js'
import type { PageAccess } from './page-access.js'
import type { Arrival, Place } from './place.js'
import { isPlace, NEW_PATH, newDocumentId, pathOf, routeOf, type Route } from './route.js'
import { showWrongAddress } from './wrong-address.js'

/** What all places have in common. */
export interface PagesSetup {
  readonly access: PageAccess
  readonly memory: Memory
}

/**
 * Which place the address names, and the way from one to the other. Links of this page change the place and not the
 * page: it is there at once, and a credential in the tab's memory stays. What each place is made of is loaded when it
 * is needed.
 */
export class Pages {
  readonly #setup: PagesSetup
  readonly #client: ApiClient
  readonly #documents: DocumentsApi
  #place: Place | null = null
  #path = ''
  /** Of the document that was begun last, or empty; until it is there, one can press at the place before. */
  #begun = ''
  /** Of the place that was asked for last. */
  #turn = 0

  constructor(setup: PagesSetup) {
    this.#setup = setup
    this.#client = new ApiClient(() => setup.access.bearer)
    this.#documents = new DocumentsApi(this.#client)
  }

  /** Shows what the address names, and follows it from now on. */
  async begin(token: string | null): Promise<void> {
    document.addEventListener('click', this.#clicked)
    window.addEventListener('popstate', this.#moved)
    await this.#show({ token, fromHere: false })
  }

  /** Goes to another place. */
  go(path: string): void {
    // A new document is on its way: who presses twice wants one.
    if (path === NEW_PATH && [path, this.#begun].includes(location.pathname)) return
    // The browser asks before it leaves a page.
    if (this.#place?.isLosing === true) return location.assign(path)
    history.pushState(null, '', path)
    void this.#show({ token: null, fromHere: true })
  }

  readonly #clicked = (event: MouseEvent): void => {
    const path = pathClicked(event)
    if (path === null) return
    event.preventDefault()
    this.go(path)
  }

  /** Back and forth in the browser's history. */
  readonly #moved = (): void => {
    const { pathname } = location
    if (pathname === this.#path) return
    if (this.#place?.isLosing === true) {
      history.pushState(null, '', this.#path)
      return location.assign(pathname)
    }
    void this.#show({ token: null, fromHere: true })
  }

  async #show(from: Omit<Arrival, 'isNew'>): Promise<void> {
    const turn = ++this.#turn
    const { pathname } = location
    const wanted = routeOf(pathname)
    const id = wanted.kind === 'new' ? await this.#newId() : null
    // Somebody went on meanwhile; what stands in the address now is not to be replaced.
    if (turn !== this.#turn || location.pathname !== pathname) return
    // A new document has an address from now on; no way back leads to nowhere.
    if (id !== null) {
      this.#begun = pathOf(id)
      history.replaceState(null, '', this.#begun + location.hash)
    }
    this.#path = location.pathname
    const open = await this.#opener(id === null ? wanted : { kind: 'document', id })
    if (turn !== this.#turn) return
    this.#place?.end()
    this.#place = open({ ...from, isNew: wanted.kind === 'new' })
  }

  /** Where people have rights the server knows at which ids this one may begin something. */
  async #newId(): Promise<string> {
    const outcome = this.#setup.access.isSomebody ? await this.#documents.create() : null
    return outcome?.kind === 'done' ? outcome.value.id : newDocumentId(systemRandom)
  }

  async #opener(route: Route): Promise<(arrival: Arrival) => Place> {
    try {
      return await this.#loaded(route)
    } catch {
      // No network and never used before, or of a version that the server does not have any more.
      return () => showNotLoaded(document)
    }
  }

  /** Rejects when what a place is made of cannot be had. */
  async #loaded(route: Route): Promise<(arrival: Arrival) => Place> {
    // Somebody may be at another place by the time that it is known who they are.
    const again = (): void => this.#place?.again()
    const parts = { ...this.#setup, client: this.#client, documents: this.#documents, again }
    switch (route.kind) {
      case 'unusable':
        return () => showWrongAddress(document, { code: 'bad-document-id', message: route.reason })
      case 'document': {
        const { Visit } = await import('./visit.js')
        return (arrival) => Visit.begin({ ...parts, doc: route.id }, arrival)
      }
      default: {
        const { openHome } = await import('./home/home-place.js')
        return (arrival) => openHome({ ...parts, trash: route.kind === 'trash' }, arrival)
      }
    }
  }
}

/** Of a click that opens a place of this page here, its path. */
function pathClicked(event: MouseEvent): string | null {
  const hasModifier = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey
  if (event.defaultPrevented || event.button !== 0 || hasModifier) return null
  const link = event
    .composedPath()
    .find((element): element is HTMLAnchorElement => element instanceof HTMLAnchorElement)
  if (link === undefined || link.target !== '' || link.hasAttribute('download')) return null
  const isHere = link.origin === location.origin && link.hash === ''
  return isHere && isPlace(link.pathname) ? link.pathname : null
}
