import { html, type TemplateResult } from 'lit'
import { reasonOf, type Fault } from '../phrases/reasons.js'
import type { RoomStatus } from '../sync-status.js'
import { sentence } from './sign-in.js'
import { words } from './words.js'

/** What was written and not taken, for copying. */
export interface SetAside {
  readonly text: string
  /** Why the server did not take it. */
  readonly reason: Fault
}

const OWN_COPY = 'offline-copy-failed'

/** Why the server will never take what is written here, or `null`. */
export function lastingRefusal({ connection, save, error }: RoomStatus): Fault | null {
  const refused = connection === 'connected' && save === 'unsaved'
  if (!refused || error === null || error.retryable || error.code === OWN_COPY) return null
  return error
}

/** Offers to go on without what was refused. */
export function refusedPanel(reason: Fault, goOn: () => void): TemplateResult {
  const { refused, goOnWithout, setAside } = words().notes
  return html`<section class="note" aria-labelledby="refused-heading">
    <h2 id="refused-heading">${refused}</h2>
    <p>${told(reason)} ${goOnWithout}</p>
    <div class="buttons">
      <button id="set-aside" class="primary" @click=${goOn}>${setAside}</button>
    </div>
  </section>`
}

/** Why it was not taken, as a sentence. */
export function told(reason: Fault): string {
  return sentence(reasonOf(reason, words().status.reasons))
}
