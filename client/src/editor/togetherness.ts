import type { Extension } from '@codemirror/state'
import { keymap } from '@codemirror/view'
import { announceRemote, following, peerMarks, sayWhoIsHere } from '../codemirror/index.js'
import { tell } from './events.js'

/** What an editor does with others beside showing their cursors. */
export const togetherness: Extension = [
  following({ onChange: (change, view) => tell(view.dom, 'coscribe-follow', change) }),
  peerMarks(),
  announceRemote(),
  // A key that writes nothing with any layout.
  keymap.of([{ key: 'Shift-F2', run: sayWhoIsHere, preventDefault: true }]),
]
