import { html, nothing, type TemplateResult } from 'lit'
import type { OwnLook } from './own-look.js'
import { MAX_NAME } from './person.js'
import { words } from './words.js'

/** Asks for a name and a hue; {@link openNameDialog} opens it. */
export function nameDialog(look: OwnLook): TemplateResult {
  const confirm = (event: Event): void => {
    const dialog = (event.currentTarget as HTMLElement).closest('dialog')
    const name = dialog?.querySelector<HTMLInputElement>('#name')?.value ?? ''
    const chosen = dialog?.querySelector<HTMLInputElement>('[name=hue]:checked')?.value
    const isOther = chosen !== undefined && Number(chosen) !== look.hue
    look.change(name, isOther ? Number(chosen) : null)
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
    ${nameField(look.isNameFixed, key)} ${hueField(key)}
    <div class="buttons">
      <button @click=${close}>${cancel}</button
      ><button class="primary" @click=${confirm}>${phrases.confirm}</button>
    </div>
  </dialog>`
}

/** Opens the dialog in `page` with how the person appears now. */
export function openNameDialog(page: ParentNode, look: OwnLook): void {
  const dialog = page.querySelector<HTMLDialogElement>('#name-dialog')
  const name = dialog?.querySelector<HTMLInputElement>('#name') ?? null
  if (name !== null) name.value = look.name
  const hue = dialog?.querySelector<HTMLInputElement>(`.hue[data-hue='${look.hue}']`) ?? null
  if (hue !== null) hue.checked = true
  dialog?.showModal()
}

function nameField(isFixed: boolean, key: (event: KeyboardEvent) => void): TemplateResult {
  const hint = isFixed ? words().people.nameIsFixed : words().dialogs.name.hint
  return html`<p id="name-hint">${hint}</p>
    <input
      id="name"
      class="field"
      type="text"
      autocomplete="nickname"
      aria-labelledby="name-heading"
      aria-describedby="name-hint"
      autofocus=${isFixed ? nothing : ''}
      maxlength=${MAX_NAME}
      ?readonly=${isFixed}
      @keydown=${key}
    />`
}

function hueField(key: (event: KeyboardEvent) => void): TemplateResult {
  const { colour, colours } = words().people
  return html`<fieldset class="hues" @keydown=${key}>
    <legend>${colour}</legend>
    ${colours.map(
      (name, hue) =>
        html`<input
          type="radio"
          name="hue"
          class="hue"
          data-hue=${hue}
          title=${name}
          aria-label=${name}
          value=${hue}
        />`,
    )}
  </fieldset>`
}

function close({ currentTarget }: Event): void {
  ;(currentTarget as HTMLElement).closest('dialog')?.close()
}
