export {
  announcements,
  announceRemote,
  type Announcements,
  type AnnounceRemoteOptions,
} from './announce-remote.js'
export type { CursorPresence } from './awareness-presence.js'
export { collabText, type CollabTextOptions } from './collab-text.js'
export { collabUndo, redo, undo, undoDepth, type CollabUndoOptions } from './collab-undo.js'
export { followedBy, followPeer, following, type FollowingOptions } from './follow.js'
export type { Followed, FollowEnd } from './follow-state.js'
export type { FollowChange } from './follow-watch.js'
export { jumpToPeer } from './jump.js'
export { fitsDocument, type RefusedInsert } from './fits.js'
export {
  exportText,
  importText,
  lineEnding,
  setLineEnding,
  type LineEnding,
} from './line-ending.js'
export { othersWords, type OthersWords } from './others-words.js'
export { peerLooks, type KnownLook, type PeerLooks } from './peer-looks.js'
export { peerMarks } from './peer-marks.js'
export { peopleIn, type PersonHere } from './people.js'
export { remoteCursors, type RemoteCursorsOptions } from './remote-cursors.js'
export { editorText } from './shared-text.js'
export type { Drift } from './text-binding.js'
export { lookOf, type PeerLook } from './peer-state.js'
export { readOnlyByRoom, type ReadOnlyOptions } from './read-only.js'
export type { UndoDepth } from './undo-history.js'
export { sayWhoIsHere } from './who-is-here.js'
export { personOf, type Activity } from './who.js'
