import { Room } from '@coscribe/client'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  checkMountOptions,
  checkSettings,
  type MountOptions,
} from '../../client/src/editor/editor-options.js'

const address = { url: 'ws://127.0.0.1:9', doc: 'minutes' }
/** Not connected: nothing is asked of its sockets. */
const room = new Room({ ...address, WebSocket })

it.each([
  [{}, 'url is missing; give room, or url and doc'],
  [{ url: address.url }, 'doc is missing'],
  [{ room, url: address.url }, 'both room and url were given'],
  [{ room: {} }, 'room is not a Room of this copy of @coscribe/client'],
  [{ ...address, lineNumber: true }, 'has no option "lineNumber"; it takes theme, '],
  [{ ...address, readonly: true }, 'has no option "readonly"; use readOnly'],
  [{ ...address, 'line-numbers': true }, 'use lineNumbers'],
  [{ ...address, theme: 'blue' }, 'theme is one of light, dark, auto, got "blue"'],
  [{ ...address, keymap: 'ed' }, 'keymap is one of default, vim, emacs, got "ed"'],
  [{ ...address, tabSize: 0 }, 'tabSize is a whole number from 1 to 16, got 0'],
  [{ ...address, tabSize: '4' }, 'tabSize is a whole number from 1 to 16, got "4"'],
  [{ ...address, languages: {} }, 'languages is a function, got an object'],
  [{ ...address, label: 'x'.repeat(1_000), wrap: 'off' }, 'wrap is true or false, got "off"'],
  [{ ...address, placeholder: null }, 'placeholder is a text, got null'],
  [{ ...address, constructor: 1 }, 'has no option "constructor"'],
])(
  '[E125] an option that cannot be is refused by name, with what is allowed: %j',
  (given, says) => {
    expect(() => checkMountOptions(given as unknown as MountOptions)).toThrow(says)
    expect(() => checkMountOptions(given as unknown as MountOptions)).toThrow(TypeError)
  },
)

it('[E125] what can be is taken', () => {
  checkMountOptions({ ...address, theme: 'dark', tabSize: 2, wrap: false, label: undefined })
  checkMountOptions({ room, extensions: [], languages: () => [], keymap: 'vim' })
  checkSettings({ readOnly: true, phrases: undefined })
  expect(() => checkSettings({ doc: 'other' } as never)).toThrow('has no option "doc"')
})
