export { CoscribeEditor } from './coscribe-editor.js'
export { CoscribeStatus } from './coscribe-status.js'
export { defineElements } from './define.js'
export type { CoscribeEvents } from './events.js'
export { isTextLanguage, loadLanguage, textLanguages, type TextLanguage } from './languages.js'
export {
  mountEditor,
  type EditorHandle,
  type EditorSettings,
  type EditorSetup,
  type EditorSource,
  type MountOptions,
} from './mount.js'
export { languageFor, languages, loadPhrases, type Language } from '../phrases/languages.js'
export type { Phrases } from '../phrases/phrases.js'
export { statusLine, type StatusLine, type StatusMoment, type StatusTone } from './status-line.js'
export type { EditorTheme } from './theme.js'
