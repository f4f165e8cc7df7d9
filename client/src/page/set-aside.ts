import { html, type TemplateResult } from 'lit'
import type { RoomStatus } from '../sync-status.js'
import { sentence } from './sign-in.js'

/** What was written and not taken, for copying. */
export interface SetAside {
  readonly text: string
  /** Why the server did not take it. */
  readonly reason: string
}

const OWN_COPY = 'offline-copy-failed'

/** Why the server will never take what is written here, or `null`. */
export function lastingRefusal({ connection, save, error }: RoomStatus): string | null {
  const refused = connection === 'connected' && save === 'unsaved'
  if (!refused || error === null || error.retryable || error.code === OWN_COPY) return null
  return error.message === '' ? error.code : error.message
}

/** Offers to go on without what was refused. */
export function refusedPanel(reason: string, goOn: () => void): TemplateResult {
  return html`<section class="note" aria-labelledby="refused-heading">
    <h2 id="refused-heading">Your last changes were not taken</h2>
    <p>
      ${sentence(reason)} You can go on without them: the text as it stands here is then set aside,
      for you to copy from.
    </p>
    <div class="buttons">
      <button id="set-aside" class="primary" @click=${goOn}>Set my text aside and go on</button>
    </div>
  </section>`
}

export interface SetAsideActions {
  readonly copy: () => void
  readonly download: () => void
  readonly done: () => void
}

/** Shows what was set aside until its owner needs it no more. */
export function setAsidePanel(
  { text, reason }: SetAside,
  { copy, download, done }: SetAsideActions,
): TemplateResult {
  return html`<section class="note" aria-labelledby="aside-heading">
    <h2 id="aside-heading">Your text was set aside</h2>
    <p>It holds what was not taken, and is in this tab only. ${sentence(reason)}</p>
    <textarea
      id="aside"
      class="field"
      rows="6"
      readonly
      aria-labelledby="aside-heading"
      .value=${text}
    ></textarea>
    <div class="buttons">
      <button @click=${copy}>Copy text</button><button @click=${download}>Download</button
      ><button class="primary" @click=${done}>Done</button>
    </div>
  </section>`
}
