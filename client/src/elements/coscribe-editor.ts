// Importing this defines `<coscribe-editor>`, and what it shows around its text.
import './coscribe-status.js'
import { CoscribeEditor } from '../editor/coscribe-editor.js'
import { defineElement } from '../editor/define-element.js'

export { CoscribeEditor }

defineElement('coscribe-editor', CoscribeEditor)
