import { html, nothing, type TemplateResult } from 'lit'
import type { ListedDocument } from '../documents-api.js'
import { pathOf } from '../route.js'
import { words } from '../words.js'
import { nameOf } from './document-desk.js'

/** Longest search, in UTF-16 units. */
const MAX_SEARCH = 200

/** Before the first answer; styled so that a quick one is not preceded by it. */
export function waitingPart(): TemplateResult {
  return html`<p class="waiting" role="status">${words().home.loading}</p>`
}

/** No document yet: what to do about it. */
export function emptyPart(trash: boolean): TemplateResult {
  const { home } = words()
  return html`<p class="empty">${trash ? home.trashEmpty : home.nothingYet}</p>`
}

/** The server has refused, or does not answer. */
export function failurePart(reason: string, retry: () => void): TemplateResult {
  return html`<div class="failure" role="alert">
    <p>${reason}</p>
    <button @click=${retry}>${words().home.retry}</button>
  </div>`
}

/** What was found, `null` while nothing is searched for. */
interface Found {
  readonly count: number | null
  readonly more: boolean
  readonly search: string
}

/** The field to search with, and how many were found. */
export function searchPart(
  { count, more, search }: Found,
  changed: (text: string) => void,
): TemplateResult {
  const { home } = words()
  return html`<input
      id="search"
      class="field"
      type="search"
      autocomplete="off"
      maxlength=${MAX_SEARCH}
      aria-label=${home.search}
      placeholder=${home.search}
      @input=${(event: Event) => changed((event.target as HTMLInputElement).value)}
    />
    <p id="found" class="dim" role="status">
      ${count === null ? nothing : home.found({ count, more, search })}
    </p>`
}

/** Without a server: the documents that can be opened all the same. */
export function keptPart(
  kept: readonly ListedDocument[],
  trash: boolean,
  retry: () => void,
): TemplateResult {
  const { home } = words()
  const none = trash ? home.trashOffline : home.noneKept
  return html`<div class="failure" role="status">
      <p>${kept.length === 0 || trash ? none : home.keptHere}</p>
      <button @click=${retry}>${home.retry}</button>
    </div>
    ${
      trash || kept.length === 0
        ? nothing
        : html`<ul class="documents" aria-label=${home.documents}>
            ${kept.map(
              (document) =>
                html`<li>
                  <a class="name" dir="auto" href=${pathOf(document.id)}>${nameOf(document)}</a>
                </li>`,
            )}
          </ul>`
    }`
}
