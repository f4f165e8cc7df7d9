import { systemRandom } from '@coscribe/shared'
import { DocumentsApi } from './documents-api.js'
import { ApiClient } from './api-client.js'
import type { Memory } from './memory.js'
import type { PageAccess } from './page-access.js'
import type { Arrival, Place } from './place.js'
import { isPlace, newDocumentId, pathOf, routeOf, type Route } from './route.js'
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
    const wanted = routeOf(location.pathname)
    const route = await this.#addressed(wanted)
    this.#path = location.pathname
    const open = await this.#opener(route)
    if (turn !== this.#turn) return
    this.#place?.end()
    this.#place = open({ ...from, isNew: wanted.kind === 'new' })
  }

  /** A new document has an address from now on; no way back leads to nowhere. */
  async #addressed(route: Route): Promise<Route> {
    if (route.kind !== 'new') return route
    const id = (await this.#chosenId()) ?? newDocumentId(systemRandom)
    history.replaceState(null, '', pathOf(id) + location.hash)
    return { kind: 'document', id }
  }

  /** Where people have rights the server knows at which ids this one may begin something. */
  async #chosenId(): Promise<string | null> {
    if (!this.#setup.access.isSomebody) return null
    const outcome = await this.#documents.create()
    return outcome.kind === 'done' ? outcome.value.id : null
  }

  async #opener(route: Route): Promise<(arrival: Arrival) => Place> {
    const parts = { ...this.#setup, client: this.#client, documents: this.#documents }
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
