import { html, render } from 'lit'
import type { Place } from './place.js'
import { HOME_PATH } from './route.js'
import { onWords, words } from './words.js'

/** What stands where a place of the page should be whose code cannot be had. */
export function showNotLoaded(page: Document): Place {
  const element = page.createElement('div')
  page.body.append(element)
  show(element)
  element.querySelector('h1')?.focus()
  const stop = onWords(() => show(element))
  return {
    isLosing: false,
    again: () => undefined,
    end() {
      stop()
      element.remove()
    },
  }
}

function show(element: HTMLElement): void {
  const { address, page: frame, home } = words()
  const { heading, text, tabTitle } = address.notLoaded
  // Afresh, and not by asking for the same file again: after an update of the server it has another name.
  const retry = (): void => element.ownerDocument.defaultView?.location.reload()
  element.ownerDocument.title = tabTitle
  render(
    html`<header>
        <a class="home" href=${HOME_PATH} title=${frame.home} aria-label=${frame.home}>Coscribe</a>
      </header>
      <main class="wrong">
        <div role="alert">
          <h1 tabindex="-1">${heading}</h1>
          <p>${text}</p>
          <p class="buttons"><button class="primary" @click=${retry}>${home.retry}</button></p>
        </div>
      </main>`,
    element,
  )
}
