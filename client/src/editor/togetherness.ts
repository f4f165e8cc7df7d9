import type { Extension } from '@codemirror/state'
import { keymap, type EditorView } from '@codemirror/view'
import {
  announceRemote,
  following,
  peerMarks,
  sayWhoIsHere,
  type FollowChange,
} from '../codemirror/index.js'

/** What an editor does with others beside showing their cursors. */
export function togetherness(
  followed: (change: FollowChange, view: EditorView) => void,
): Extension {
  return [
    following({ onChange: followed }),
    peerMarks(),
    announceRemote(),
    // A key that writes nothing with any layout.
    keymap.of([{ key: 'Shift-F2', run: sayWhoIsHere, preventDefault: true }]),
  ]
}
