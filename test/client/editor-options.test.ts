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
  [{ ...address, lineNumber: true }, 'there is no option "lineNumber"; known are'],
  [{ ...address, readonly: true }, 'there is no option "readonly"; use readOnly'],
  [{ ...address, 'line-numbers': true }, 'use lineNumbers'],
  [{ ...address, theme: 'blue' }, 'theme is "blue"; give one of light, dark, auto'],
  [{ ...address, keymap: 'ed' }, 'keymap is "ed"; give one of default, vim, emacs'],
  [{ ...address, tabSize: 0 }, 'tabSize is 0; give a whole number from 1 to 16'],
  [{ ...address, tabSize: '4' }, 'tabSize is "4"; give a number'],
  [{ ...address, languages: {} }, 'languages is an object; give a function'],
  [{ ...address, label: 'x'.repeat(1_000), wrap: 'off' }, 'wrap is "off"; give a boolean'],
  [{ ...address, placeholder: null }, 'placeholder is null; give a string'],
  [{ ...address, constructor: 1 }, 'there is no option "constructor"'],
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
  expect(() => checkSettings({ doc: 'other' } as never)).toThrow('there is no option "doc"')
})
