import { html, nothing, type TemplateResult } from 'lit'
import { icon } from './icons.js'
import { MAX_NAME } from './person.js'
import { words } from './words.js'

/** What the keyboard does here, as pairs of keys (pressed together) and effect. */
function keys(mac: boolean): readonly (readonly [readonly string[], string])[] {
  const { help } = words().dialogs
  const { control, alt, shift, enter, tab, escape, click } = help.keys
  const command = mac ? '⌘' : control
  return [
    [[command, 'Z'], help.undo],
    [mac ? ['⇧', '⌘', 'Z'] : [control, 'Y'], help.redo],
    [[command, 'F'], help.find],
    [mac ? ['⇧', command, 'M'] : [command, shift, 'M'], help.preview],
    [[command, 'A'], help.selectAll],
    [[mac ? '⌥' : alt, '↑ ↓'], help.moveLine],
    [[command, click], help.addCursor],
    [[enter], help.titleToText],
    [[tab], help.textToNext],
    [[escape, tab], help.alwaysToNext],
    [mac ? ['⇧', '⌥', 'M'] : [control, 'M'], help.tabTo],
    [[escape], help.closeOpen],
    [['F1'], help.thisHelp],
  ]
}

export function helpDialog(mac: boolean): TemplateResult {
  const { dialogs } = words()
  const { help } = dialogs
  return html`<dialog id="help-dialog" aria-labelledby="help-heading">
    <h2 id="help-heading">${help.keyboard}</h2>
    <dl class="keys">
      ${keys(mac).map(
        ([pressed, effect]) =>
          html`<dt>${pressed.map((key) => html`<kbd>${key}</kbd>`)}</dt>
            <dd>${effect}</dd>`,
      )}
    </dl>
    <h2>${help.saved}</h2>
    <p>${help.savedMeans}</p>
    <div class="buttons">${closeButton(dialogs.close)}</div>
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
  const { cancel, name: phrases } = words().dialogs
  return html`<dialog id="name-dialog" aria-labelledby="name-heading">
    <h2 id="name-heading">${phrases.heading}</h2>
    <p id="name-hint">${phrases.hint}</p>
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
      ${closeButton(cancel)}<button class="primary" @click=${confirm}>${phrases.confirm}</button>
    </div>
  </dialog>`
}

/** For browsers that do not let a page use the clipboard. */
export function addressDialog(address: string, worth: string): TemplateResult {
  const { dialogs } = words()
  const phrases = dialogs.address
  return html`<dialog id="address-dialog" aria-labelledby="address-heading">
    <h2 id="address-heading">${phrases.heading}</h2>
    <p id="address-hint">${phrases.copy} ${worth}</p>
    <input
      class="field"
      readonly
      autofocus
      aria-labelledby="address-heading"
      aria-describedby="address-hint"
      .value=${address}
      @focus=${(event: FocusEvent) => (event.currentTarget as HTMLInputElement).select()}
    />
    <div class="buttons">${closeButton(dialogs.close)}</div>
  </dialog>`
}

/** @param done called when somebody wants to be signed out */
export function signOutDialog(who: string, losing: boolean, done: () => void): TemplateResult {
  const { cancel, signOut } = words().dialogs
  return html`<dialog id="sign-out-dialog" aria-labelledby="sign-out-heading">
    <h2 id="sign-out-heading">${signOut.heading}</h2>
    <p>${who === '' ? signOut.byToken : signOut.signedInAs(who)}</p>
    ${losing ? losingWork() : nothing}
    <div class="buttons">
      ${closeButton(cancel)}<button
        class="primary"
        @click=${(event: Event) => {
          close(event)
          done()
        }}
      >
        ${signOut.confirm}
      </button>
    </div>
  </dialog>`
}

/** Of a link that makes somebody else of who opens it. `done` is called when that is what they want. */
export function otherLinkDialog(
  { who, next, losing }: { who: string; next: string; losing: boolean },
  done: () => void,
): TemplateResult {
  const { otherLink } = words().dialogs
  return html`<dialog id="other-link-dialog" aria-labelledby="other-link-heading">
    <h2 id="other-link-heading">${otherLink.heading}</h2>
    <p>${otherLink.text({ who, next })}</p>
    ${losing ? losingWork() : nothing}
    <div class="buttons">
      <button autofocus @click=${close}>${otherLink.stay}</button
      ><button
        class="primary"
        @click=${(event: Event) => {
          close(event)
          done()
        }}
      >
        ${otherLink.confirm}
      </button>
    </div>
  </dialog>`
}

/** Another tab has signed in as somebody else, and this one has work that is nowhere else. */
export function replacedDialog(done: () => void): TemplateResult {
  const { replaced } = words().dialogs
  return html`<dialog id="replaced-dialog" aria-labelledby="replaced-heading">
    <h2 id="replaced-heading">${replaced.heading}</h2>
    <p>${replaced.text}</p>
    ${losingWork()}
    <div class="buttons">
      <button autofocus @click=${close}>${replaced.stay}</button
      ><button class="primary" @click=${done}>${replaced.confirm}</button>
    </div>
  </dialog>`
}

function losingWork(): TemplateResult {
  const { where, consequence } = words().dialogs.losing
  return html`<p><strong>${where}</strong> ${consequence}</p>`
}

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
