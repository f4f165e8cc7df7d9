import { html, nothing, type TemplateResult } from 'lit'
import { closeAround, closeButton } from './close-button.js'
import { words } from './words.js'

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
          closeAround(event)
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
      <button autofocus @click=${closeAround}>${otherLink.stay}</button
      ><button
        class="primary"
        @click=${(event: Event) => {
          closeAround(event)
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
      <button autofocus @click=${closeAround}>${replaced.stay}</button
      ><button class="primary" @click=${done}>${replaced.confirm}</button>
    </div>
  </dialog>`
}

function losingWork(): TemplateResult {
  const { where, consequence } = words().dialogs.losing
  return html`<p><strong>${where}</strong> ${consequence}</p>`
}
