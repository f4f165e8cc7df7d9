import type { Extension } from '@codemirror/state'
import type { Announcements } from '../codemirror/index.js'
import type { TokenSource } from '../credential.js'
import { checkOptions, isFunction, isObject, isText, shown, type Expected } from '../mistakes.js'
import type { OfflineStore } from '../offline/offline-store.js'
import type { ElementPhrases } from '../phrases/phrases.js'
import type { PresenceState } from '../presence.js'
import { Room } from '../room.js'
import type { ResolveUsers } from './resolved-users.js'
import type { EditorTheme } from './theme.js'

/** The document: a room of one's own, or where to connect to. */
export type EditorSource =
  | {
      /** What `connect()` returned. It stays connected when the editor goes. */
      readonly room: Room
    }
  | {
      readonly room?: undefined
      /** The server: `ws:`, `wss:`, `http:` or `https:`; in a page it may be relative. */
      readonly url: string
      /** The document's id. */
      readonly doc: string
      /** Keeps a copy on this device; none by default. */
      readonly offline?: OfflineStore
      /** Says who this is, to a server that asks. */
      readonly token?: TokenSource
    }

/** Which keys do what. */
export type EditorKeymap = 'default' | 'vim' | 'emacs'

/** Brings what an editor needs for a name, such as a grammar; called when it is first wanted. */
export type ExtensionLoader = (name: string) => Extension | Promise<Extension>

/** What can be changed while an editor is open. */
export interface EditorSettings {
  /** `auto`, the default, follows the page's `color-scheme`. */
  readonly theme?: EditorTheme | undefined
  /** Nobody types here, whatever the server allows; `false` by default. It can still be selected and copied. */
  readonly readOnly?: boolean | undefined
  /** Neither typed in nor focused; `false` by default. */
  readonly disabled?: boolean | undefined
  /** Shown while there is no text. */
  readonly placeholder?: string | undefined
  /** The editor's name for assistive technology; the word for text by default. */
  readonly label?: string | undefined
  /** Which edits of others are read out; `nearby`, those near the caret, by default. */
  readonly announce?: Announcements | undefined
  /** What the editor says itself; English by default. Others come from `loadElementPhrases`. */
  readonly phrases?: ElementPhrases | undefined
  /** `false` by default. */
  readonly lineNumbers?: boolean | undefined
  /** Whether long lines are wrapped; `true` by default. Lines that are not are scrolled sideways. */
  readonly wrap?: boolean | undefined
  /** The width of a tab in characters, 1 to 16; 4 by default. */
  readonly tabSize?: number | undefined
  /** The language of the text, such as `markdown`, by a name that `languages` knows; plain text by default. */
  readonly language?: string | undefined
  /** Brings the grammars of languages. Without it every text is plain. */
  readonly languages?: ExtensionLoader | undefined
  /** `default` by default; the others by what `keymaps` brings. */
  readonly keymap?: EditorKeymap | undefined
  /** Brings the keys of Vim or Emacs. */
  readonly keymaps?: ExtensionLoader | undefined
  /**
   * Says who people are, by their ids: names, pictures and hues in the place of what they say themselves. Another function
   * is asked from then on, and what is known stays.
   */
  readonly resolveUsers?: ResolveUsers | undefined
  /** More CodeMirror extensions; they come before ours. Another value replaces them, so keep it the same one. */
  readonly extensions?: Extension | undefined
}

/** What an editor is opened with. */
export interface EditorSetup extends EditorSettings {
  /** The name of the shared text; `content` by default. */
  readonly field?: string | undefined
  /** What others see of who writes here, for example `{ name: 'Ada' }`. */
  readonly user?: PresenceState | undefined
}

export type MountOptions = EditorSource & EditorSetup

const aText: Expected = ['a text', isText]
const aFunction: Expected = ['a function', isFunction]
const anObject: Expected = ['an object', isObject]
const yesOrNo: Expected = ['true or false', (value) => typeof value === 'boolean']
const anything: Expected = ['anything', () => true]

function oneOf(...names: readonly string[]): Expected {
  return [`one of ${names.join(', ')}`, (value) => names.includes(value as string)]
}

const MAX_TAB = 16

/** Whether it is a width that a tab can have. */
export function isTabSize(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_TAB
}

const settings: Readonly<Record<keyof EditorSettings, Expected>> = {
  theme: oneOf('light', 'dark', 'auto'),
  readOnly: yesOrNo,
  disabled: yesOrNo,
  placeholder: aText,
  label: aText,
  announce: oneOf('off', 'nearby', 'all'),
  phrases: anObject,
  lineNumbers: yesOrNo,
  wrap: yesOrNo,
  tabSize: [`a whole number from 1 to ${MAX_TAB}`, isTabSize],
  language: aText,
  languages: aFunction,
  keymap: oneOf('default', 'vim', 'emacs'),
  keymaps: aFunction,
  resolveUsers: aFunction,
  extensions: anything,
}

const setup: Readonly<Record<string, Expected>> = {
  ...settings,
  field: aText,
  user: anObject,
  room: ['what connect() returned', isObject],
  url: aText,
  doc: aText,
  offline: anObject,
  token: ['a text or a function', (value) => isText(value) || isFunction(value)],
}

/**
 * Checks what an editor is to be opened with.
 *
 * @throws TypeError that names the option, what was given and what is allowed
 */
export function checkMountOptions(options: MountOptions): void {
  checkOptions('mountEditor(parent, options)', options, setup, [])
  const given = options as Partial<Record<'room' | 'url' | 'doc', unknown>>
  if (given.room !== undefined) checkRoom(given)
  else checkAddress(given)
}

/**
 * Checks what an open editor is to be changed to.
 *
 * @throws TypeError like {@link checkMountOptions}
 */
export function checkSettings(patch: EditorSettings): void {
  checkOptions('setOptions(patch)', patch, settings, [])
}

function checkRoom({ room, url }: { readonly room?: unknown; readonly url?: unknown }): void {
  // Of another copy of the client it would look right and share nothing with this one.
  if (!(room instanceof Room))
    throw new TypeError(
      `room is not a Room of this copy of @coscribe/client; give what connect() returned, not ${shown(room)}`,
    )
  if (url !== undefined)
    throw new TypeError('both room and url were given; give room, or url and doc')
}

function checkAddress({ url, doc }: { readonly url?: unknown; readonly doc?: unknown }): void {
  const given = { url, doc }
  for (const name of ['url', 'doc'] as const)
    if (given[name] === undefined || given[name] === '')
      throw new TypeError(
        `${name} is missing; give room, or url and doc: { url: 'wss://example.org', doc: 'minutes' }`,
      )
}
