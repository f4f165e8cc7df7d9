import type { Extension } from '@codemirror/state'
import { LitElement, type PropertyDeclarations } from 'lit'
import type { Announcements } from '../codemirror/index.js'
import type { TokenSource } from '../credential.js'
import type { PresenceState } from '../presence.js'
import type { EditorKeymap, ExtensionLoader } from './editor-options.js'
import type { ResolveUsers } from './resolved-users.js'
import type { EditorTheme } from './theme.js'

/** What can be set on `<coscribe-editor>`, as attributes and properties. Everything takes effect at any time. */
export class EditorProperties extends LitElement {
  static override readonly properties: PropertyDeclarations = {
    url: {},
    doc: {},
    field: {},
    theme: {},
    label: {},
    placeholder: {},
    readOnly: { type: Boolean, attribute: 'readonly' },
    lineNumbers: { type: Boolean, attribute: 'line-numbers' },
    wrap: {},
    tabSize: { type: Number, attribute: 'tab-size' },
    language: {},
    keymap: {},
    features: {},
    announce: {},
    userName: { attribute: 'user-name' },
    userId: { attribute: 'user-id' },
    token: {},
    offlineCopy: { attribute: 'offline-copy' },
    name: { reflect: true },
    disabled: { type: Boolean, reflect: true },
    required: { type: Boolean, reflect: true },
    minLength: { type: Number, attribute: 'minlength' },
    maxLength: { type: Number, attribute: 'maxlength' },
    user: { attribute: false },
    languages: { attribute: false },
    keymaps: { attribute: false },
    resolveUsers: { attribute: false },
    extensions: { attribute: false },
  }

  /** The server's address. */
  declare url: string | undefined
  /** The document's id. */
  declare doc: string | undefined
  /** The name of the shared text; `content` by default. */
  declare field: string | undefined
  /** `light`, `dark` or `auto`, the default, which follows the page. */
  declare theme: EditorTheme | undefined
  /** What assistive technology calls it; the text of its `<label>` by default. */
  declare label: string | undefined
  /** Shown while there is no text. */
  declare placeholder: string | undefined
  /** Nobody types here, whatever the server allows. */
  declare readOnly: boolean | undefined
  /** Numbers before the lines. */
  declare lineNumbers: boolean | undefined
  /** `off`: long lines are scrolled sideways. */
  declare wrap: string | undefined
  /** The width of a tab in characters, 1 to 16; 4 by default. */
  declare tabSize: number | undefined
  /** The language of the text, such as `markdown`, by a name that `languages` knows. */
  declare language: string | undefined
  /** `default`, or `vim` or `emacs`, which `keymaps` brings. */
  declare keymap: EditorKeymap | undefined
  /** What is around the text: any of `toolbar`, `people` and `status`, with spaces between; nothing by default. */
  declare features: string | undefined
  /** Which edits of others are read out: `off`, `nearby` (those near the caret), the default, or `all`. */
  declare announce: Announcements | undefined
  /** The name that others see. */
  declare userName: string | undefined
  /**
   * Whose copy on this device it is; where several people use one browser, one does not send another's edits. Without it
   * the one whom a JSON web token names; where a function brings tokens no copy is kept without it.
   */
  declare userId: string | undefined
  /**
   * A token for servers that ask for one, or, as a property only, what brings one. Another one is used from the next
   * time on that one is needed, and at once where the last was refused. It is never written into an attribute.
   */
  declare token: TokenSource | undefined
  /** `off` keeps no copy on this device. */
  declare offlineCopy: string | undefined
  /** Under which name a form sends the text. */
  declare name: string | undefined
  /** Neither typed in, nor focused, nor sent. */
  declare disabled: boolean | undefined
  /** A form is not sent while the text is empty or not here. */
  declare required: boolean | undefined
  /** At least so many UTF-16 units, unless empty. */
  declare minLength: number | undefined
  /** At most so many UTF-16 units. More can be written; it is said, and not sent. */
  declare maxLength: number | undefined
  /** What others see of who writes here, for example `{ name: 'Ada' }`. */
  declare user: PresenceState | undefined
  /** Brings grammars, such as `loadLanguage`. */
  declare languages: ExtensionLoader | undefined
  /** Brings the keys of Vim or Emacs. */
  declare keymaps: ExtensionLoader | undefined
  /** Says who people are, by their ids: names, pictures and hues in the place of what they say themselves. */
  declare resolveUsers: ResolveUsers | undefined
  /** More CodeMirror extensions, made with the same copy of CodeMirror. Keep it the same value. */
  declare extensions: Extension | undefined
}
