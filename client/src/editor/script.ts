// The one file that a page loads, by a script tag of either kind: everything is inside, the elements are defined when it
// ran, and the rest is in one global name.
import * as Y from 'yjs'
import { IndexedDbStore } from '../offline/indexed-db-store.js'
import { connect } from '../room.js'
import { codemirror } from './codemirror-parts.js'
// Not by the index, which knows of grammars: what could be loaded later is run by functions, and nothing of it is left out.
import { CoscribeAvatars } from './coscribe-avatars.js'
import { CoscribeEditor } from './coscribe-editor.js'
import { CoscribeStatus } from './coscribe-status.js'
import { defineElements } from './define.js'
import { mountEditor } from './mount.js'

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
