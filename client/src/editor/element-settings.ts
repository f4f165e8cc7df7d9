import type { Announcements } from '../codemirror/index.js'
import type { ElementPhrases } from '../phrases/phrases.js'
import { isTabSize, type EditorKeymap, type EditorSettings } from './editor-options.js'
import type { EditorProperties } from './editor-properties.js'
import type { EditorTheme } from './theme.js'

/** What an element's attributes do not say themselves. */
export interface AroundElement {
  readonly phrases: ElementPhrases
  /** The texts of its `<label>`s; empty without one. */
  readonly labels: string
  /** Whether it, or what it is in, is disabled. */
  readonly isDisabled: boolean
}

const themes: ReadonlySet<unknown> = new Set<EditorTheme>(['light', 'dark', 'auto'])
const announcements: ReadonlySet<unknown> = new Set<Announcements>(['off', 'nearby', 'all'])
const keymaps: ReadonlySet<unknown> = new Set<EditorKeymap>(['default', 'vim', 'emacs'])

/** The options of an element's editor. Attributes may say anything; what cannot be is as if it were not there. */
export function settingsOf(element: EditorProperties, around: AroundElement): EditorSettings {
  const { theme, tabSize, keymap, label, announce } = element
  return {
    theme: themes.has(theme) ? theme : undefined,
    readOnly: element.readOnly === true,
    disabled: around.isDisabled,
    placeholder: element.placeholder ?? undefined,
    label: label || around.labels || undefined,
    announce: announcements.has(announce) ? announce : undefined,
    phrases: around.phrases,
    lineNumbers: element.lineNumbers === true,
    wrap: element.wrap !== 'off',
    tabSize: isTabSize(tabSize) ? tabSize : undefined,
    language: element.language ?? undefined,
    languages: element.languages,
    keymap: keymaps.has(keymap) ? keymap : undefined,
    keymaps: element.keymaps,
    resolveUsers: element.resolveUsers,
    extensions: element.extensions,
  }
}
