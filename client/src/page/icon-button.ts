import { html, type TemplateResult } from 'lit'
import { icon } from './icons.js'

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
