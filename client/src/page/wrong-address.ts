import { html, render } from 'lit'

/** The page of an address that names no document: says why, and opens nothing. */
export function showWrongAddress(page: Document, reason: string): void {
  page.title = 'No document here — Coscribe'
  render(
    html`<header>
        <a class="home" href="/" title="New document" aria-label="Coscribe: new document">
          Coscribe
        </a>
      </header>
      <main class="wrong">
        <div>
          <h1>There is no document at this address</h1>
          <p>It names none: ${reason}. Part of it may have been lost on the way.</p>
          <p><a href="/">Begin a new document</a></p>
        </div>
      </main>`,
    page.body,
  )
}
