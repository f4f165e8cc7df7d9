export type { Anchor, AnchoredRange } from './anchor.js'
export { CoscribeAvatars, type PeopleEditor } from './coscribe-avatars.js'
export { CoscribeEditor } from './coscribe-editor.js'
export { CoscribeStatus } from './coscribe-status.js'
export { defineElements } from './define.js'
export type { EditorEvents, EditorSelected, TextChanged } from './editor-events.js'
export type { EditorHandle } from './editor-handle.js'
export type {
  EditorKeymap,
  EditorSettings,
  EditorSetup,
  EditorSource,
  ExtensionLoader,
  MountOptions,
} from './editor-options.js'
export type { EditorStateName } from './editor-states.js'
export type { CoscribeEvents } from './events.js'
export { isTextLanguage, loadLanguage, textLanguages, type TextLanguage } from './languages.js'
export { mountEditor } from './mount.js'
export { loadElementPhrases } from '../phrases/element-languages.js'
export { languageFor, languages, type Language } from '../phrases/language-table.js'
export type { ElementPhrases } from '../phrases/phrases.js'
export type {
  KnownUsers,
  ResolvedUser,
  ResolvedUsers,
  ResolveUsers,
  UserLook,
  UsersRequest,
} from './resolved-users.js'
export { statusLine, type StatusLine, type StatusMoment, type StatusTone } from './status-line.js'
export type { EditorTheme } from './theme.js'
