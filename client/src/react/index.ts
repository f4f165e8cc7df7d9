'use client'

export type { ServerSetup } from './context.js'
export {
  CoscribeEditor,
  type CoscribeEditorCallbacks,
  type CoscribeEditorProps,
} from './editor-component.js'
export {
  useAccess,
  useLostConnection,
  useMyPresence,
  useOthers,
  useRoom,
  useSaveStatus,
  useSelf,
  useStatus,
  useText,
  useUndo,
  type LostConnection,
  type SaveStatusOptions,
  type ShownSaveStatus,
  type Undo,
} from './hooks.js'
export {
  CoscribeProvider,
  CoscribeRoom,
  type CoscribeProviderProps,
  type CoscribeRoomProps,
} from './room-component.js'
import './jsx.js'
