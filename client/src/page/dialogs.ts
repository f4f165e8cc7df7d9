import { html, type TemplateResult } from 'lit'
import { closeButton } from './close-button.js'
import { MAX_NAME } from './person.js'
import { words } from './words.js'

/** What the keyboard does here, as pairs of keys (pressed together) and effect. */
function keys(mac: boolean): readonly (readonly [readonly string[], string])[] {
  const { help } = words().dialogs
  const { control, alt, enter, tab, escape, click } = help.keys
  const command = mac ? '⌘' : control
  return [
    [[command, 'Z'], help.undo],
    [mac ? ['⇧', '⌘', 'Z'] : [control, 'Y'], help.redo],
    [[command, 'A'], help.selectAll],
    [[mac ? '⌥' : alt, '↑ ↓'], help.moveLine],
    [[command, click], help.addCursor],
    [[enter], help.titleToText],
    [[tab], help.textToNext],
    [[escape], help.closeOpen],
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
