import { html, type TemplateResult } from 'lit'

/** Closes the dialog in which an event happened. */
export function closeAround(event: Event): void {
  ;(event.currentTarget as HTMLElement).closest('dialog')?.close()
}

/** The button that closes the dialog around it. */
export function closeButton(label: string): TemplateResult {
  return html`<button @click=${closeAround}>${label}</button>`
}
