import { html, type TemplateResult } from 'lit'
import { words } from './words.js'

/** Says on an open document that a link was of no use, and why. `done` is called when that was read. */
export function linkRefusedNote(fault: string, done: () => void): TemplateResult {
  const { linkRefused, done: read } = words().notes
  return html`<section id="link-refused" class="note" role="alert">
    <h2>${linkRefused.heading}</h2>
    <p>${fault} ${linkRefused.text}</p>
    <div class="buttons"><button @click=${done}>${read}</button></div>
  </section>`
}
