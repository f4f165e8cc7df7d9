import { CoscribeAvatars } from './coscribe-avatars.js'
import { CoscribeEditor } from './coscribe-editor.js'
import { CoscribeStatus } from './coscribe-status.js'
import { defineElement } from './define-element.js'

/** Defines every element of ours. Harmless when called twice. */
export function defineElements(): void {
  defineElement('coscribe-status', CoscribeStatus)
  defineElement('coscribe-editor', CoscribeEditor)
  defineElement('coscribe-avatars', CoscribeAvatars)
}
