import { createContext, useContext } from 'react'
import type { EditorHandle } from '../editor/editor-handle.js'
import type { OfflineStore } from '../offline/offline-store.js'
import type { Room } from '../room.js'
import type { TokenSource } from '../credential.js'
import type { OpenEditor } from './open-editor.js'

/** Where documents are. */
export interface ServerSetup {
  /** The server: `ws:`, `wss:`, `http:` or `https:`; in a page it may be relative. */
  readonly url: string
  /** Says who this is; another function is used from the next time on and connects nothing again. */
  readonly token?: TokenSource | undefined
  /** Keeps a copy of a document on this device; none by default. Asked once for each document that is opened. */
  readonly offline?: ((doc: string) => OfflineStore) | undefined
}

/** A document that is open, and the editor in it. */
export interface RoomContents {
  readonly room: Room
  readonly editor: OpenEditor<EditorHandle>
}

export const ServerContext = createContext<ServerSetup | null>(null)
export const RoomContext = createContext<RoomContents | null>(null)

/** @throws Error outside of a `<CoscribeRoom>` */
export function useRoomContents(): RoomContents {
  const contents = useContext(RoomContext)
  if (contents === null)
    throw new Error('there is no room here; put this component into <CoscribeRoom doc="…">')
  return contents
}
