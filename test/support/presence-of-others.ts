import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { ScriptedRoom } from './scripted-room.js'

/** Others come to a room, and say this of themselves. */
export function come({ room }: ScriptedRoom, ...states: readonly object[]): void {
  const first = 100 + room.presence.others.length
  for (const [i, state] of states.entries()) {
    const ydoc = new Y.Doc()
    ydoc.clientID = first + i
    const awareness = new Awareness(ydoc)
    awareness.setLocalState({ ...state })
    const update = encodeAwarenessUpdate(awareness, [ydoc.clientID])
    applyAwarenessUpdate(room.presence.awareness, update, 'wire')
    awareness.destroy()
  }
}
