import type { RefusedInsert } from '../codemirror/index.js'
import type { RoomFault } from '../room-error.js'
import type { Room } from '../room.js'
import type { RoomStatus } from '../sync-status.js'

/** What `<coscribe-editor>` tells of, by the names of its events; all of them bubble and leave shadow roots. */
export interface CoscribeEvents {
  /** The whole document is here. */
  'coscribe-ready': CustomEvent<{ readonly room: Room }>
  /** Something about connection or saving changed. */
  'coscribe-status': CustomEvent<RoomStatus>
  /** The text changed, here or elsewhere; one event for what changed in one turn. */
  'coscribe-change': CustomEvent<{ readonly origin: 'local' | 'remote' }>
  /** Something keeps the document from being connected or saved. */
  'coscribe-error': CustomEvent<RoomFault>
  /** What somebody wanted to write, paste or drop was not taken: the document would have become too large. */
  'coscribe-refused': CustomEvent<RefusedInsert>
}

type Detail<Name extends keyof CoscribeEvents> = CoscribeEvents[Name]['detail']

export function tell<Name extends keyof CoscribeEvents>(
  element: HTMLElement,
  name: Name,
  detail: Detail<Name>,
): void {
  element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
}

declare global {
  interface HTMLElementEventMap extends CoscribeEvents {}
}
