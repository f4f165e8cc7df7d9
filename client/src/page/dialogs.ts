import { html, nothing, type TemplateResult } from 'lit'
import { icon } from './icons.js'
import { MAX_NAME } from './person.js'

/** What the keyboard does here, as pairs of keys (pressed together) and effect. */
function keys(mac: boolean): readonly (readonly [readonly string[], string])[] {
  const command = mac ? '⌘' : 'Ctrl'
  return [
    [[command, 'Z'], 'Undo your own changes'],
    [mac ? ['⇧', '⌘', 'Z'] : ['Ctrl', 'Y'], 'Redo'],
    [[command, 'A'], 'Select everything'],
    [[mac ? '⌥' : 'Alt', '↑ ↓'], 'Move the line'],
    [[command, 'click'], 'Add a cursor'],
    [['Enter'], 'From the title to the text'],
    [['Tab'], 'From the text to the next control'],
    [['Esc'], 'Close what is open'],
  ]
}

export function helpDialog(mac: boolean): TemplateResult {
  return html`<dialog id="help-dialog" aria-labelledby="help-heading">
    <h2 id="help-heading">Keyboard</h2>
    <dl class="keys">
      ${keys(mac).map(
        ([pressed, effect]) =>
          html`<dt>${pressed.map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${effect}</dd>`,
      )}
    </dl>
    <h2>Saved</h2>
    <p>
      What you wrote is on the disk of the server. Without a connection it stays on this device,
      also when you close the page, and is sent as soon as you are back.
    </p>
    <div class="buttons">${closeButton('Close')}</div>
  </dialog>`
}

/** @param done called with the name when it is confirmed */
export function nameDialog(name: string, done: (name: string) => void): TemplateResult {
  const confirm = (event: Event): void => {
    const dialog = (event.currentTarget as HTMLElement).closest('dialog')
    done(dialog?.querySelector('input')?.value ?? '')
    dialog?.close()
  }
  const key = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.isComposing) return
    // Else the same key would press the button that has the focus once the dialog is closed.
    event.preventDefault()
    confirm(event)
  }
  return html`<dialog id="name-dialog" aria-labelledby="name-heading">
    <h2 id="name-heading">Your name</h2>
    <p id="name-hint">Others see it beside your cursor.</p>
    <input
      id="name"
      class="field"
      type="text"
      autofocus
      autocomplete="nickname"
      aria-labelledby="name-heading"
      aria-describedby="name-hint"
      maxlength=${MAX_NAME}
      .value=${name}
      @keydown=${key}
    />
    <div class="buttons">
      ${closeButton('Cancel')}<button class="primary" @click=${confirm}>Use this name</button>
    </div>
  </dialog>`
}

/** For browsers that do not let a page use the clipboard. */
export function addressDialog(address: string, worth: string): TemplateResult {
  return html`<dialog id="address-dialog" aria-labelledby="address-heading">
    <h2 id="address-heading">Share</h2>
    <p id="address-hint">Copy the address from here. ${worth}</p>
    <input
      class="field"
      readonly
      autofocus
      aria-labelledby="address-heading"
      aria-describedby="address-hint"
      .value=${address}
      @focus=${(event: FocusEvent) => (event.currentTarget as HTMLInputElement).select()}
    />
    <div class="buttons">${closeButton('Close')}</div>
  </dialog>`
}

/** @param done called when somebody wants to be signed out */
export function signOutDialog(who: string, losing: boolean, done: () => void): TemplateResult {
  return html`<dialog id="sign-out-dialog" aria-labelledby="sign-out-heading">
    <h2 id="sign-out-heading">Sign out</h2>
    <p>${who === '' ? 'You came with an access token.' : html`You are signed in as ${who}.`}</p>
    ${losing ? LOSING : nothing}
    <div class="buttons">
      ${closeButton('Cancel')}<button
        class="primary"
        @click=${(event: Event) => {
          close(event)
          done()
        }}
      >
        Sign out
      </button>
    </div>
  </dialog>`
}

/** Of a link that makes somebody else of who opens it. `done` is called when that is what they want. */
export function otherLinkDialog(
  { who, next, losing }: { who: string; next: string; losing: boolean },
  done: () => void,
): TemplateResult {
  return html`<dialog id="other-link-dialog" aria-labelledby="other-link-heading">
    <h2 id="other-link-heading">Go on as somebody else?</h2>
    <p>
      You are signed in as ${who}. The link that you opened is
      ${next === '' ? 'another person' : next}’s.
    </p>
    ${losing ? LOSING : nothing}
    <div class="buttons">
      <button autofocus @click=${close}>Stay</button
      ><button
        class="primary"
        @click=${(event: Event) => {
          close(event)
          done()
        }}
      >
        Use the link
      </button>
    </div>
  </dialog>`
}

/** Another tab has signed in as somebody else, and this one has work that is nowhere else. */
export function replacedDialog(done: () => void): TemplateResult {
  return html`<dialog id="replaced-dialog" aria-labelledby="replaced-heading">
    <h2 id="replaced-heading">This tab is not signed in any more</h2>
    <p>In another tab of this browser somebody else signed in, or you signed out.</p>
    ${LOSING}
    <div class="buttons">
      <button autofocus @click=${close}>Stay, to copy them</button
      ><button class="primary" @click=${done}>Go on without them</button>
    </div>
  </dialog>`
}

const LOSING = html`<p>
  <strong>Your last changes are only in this tab</strong> and would be lost.
</p>`

function close(event: Event): void {
  ;(event.currentTarget as HTMLElement).closest('dialog')?.close()
}

function closeButton(label: string): TemplateResult {
  return html`<button @click=${close}>${label}</button>`
}

/** A button that shows a drawing, and says what it does. */
export function iconButton(
  id: string,
  name: Parameters<typeof icon>[0],
  label: string,
  press: () => void,
): TemplateResult {
  return html`<button
    id=${id}
    class="icon-button"
    aria-label=${label}
    title=${label}
    @click=${press}
  >
    ${icon(name)}
  </button>`
}
