// The one file that a page loads, by a script tag of either kind: everything is inside, the elements are defined when it
// ran, and the rest is in one global name.
import { connect, Y } from '../index.js'
import { IndexedDbStore } from '../offline/index.js'
import { codemirror } from './codemirror-parts.js'
import { defineElements } from './define.js'
import { CoscribeAvatars, CoscribeEditor, CoscribeStatus, mountEditor } from './index.js'

const everything = {
  codemirror,
  connect,
  CoscribeAvatars,
  CoscribeEditor,
  CoscribeStatus,
  IndexedDbStore,
  mountEditor,
  Y,
} as const

/** What the file puts into a page. */
export type CoscribeGlobal = typeof everything

const page = globalThis as { Coscribe?: CoscribeGlobal }
// A page that loads the file twice goes on with the elements, and so with the rest, of the first.
page.Coscribe ??= everything
defineElements()
