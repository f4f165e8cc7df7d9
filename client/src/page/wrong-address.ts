import { html, render } from 'lit'
import { reasonOf, type Fault } from '../phrases/reasons.js'
import type { Place } from './place.js'
import { HOME_PATH, NEW_PATH } from './route.js'
import { onWords, words } from './words.js'

/** The page of an address that names no document: says why, and opens nothing. */
export function showWrongAddress(page: Document, fault: Fault): Place {
  const element = page.createElement('div')
  page.body.append(element)
  show(element, fault)
  const stop = onWords(() => show(element, fault))
  return {
    isLosing: false,
    again: () => undefined,
    end() {
      stop()
      element.remove()
    },
  }
}

function show(element: HTMLElement, fault: Fault): void {
  const { address, page: frame, status } = words()
  element.ownerDocument.title = address.tabTitle
  render(
    html`<header>
        <a class="home" href=${HOME_PATH} title=${frame.home} aria-label=${frame.home}>Coscribe</a>
      </header>
      <main class="wrong">
        <div>
          <h1>${address.heading}</h1>
          <p>${address.text(reasonOf(fault, status.reasons))}</p>
          <p><a href=${NEW_PATH}>${address.begin}</a></p>
        </div>
      </main>`,
    element,
  )
}
