import { CoscribePreview } from './coscribe-preview.js'

export { CoscribePreview }

/** Defines `<coscribe-preview>`. Harmless when called twice. */
export function definePreview(): void {
  if (customElements.get('coscribe-preview') === undefined) {
    customElements.define('coscribe-preview', CoscribePreview)
  }
}
