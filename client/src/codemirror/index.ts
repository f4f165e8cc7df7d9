export type { CursorPresence } from './awareness-presence.js'
export { collabText, type CollabTextOptions } from './collab-text.js'
export { collabUndo, redo, undo, undoDepth, type CollabUndoOptions } from './collab-undo.js'
export { fitsDocument, type RefusedInsert } from './fits.js'
export {
  exportText,
  importText,
  lineEnding,
  setLineEnding,
  type LineEnding,
} from './line-ending.js'
export { remoteCursors, type RemoteCursorsOptions } from './remote-cursors.js'
export { editorText } from './shared-text.js'
export type { Drift } from './text-binding.js'
export { lookOf, type PeerLook } from './peer-state.js'
export { readOnlyByRoom, type ReadOnlyOptions } from './read-only.js'
export type { UndoDepth } from './undo-history.js'
