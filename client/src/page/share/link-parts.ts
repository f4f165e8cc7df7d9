import { html, type TemplateResult } from 'lit'
import { exactTime, whenWill } from '../when.js'
import { words } from '../words.js'
import type { LinkLevel, SharedLink } from './links-api.js'

/** What a new link is to be. */
export interface NewLink {
  readonly level: LinkLevel
  readonly ttlSeconds: number
}

const HOUR_SECONDS = 3_600
const DAY_SECONDS = 24 * HOUR_SECONDS
/** How long a link may be good, in seconds, by the name of its words. */
const spans = {
  hour: HOUR_SECONDS,
  day: DAY_SECONDS,
  week: 7 * DAY_SECONDS,
  month: 30 * DAY_SECONDS,
} as const

/** Asks for a new link. */
export function newLinkForm(busy: boolean, make: (link: NewLink) => void): TemplateResult {
  const { share } = words()
  const names = Object.keys(spans) as (keyof typeof spans)[]
  const submit = (event: Event): void => {
    const form = (event.currentTarget as HTMLElement).closest('.new-link')
    const chosen = (id: string): string => form?.querySelector<HTMLSelectElement>(id)?.value ?? ''
    const span = names.find((name) => name === chosen('#link-span')) ?? 'week'
    const level = chosen('#link-level') === 'write' ? 'write' : 'read'
    make({ level, ttlSeconds: spans[span] })
  }
  return html`<div class="new-link">
    <label for="link-level">${share.level}</label>
    <select id="link-level" class="field">
      <option value="read">${share.levels.read}</option>
      <option value="write">${share.levels.write}</option>
    </select>
    <label for="link-span">${share.span}</label>
    <select id="link-span" class="field">
      ${names.map(
        (name) =>
          html`<option value=${name} ?selected=${name === 'week'}>${share.spans[name]}</option>`,
      )}
    </select>
    <button id="make-link" ?disabled=${busy} @click=${submit}>${share.make}</button>
  </div>`
}

/** What a row of the list of links needs. */
interface RowParts {
  /** Wall-clock milliseconds. */
  readonly now: number
  /** Somebody wants to take it back, and is asked whether. */
  readonly isDoubted: boolean
  readonly doubt: (is: boolean) => void
  readonly revoke: () => void
}

/** One link that is out. */
export function linkRow(link: SharedLink, parts: RowParts): TemplateResult {
  const { share } = words()
  const { lang } = document.documentElement
  const { level, expiresAt, id } = link
  const ends = share.ends(whenWill(expiresAt, parts.now, lang))
  return html`<li data-id=${id} class=${parts.isDoubted ? 'asks' : ''}>
    <span class="what" title=${exactTime(expiresAt, lang)}>
      ${parts.isDoubted ? share.reallyRevoke : `${share.levels[level]} · ${ends}`}
    </span>
    ${
      parts.isDoubted
        ? html`<button @click=${() => parts.doubt(false)}>${share.keep}</button>
            <button class="danger" @click=${parts.revoke}>${share.revoke}</button>`
        : html`<button
            aria-label=${share.revokeOf(share.levels[level], ends)}
            @click=${() => parts.doubt(true)}
          >
            ${share.revoke}
          </button>`
    }
  </li>`
}
