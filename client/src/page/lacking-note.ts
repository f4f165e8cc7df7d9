import { html, type TemplateResult } from 'lit'
import { words } from './words.js'

/** Says that something around the text could not be loaded, and offers to load the page afresh. */
export function lackingNote(): TemplateResult {
  const { heading, text, reload } = words().notes.lacking
  return html`<section class="note" aria-labelledby="lacking-heading" role="status">
    <h2 id="lacking-heading">${heading}</h2>
    <p>${text}</p>
    <div class="buttons"><button @click=${() => location.reload()}>${reload}</button></div>
  </section>`
}
