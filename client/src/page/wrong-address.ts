import { html, render } from 'lit'
import { reasonOf, type Fault } from '../phrases/reasons.js'
import { onWords, words } from './words.js'

/** The page of an address that names no document: says why, and opens nothing. */
export function showWrongAddress(page: Document, fault: Fault): void {
  show(page, fault)
  onWords(() => show(page, fault))
}

function show(page: Document, fault: Fault): void {
  const { address, page: frame, status } = words()
  page.title = address.tabTitle
  render(
    html`<header>
        <a class="home" href="/" title=${frame.newDocument} aria-label=${frame.home}> Coscribe </a>
      </header>
      <main class="wrong">
        <div>
          <h1>${address.heading}</h1>
          <p>${address.text(reasonOf(fault, status.reasons))}</p>
          <p><a href="/">${address.begin}</a></p>
        </div>
      </main>`,
    page.body,
  )
}
