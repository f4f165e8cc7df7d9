import { CoscribeAvatars } from './coscribe-avatars.js'
import { CoscribeEditor } from './coscribe-editor.js'
import { CoscribeStatus } from './coscribe-status.js'

/** Defines `<coscribe-editor>`, `<coscribe-status>` and `<coscribe-avatars>`. Harmless when called twice. */
export function defineElements(): void {
  define('coscribe-editor', CoscribeEditor)
  define('coscribe-status', CoscribeStatus)
  define('coscribe-avatars', CoscribeAvatars)
}

function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element)
}
